// The processes that a node has at a moment.

import type { Model } from './model.ts'
import { firstAfter } from './search.ts'
import { stateNames, states } from './states.ts'

export interface ShownProcess {
  readonly pid: number
  /** As ps prints it. */
  readonly title: string
  /** A place in `states`. */
  readonly state: number
  readonly doing: string
  readonly lane: number
}

/** In the order of their pids. */
export function processesAt(model: Model, node: string, time: number): readonly ShownProcess[] {
  const shown: ShownProcess[] = []
  model.lanes.forEach((each, lane) => {
    if (each.group !== node) return
    const life = each.lives.find(({ from, to }) => from <= time && time < to)
    if (!life) return
    const at = each.segments.at(time)
    const state = at < 0 ? 0 : each.segments.kinds[at]
    const label = at < 0 ? '' : each.segments.labels[at]
    const doing = states[state] === 'waiting' || states[state] === 'lock' ? label : stateNames[states[state]]
    shown.push({
      pid: life.pid,
      title: titleAt(model, { lane, pid: life.pid, from: life.from }, time),
      state,
      doing,
      lane,
    })
  })
  return shown.sort((one, other) => one.pid - other.pid)
}

function titleAt(
  model: Model,
  { lane, pid, from }: { readonly lane: number; readonly pid: number; readonly from: number },
  time: number,
): string {
  const places = model.eventsOfLane[lane]
  for (let at = firstAfter(places, model.firstEventAfter(time) - 1) - 1; at >= 0; at--) {
    const event = model.events[places[at]]
    if (event.time < from) break
    if (event.kind === 'process.titled' && event.pid === pid) return event.title.trim()
  }
  const { type } = model.lanes[lane]
  return type === 'postmaster' ? 'postgres' : `postgres: ${type}`
}
