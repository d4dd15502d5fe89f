// Why something happened: from an event, or from what a lane was doing at a moment, back through what led to it. A wait
// for a lock leads to who holds it, and to what that one was doing; everything else to the event that is its cause.

import { formatSeconds } from '../../../src/model/format.ts'
import { sentenceOf, type TraceEvent } from '../../../src/model/trace.ts'
import type { Selection } from '../view.ts'
import type { Model } from './model.ts'
import { firstAfter } from './search.ts'
import { stateNames, stateOf, states } from './states.ts'

export interface Step {
  readonly time: number
  /** The lane that it happened on; undefined for what concerns the whole run. */
  readonly lane?: number
  /** The place of the event; undefined for what a lane was doing. */
  readonly event?: number
  readonly text: string
}

const longest = 24

/** What is selected first, then what led to it, and so on. */
export function whyOf(model: Model, selection: Selection): readonly Step[] {
  const steps: Step[] = []
  const seen = new Set<number>()
  const first = 'event' in selection ? selection.event : eventBehind(model, selection, steps)
  for (let at = first; at !== undefined && !seen.has(at) && steps.length < longest; ) {
    seen.add(at)
    const event = model.events[at]
    steps.push(stepOf(model, at))
    at = next(model, event, at, steps)
  }
  return steps
}

export function stepOf(model: Model, at: number): Step {
  const event = model.events[at]
  const lane = model.laneOf[at]
  return { time: event.time, event: at, text: sentenceOf(event), ...(lane < 0 ? {} : { lane }) }
}

function next(model: Model, event: TraceEvent, at: number, steps: Step[]): number | undefined {
  if (event.kind === 'lock.waited') return behindBlocker(model, event, event.blocker, steps)
  if (event.kind === 'step.waited') return ofBackend(model, at) ?? model.placeOf(event.cause)
  // A step was asked for: nothing before it is to blame.
  if (event.kind === 'step.started') return undefined
  return model.placeOf(event.cause)
}

/** A step waits because its backend does. */
function ofBackend(model: Model, at: number): number | undefined {
  const own = model.events[at]
  const client = model.lanes[model.laneOf[at]]?.type
  for (let before = at - 1; before >= 0; before--) {
    const event = model.events[before]
    if (event.kind !== 'lock.waited' || event.node !== own.node) continue
    if (clientOf(model, event.node, event.pid!, before) === client) return before
  }
  return undefined
}

function clientOf(model: Model, node: string | undefined, pid: number, from: number): string | undefined {
  for (let at = from; at >= 0; at--) {
    const event = model.events[at]
    if (event.kind === 'client.connected' && event.node === node && event.backend === pid) return event.client
  }
  return undefined
}

/** Whoever holds the lock: what it was doing then, and the event behind that. */
function behindBlocker(model: Model, { node, time }: TraceEvent, pid: number, steps: Step[]): number | undefined {
  const lane = model.lanes.findIndex(
    each => each.group === node && each.lives.some(life => life.pid === pid && life.from <= time && time <= life.to),
  )
  return lane < 0 ? undefined : eventBehind(model, { lane, time }, steps)
}

/** Says what the lane was doing, and gives the event that made it so. */
function eventBehind(
  model: Model,
  { lane, time }: { readonly lane: number; readonly time: number },
  steps: Step[],
): number | undefined {
  const { segments, group } = model.lanes[lane]
  const places = model.eventsOfLane[lane]
  const at = segments.at(time)
  const began = at < 0 ? 0 : segments.starts[at]
  const kind = at < 0 ? stateOf.absent : segments.kinds[at]
  const reason = reasonOf(model, places, kind, firstAfter(places, lastBefore(model, time)) - 1)
  // The event says it all, and goes on to whoever holds the lock.
  if (kind === stateOf.lock && reason !== undefined) return reason
  const doing = segments.labels[at] || stateNames[states[kind]]
  const text = `${doing}, for ${formatSeconds(Math.round(time - began))}`
  steps.push({ time: Math.max(began, 0), lane, text })
  const life = model.lanes[lane].lives.find(({ from, to }) => from <= time && time <= to)
  const client = life && clientOf(model, group, life.pid, lastBefore(model, time))
  return (client !== undefined && stepBefore(model, client, time)) || reason
}

/** What the client of a backend asked for last, if it is a session with steps. */
function stepBefore(model: Model, client: string, time: number): number | undefined {
  const lane = model.lanes.findIndex(({ kind, type }) => kind === 'client' && type === client)
  const places = model.eventsOfLane[lane] ?? []
  for (let at = firstAfter(places, lastBefore(model, time)) - 1; at >= 0; at--) {
    if (model.events[places[at]].kind === 'step.started') return places[at]
  }
  return undefined
}

function lastBefore({ times }: Model, time: number): number {
  return firstAfter(times, time) - 1
}

/** Of the lane's events up to the one at `from`, the last that explains this state. */
function reasonOf(model: Model, places: Int32Array, kind: number, from: number): number | undefined {
  for (let at = from; at >= 0; at--) {
    const event = model.events[places[at]]
    if (explains(event, kind)) return places[at]
  }
  return undefined
}

function explains({ kind }: TraceEvent, state: number): boolean {
  if (state === stateOf.lock) return kind === 'lock.waited' || kind === 'step.waited'
  if (state === stateOf.absent)
    return kind === 'process.exited' || kind === 'client.error' || kind === 'node.down' || kind === 'client.finished'
  return !kind.endsWith('.sampled')
}
