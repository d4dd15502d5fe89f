// The way back from what is selected to what led to it: a numbered line over the lanes.

import type { Step } from '../model/why.ts'
import { head } from './arrows.ts'
import { fonts, middleOf, type Pen } from './pen.ts'

interface Place {
  readonly x: number
  readonly y: number
}

export function drawCauses(pen: Pen, steps: readonly Step[], top: number): void {
  const { context, palette } = pen
  const places = steps.map(step => placeOf(pen, step, top))
  context.strokeStyle = palette.cause
  context.fillStyle = palette.cause
  context.lineWidth = 2.5
  for (let at = 0; at + 1 < places.length; at++) {
    const [to, from] = [places[at], places[at + 1]]
    const bend = Math.abs(from.x - to.x) < 30 ? 26 : 0
    context.beginPath()
    context.moveTo(from.x, from.y)
    context.quadraticCurveTo((from.x + to.x) / 2 - bend, (from.y + to.y) / 2, to.x, to.y)
    context.stroke()
    head(context, to.x, to.y, Math.atan2((to.y - from.y) / 2, (to.x - from.x) / 2 + bend), 11)
  }
  context.font = fonts.strong
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const seen = new Map<string, number>()
  places.forEach(({ x, y }, at) => {
    // Steps of one place stand beside each other.
    const key = `${Math.round(x / 8)} ${Math.round(y / 8)}`
    const shift = (seen.get(key) ?? 0) * 18
    seen.set(key, (seen.get(key) ?? 0) + 1)
    context.fillStyle = palette.cause
    context.beginPath()
    context.arc(x + shift, y, 9, 0, 7)
    context.fill()
    context.fillStyle = palette.paper
    context.fillText(String(at + 1), x + shift, y + 0.5)
  })
  context.textAlign = 'left'
}

/** What is out of sight stands at the edge. */
function placeOf(pen: Pen, { time, lane }: Step, top: number): Place {
  const { scale, clip } = pen
  const x = Math.min(scale.right - 10, Math.max(scale.left + 10, scale.x(time)))
  const y = lane === undefined ? top : (middleOf(pen, lane) ?? top)
  return { x, y: Math.min(clip.bottom - 10, Math.max(top, y)) }
}
