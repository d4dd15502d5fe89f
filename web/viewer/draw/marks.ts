// What happened on a lane at a moment: births and deaths, log lines, errors, commits. Marks that would stand on the same
// pixel are drawn once; text stands beside a mark where there is room up to the next.

import { sentenceOf, type TraceEvent } from '../../../src/model/trace.ts'
import { type Lane, nameOf } from '../model/lanes.ts'
import type { Model } from '../model/model.ts'
import { firstFrom } from '../model/search.ts'
import { fitted, fonts, type Pen } from './pen.ts'
import type { Row } from './rows.ts'

interface Mark {
  readonly x: number
  shape: 'birth' | 'death' | 'killed' | 'log' | 'warning' | 'error'
  text: string
}

/** How far apart marks with text must stand. */
const nearest = 3

/** More marks than this on a lane in sight: only every so many is looked at. */
const many = 4000

export function drawMarks(pen: Pen, laneAt: number, row: Row): void {
  const { model, scale } = pen
  const lane = model.lanes[laneAt]
  const middle = pen.top + row.top + row.height / 2
  drawTicks(pen, model.ticksOfLane[laneAt], pen.top + row.top + row.height)
  const places = model.marksOfLane[laneAt]
  const first = firstPlace(pen, places, scale.from)
  const last = firstPlace(pen, places, scale.to)
  const marks: Mark[] = []
  const step = last - first > many ? Math.ceil((last - first) / many) : 1
  for (let at = first; at < last; at += step) {
    const mark = markOf(pen, lane, model.events[places[at]])
    if (!mark) continue
    const before = marks.at(-1)
    if (before && mark.x - before.x < nearest) merge(before, mark)
    else marks.push(mark)
  }
  for (const mark of marks) drawShape(pen, mark, middle)
  drawTexts(pen, lane, marks, middle)
}

function firstPlace({ model }: Pen, places: Int32Array, time: number): number {
  const event = firstFrom(model.times, time)
  return firstFrom(places, event)
}

/** Commits and blocks written: too many for marks, so they are small ticks at the foot of the lane, one a pixel. */
function drawTicks(pen: Pen, places: Int32Array, bottom: number): void {
  const { context, model, scale, palette } = pen
  context.fillStyle = palette.commit
  for (let at = firstPlace(pen, places, scale.from); at < places.length; ) {
    const x = scale.x(model.times[places[at]])
    if (x > scale.right) return
    context.fillRect(Math.round(x) - 0.5, bottom - 4, 1, 4)
    at++
    if (at < places.length && scale.x(model.times[places[at]]) < x + 2) at = firstPlace(pen, places, scale.time(x + 2))
  }
}

function markOf({ model, scale }: Pen, { lives }: Lane, event: TraceEvent): Mark | undefined {
  const x = scale.x(event.time)
  switch (event.kind) {
    case 'process.started': {
      const life = lives.find(({ pid, from }) => pid === event.pid && from === event.time)
      return { x, shape: 'birth', text: life ? nameOf(life) : `${event.pid}` }
    }
    case 'process.exited':
      if (event.signal !== undefined) return { x, shape: 'killed', text: `killed by ${event.signal}` }
      return { x, shape: 'death', text: endOf(model, event) }
    case 'log.line':
      return { x, shape: shapeOf(event.level), text: event.level === 'LOG' ? event.message : sentenceOf(event) }
    case 'client.error':
      return { x, shape: 'error', text: event.message }
    case 'client.connected':
      return { x, shape: 'birth', text: '' }
    case 'step.finished':
      return event.sqlstate === undefined ? undefined : { x, shape: 'error', text: event.message ?? event.sqlstate }
    case 'commit.lost':
    case 'commit.ghost':
    case 'archive.failed':
      return { x, shape: 'error', text: sentenceOf(event) }
    case 'timeline.switched':
    case 'recovery.consistent':
    case 'replication.state':
    case 'slot.changed':
      return { x, shape: 'log', text: sentenceOf(event) }
    default:
      return undefined
  }
}

/** How it ended, and the signal that made it. */
function endOf(model: Model, { code, cause }: TraceEvent<'process.exited'>): string {
  const place = model.placeOf(cause)
  const reason = place === undefined ? undefined : model.events[place]
  const end = code === 0 ? 'done' : `exit ${code ?? ''}`.trim()
  return reason?.kind === 'signal.sent' ? `${reason.signal}: ${end}` : end
}

function shapeOf(level: string): Mark['shape'] {
  if (level === 'ERROR' || level === 'FATAL' || level === 'PANIC') return 'error'
  return level === 'WARNING' ? 'warning' : 'log'
}

const rank = { log: 0, birth: 1, death: 2, warning: 3, error: 4, killed: 5 } as const

function merge(mark: Mark, other: Mark): void {
  if (rank[other.shape] > rank[mark.shape]) mark.shape = other.shape
  if (other.text !== '' && !mark.text.includes(other.text))
    mark.text = mark.text === '' ? other.text : `${mark.text} · ${other.text}`
}

function drawShape({ context, palette }: Pen, { x, shape }: Mark, y: number): void {
  context.lineWidth = 2
  switch (shape) {
    case 'birth':
      context.fillStyle = palette.arrows.fork
      context.beginPath()
      context.arc(x, y, 3.5, 0, 7)
      context.fill()
      return
    case 'death':
    case 'killed':
      context.strokeStyle = shape === 'killed' ? palette.error : palette.faint
      context.lineWidth = shape === 'killed' ? 3 : 2
      context.beginPath()
      for (const side of [-1, 1]) {
        context.moveTo(x - 4, y - 4 * side)
        context.lineTo(x + 4, y + 4 * side)
      }
      context.stroke()
      return
    case 'log':
      context.fillStyle = palette.ink
      context.fillRect(x - 1, y - 6, 2, 12)
      return
    default:
      context.fillStyle = shape === 'error' ? palette.error : palette.warning
      context.beginPath()
      context.moveTo(x, y - 6)
      context.lineTo(x + 6, y + 5)
      context.lineTo(x - 6, y + 5)
      context.fill()
  }
}

function drawTexts(pen: Pen, lane: Lane, marks: readonly Mark[], middle: number): void {
  const { context, palette, scale } = pen
  context.font = fonts.small
  context.textBaseline = 'middle'
  marks.forEach((mark, at) => {
    const left = mark.x + 8
    const next = marks[at + 1]?.x ?? scale.right
    // A checkpoint's band says what its log lines say.
    const isSaid = mark.text === '' || (lane.type === 'checkpointer' && mark.shape === 'log')
    const text = isSaid ? '' : fitted(context, mark.text, next - left - 10)
    if (text === '') return
    const width = context.measureText(text).width
    if (lane.kind !== 'client' || mark.shape === 'error') {
      context.globalAlpha = 0.82
      context.fillStyle = palette.paper
      context.fillRect(left - 2, middle - 7, width + 4, 14)
      context.globalAlpha = 1
    }
    context.fillStyle =
      mark.shape === 'error' || mark.shape === 'killed'
        ? palette.error
        : mark.shape === 'warning'
          ? palette.warning
          : palette.ink
    context.fillText(text, left, middle + 0.5)
  })
}
