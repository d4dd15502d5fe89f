// What goes between lanes, as arrows. In a crowd each pair of lanes has one arrow a pixel, and there is a limit.

import type { Arrow } from '../model/arrows.ts'
import { firstFrom } from '../model/search.ts'
import { middleOf, type Pen } from './pen.ts'

const most = 600

/** The longest an arrow is under way, for finding those that began before the stretch; later ones are cut off. */
const reach = 2e9

export function drawArrows(pen: Pen): void {
  const { model, scale } = pen
  const times = timesOf(model.arrows)
  const seen = new Set<string>()
  const last = firstFrom(times, scale.to)
  const first = firstFrom(times, scale.from - Math.min(reach, scale.to - scale.from))
  const step = Math.max(1, Math.floor((last - first) / 20_000))
  for (let at = first; at < last && seen.size < most; at += step) {
    const arrow = model.arrows[at]
    if (arrow.arrives < scale.from) continue
    // Messages are seen only where there is room for them.
    if (isMessage(arrow) && last - first > most) continue
    const key = `${arrow.from} ${arrow.to} ${arrow.kind} ${Math.round(scale.x(arrow.time) / 3)}`
    if (seen.has(key)) continue
    seen.add(key)
    drawArrow(pen, arrow)
  }
}

const known = new WeakMap<readonly Arrow[], Float64Array>()

function timesOf(arrows: readonly Arrow[]): Float64Array {
  const times = known.get(arrows) ?? Float64Array.from(arrows, ({ time }) => time)
  known.set(arrows, times)
  return times
}

function isMessage({ kind }: Arrow): boolean {
  return kind === 'wal'
}

function drawArrow(pen: Pen, arrow: Arrow): void {
  const { context, scale, palette, clip } = pen
  const [from, to] = [middleOf(pen, arrow.from), middleOf(pen, arrow.to)]
  if (from === undefined || to === undefined || from === to) return
  if (Math.max(from, to) < clip.top || Math.min(from, to) > clip.bottom) return
  const [left, right] = [scale.x(arrow.time), scale.x(arrow.arrives)]
  const isLock = arrow.kind === 'lock'
  const bulge = right - left >= 2 ? 0 : isLock ? -30 : Math.min(14, Math.abs(to - from) / 5)
  context.strokeStyle = palette.arrows[arrow.kind]
  context.fillStyle = palette.arrows[arrow.kind]
  context.lineWidth = isLock ? 2.5 : arrow.kind === 'signal' ? 1.6 : 1
  context.globalAlpha = isLock || arrow.kind === 'signal' ? 1 : 0.6
  if (isLock) context.setLineDash([5, 3])
  context.beginPath()
  context.moveTo(left, from)
  context.quadraticCurveTo((left + right) / 2 - bulge, (from + to) / 2, right, to)
  context.stroke()
  context.setLineDash([])
  const angle = Math.atan2((to - from) / 2, right - ((left + right) / 2 - bulge))
  head(context, right, to, angle, isLock ? 10 : 6)
  context.globalAlpha = 1
}

export function head(context: CanvasRenderingContext2D, x: number, y: number, angle: number, size = 6): void {
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x - size * Math.cos(angle - 0.45), y - size * Math.sin(angle - 0.45))
  context.lineTo(x - size * Math.cos(angle + 0.45), y - size * Math.sin(angle + 0.45))
  context.fill()
}
