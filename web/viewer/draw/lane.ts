// One lane: bars for what it was doing. Where bars would be narrower than pixels, each column of pixels shows how the
// time in it was spent, as a stack.

import type { Lane } from '../model/lanes.ts'
import { stateOf, states } from '../model/states.ts'
import { fitted, fonts, hatch, type Pen } from './pen.ts'
import type { Row } from './rows.ts'

/** A column's width where bars are too narrow, in pixels. */
const column = 2

const spent = new Float64Array(states.length)

/** What is drawn from the bottom of a stack up: what is rare and matters comes first, so that it is never hidden. */
const stacking = ['lock', 'stopped', 'waiting', 'running', 'transaction', 'idle'] as const

const hatched = new Set([stateOf.lock, stateOf.transaction, stateOf.stopped])

export function drawLane(pen: Pen, lane: Lane, row: Row): void {
  const { scale } = pen
  const { segments } = lane
  if (segments.starts.length === 0) return
  const first = Math.max(0, segments.at(scale.from))
  const last = segments.at(scale.to)
  if (last < first) return
  const top = pen.top + row.top + (row.isHeader ? 3 : 2)
  const height = row.height - (row.isHeader ? 6 : 4)
  if (last - first < (scale.right - scale.left) / 3) drawBars(pen, lane, { first, last, top, height })
  else drawColumns(pen, lane, top, height)
}

function drawBars(
  pen: Pen,
  { segments, kind: laneKind }: Lane,
  {
    first,
    last,
    top,
    height,
  }: { readonly first: number; readonly last: number; readonly top: number; readonly height: number },
): void {
  const { context, scale, palette } = pen
  context.font = fonts.small
  context.textBaseline = 'middle'
  for (let at = first; at <= last; at++) {
    const kind = segments.kinds[at]
    const left = Math.max(scale.left, scale.x(segments.starts[at]))
    const right = Math.min(scale.right, scale.x(Math.min(segments.endOf(at), pen.model.end)))
    const width = Math.max(1, right - left)
    if (kind === stateOf.absent) {
      context.fillStyle = palette.error
      if (segments.labels[at] !== '') {
        context.fillText(fitted(context, `down: ${segments.labels[at]}`, width - 8), left + 6, top + height / 2 + 0.5)
      }
      continue
    }
    context.fillStyle = palette.states[states[kind]]
    context.fillRect(left, top, width, height)
    if (hatched.has(kind) && width > 3) {
      context.fillStyle = hatch(context, 'rgba(255,255,255,0.28)')
      context.fillRect(left, top, width, height)
    }
    if (width > 34 && segments.labels[at] !== '' && (laneKind === 'node' || kind !== stateOf.idle)) {
      context.fillStyle = palette.onStates[states[kind]]
      context.fillText(fitted(context, segments.labels[at], width - 8), left + 4, top + height / 2 + 0.5)
    }
  }
}

function drawColumns(pen: Pen, { segments }: Lane, top: number, height: number): void {
  const { context, scale, palette, model } = pen
  for (const state of stacking) {
    context.fillStyle = palette.states[state]
    const kind = stateOf[state]
    for (let x = scale.left; x < scale.right; x += column) {
      const from = scale.time(x)
      const to = Math.min(model.end, scale.time(x + column))
      if (to <= from) break
      segments.spent(from, to, spent)
      if (spent[kind] === 0) continue
      let below = 0
      for (const each of stacking) {
        if (each === state) break
        below += spent[stateOf[each]]
      }
      const part = (spent[kind] / (to - from)) * height
      const bottom = top + height - (below / (to - from)) * height
      context.fillRect(x, bottom - part, column, part)
    }
  }
}
