// What is under the mouse: a header, a flag, an event's mark, or what a lane was doing.

import { formatMoment, formatSeconds } from '../../src/model/format.ts'
import { sentenceOf } from '../../src/model/trace.ts'
import { flagHeight } from './draw/moments.ts'
import type { Pen } from './draw/pen.ts'
import { axisHeight, gutter, lanesTop } from './draw/picture.ts'
import { firstFrom } from './model/search.ts'
import { stateNames, states } from './model/states.ts'
import type { Selection } from './view.ts'

export type Hit =
  | { readonly kind: 'header'; readonly group: string; readonly text: string }
  | { readonly kind: 'thing'; readonly selection: Selection; readonly time: number; readonly text: string }

/** How near the mouse must be to a mark, in pixels. */
const reach = 6

export function hitAt(pen: Pen, x: number, y: number): Hit | undefined {
  if (y < axisHeight) return undefined
  if (y < lanesTop) return flagAt(pen, x, y)
  const row = pen.rows.rows.find(each => pen.top + each.top <= y && y < pen.top + each.top + each.height)
  if (!row) return undefined
  if (x < gutter)
    return row.isHeader
      ? { kind: 'header', group: row.group, text: 'show all, fold all, leave out the quiet ones' }
      : undefined
  return row.lane === undefined ? undefined : (markAt(pen, row.lane, x) ?? stateAt(pen, row.lane, x))
}

function flagAt({ model, scale }: Pen, x: number, y: number): Hit | undefined {
  const near = model.moments.filter(({ time }) => scale.x(time) <= x && x < scale.x(time) + 260)
  const level = Math.floor((y - axisHeight) / flagHeight)
  const moment = near.at(-1 - Math.min(level, near.length - 1)) ?? near.at(-1)
  if (!moment) return undefined
  const { time, event, text } = moment
  return event === undefined ? undefined : { kind: 'thing', selection: { event }, time, text }
}

/** Of the marks in reach the one that matters most; a tick where there is no mark. */
function markAt({ model, scale }: Pen, lane: number, x: number): Hit | undefined {
  const [from, until] = [scale.time(x - reach), scale.time(x + reach)]
  for (const places of [model.marksOfLane[lane], model.ticksOfLane[lane]]) {
    let best: number | undefined
    for (let at = firstFrom(places, firstFrom(model.times, from)); at < places.length; at++) {
      if (model.times[places[at]] > until) break
      if (best === undefined || weight(model.events[places[at]].kind) > weight(model.events[best].kind))
        best = places[at]
    }
    if (best === undefined) continue
    const { time } = model.events[best]
    const text = `${formatMoment(time)}  ${sentenceOf(model.events[best])}`
    return { kind: 'thing', selection: { event: best }, time, text }
  }
  return undefined
}

function weight(kind: string): number {
  if (/^(process\.exited|client\.error|lock\.waited|step\.waited|commit\.lost)$/.test(kind)) return 3
  return kind === 'log.line' || kind === 'process.started' ? 2 : 1
}

function stateAt({ model, scale }: Pen, at: number, x: number): Hit {
  const time = scale.time(x)
  const lane = model.lanes[at]
  const { segments } = lane
  const place = segments.at(time)
  const kind = place < 0 ? 0 : segments.kinds[place]
  const life = lane.lives.find(({ from, to }) => from <= time && time <= to)
  const name = `${lane.label}${life ? ` ${life.pid}` : ''}`
  const doing = place < 0 ? '' : segments.labels[place]
  const until = place < 0 ? time : Math.min(model.end, segments.endOf(place))
  const lasts = place < 0 ? '' : ` · ${formatSeconds(Math.round(until - segments.starts[place]))}`
  const what =
    doing === '' || doing === stateNames[states[kind]]
      ? stateNames[states[kind]]
      : `${stateNames[states[kind]]}: ${doing}`
  return { kind: 'thing', selection: { lane: at, time }, time, text: `${name}  ${what}${lasts}` }
}
