// The moments that the whole run turns on, as flags above the lanes with a line down through all of them; and the bands
// of checkpoints and vacuums behind them.

import { signs } from '../model/moments.ts'
import { fitted, fonts, middleOf, type Pen } from './pen.ts'

/** How many flags may stand above one another. */
const levels = 2
export const flagHeight = 18
export const flagsHeight = levels * flagHeight + 2

export function drawMoments(pen: Pen, top: number, bottom: number): void {
  const { context, model, scale, palette } = pen
  const free = new Array<number>(levels).fill(Number.NEGATIVE_INFINITY)
  const visible = model.moments.filter(({ time }) => time >= scale.from && time <= scale.to)
  context.font = fonts.mark
  context.textBaseline = 'middle'
  visible.forEach((moment, at) => {
    const x = scale.x(moment.time)
    const colour = palette.moments[moment.kind]
    const isStrong = moment.kind === 'fault' || moment.kind === 'failed'
    context.strokeStyle = colour
    context.lineWidth = isStrong ? 2 : 1
    context.setLineDash(isStrong ? [] : [2, 4])
    context.beginPath()
    context.moveTo(x, top)
    context.lineTo(x, bottom)
    context.stroke()
    context.setLineDash([])
    const level = free.findIndex(until => until <= x)
    if (level < 0) return
    const next = visible[at + levels] ? scale.x(visible[at + levels].time) : scale.right
    const text = fitted(
      context,
      `${signs[moment.kind]} ${moment.text}`,
      Math.max(24, Math.min(scale.right, next) - x - 8),
    )
    const width = context.measureText(text).width + 12
    free[level] = x + width + 6
    const y = top + 2 + level * flagHeight
    context.fillStyle = colour
    context.fillRect(x, y, width, flagHeight - 3)
    context.fillStyle = palette.paper
    context.fillText(text, x + 6, y + (flagHeight - 3) / 2 + 0.5)
  })
}

export function drawBands(pen: Pen): void {
  const { context, model, scale, palette, rows } = pen
  for (const band of model.bands) {
    if (band.from > scale.to || band.to < scale.from) continue
    const left = Math.max(scale.left, scale.x(band.from))
    const right = Math.min(scale.right, scale.x(Math.min(band.to, model.end)))
    const own = rows.rows.filter(row => row.group === band.node)
    if (own.length === 0) continue
    const top = pen.top + own[0].top
    const bottom = pen.top + own.at(-1)!.top + own.at(-1)!.height
    context.fillStyle = band.kind === 'checkpoint' ? palette.checkpoint : palette.vacuum
    context.fillRect(left, top, Math.max(1.5, right - left), bottom - top)
  }
}

/** What a band is, on its process's lane. */
export function drawBandTexts(pen: Pen): void {
  const { context, model, scale, palette } = pen
  context.font = fonts.small
  context.textBaseline = 'middle'
  for (const band of model.bands) {
    if (band.from > scale.to || band.to < scale.from || band.lane < 0) continue
    const left = Math.max(scale.left, scale.x(band.from))
    const right = Math.min(scale.right, scale.x(Math.min(band.to, model.end)))
    const middle = middleOf(pen, band.lane)
    const text = fitted(context, band.text, right - left - 8)
    if (middle === undefined || text === '') continue
    context.globalAlpha = 0.85
    context.fillStyle = palette.paper
    context.fillRect(left + 2, middle - 7, context.measureText(text).width + 6, 14)
    context.globalAlpha = 1
    context.fillStyle = palette.ink
    context.fillText(text, left + 5, middle + 0.5)
  }
}
