// The whole picture of the lanes: axis, flags, rows, arrows, playhead, each by its own part.

import { nameOf } from '../model/lanes.ts'
import type { Step } from '../model/why.ts'
import { drawArrows } from './arrows.ts'
import { drawCauses } from './causes.ts'
import { drawLane } from './lane.ts'
import { drawMarks } from './marks.ts'
import { drawBands, drawBandTexts, drawMoments, flagsHeight } from './moments.ts'
import { fitted, fonts, type Pen } from './pen.ts'
import type { Row } from './rows.ts'
import { ticksOf, tickText } from './scale.ts'

export const axisHeight = 20
/** Where the lanes begin: under the axis and the flags. */
export const lanesTop = axisHeight + flagsHeight
/** The names of lanes stand in it. */
export const gutter = 184

export function drawPicture(
  pen: Pen,
  size: { readonly width: number; readonly height: number },
  why: readonly Step[],
): void {
  const { context, palette } = pen
  context.fillStyle = palette.paper
  context.fillRect(0, 0, size.width, size.height)
  within(context, 0, lanesTop, size.width, size.height - lanesTop, () => {
    drawStripes(pen, size.width)
  })
  drawAxis(pen, size)
  within(context, gutter, 0, size.width - gutter, size.height, () => {
    within(context, gutter, lanesTop, size.width - gutter, size.height - lanesTop, () => drawRows(pen))
    drawMoments(pen, axisHeight, size.height)
    if (why.length > 0) drawCauses(pen, why, axisHeight + 10)
  })
  within(context, 0, lanesTop, size.width, size.height - lanesTop, () => drawNames(pen))
  drawPlayhead(pen, size)
}

function within(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  draw: () => void,
) {
  context.save()
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
  draw()
  context.restore()
}

function visible({ rows, top, clip }: Pen): readonly Row[] {
  return rows.rows.filter(row => top + row.top + row.height > clip.top && top + row.top < clip.bottom)
}

function drawStripes(pen: Pen, width: number): void {
  const { context, palette } = pen
  visible(pen).forEach(row => {
    const isOdd = Math.round(row.top / row.height) % 2 === 1
    if (!row.isHeader && !isOdd) return
    context.fillStyle = row.isHeader ? palette.header : palette.stripe
    context.fillRect(0, pen.top + row.top, width, row.height)
  })
}

function drawRows(pen: Pen): void {
  const rows = visible(pen)
  drawBands(pen)
  for (const row of rows) if (row.lane !== undefined) drawLane(pen, pen.model.lanes[row.lane], row)
  drawArrows(pen)
  for (const row of rows) if (row.lane !== undefined) drawMarks(pen, row.lane, row)
  drawBandTexts(pen)
}

function drawAxis({ context, scale, palette }: Pen, { height }: { readonly height: number }): void {
  const { step, times } = ticksOf(scale, 110)
  context.font = fonts.small
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  context.lineWidth = 1
  for (const time of times) {
    const x = Math.round(scale.x(time)) + 0.5
    if (x < scale.left) continue
    context.strokeStyle = palette.rule
    context.globalAlpha = 0.8
    context.beginPath()
    context.moveTo(x, 6)
    context.lineTo(x, height)
    context.stroke()
    context.globalAlpha = 1
    context.fillStyle = palette.faint
    context.fillText(tickText(time, step), x + 4, 11)
  }
}

function drawNames(pen: Pen): void {
  const { context, palette, model, view } = pen
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  for (const row of visible(pen)) {
    const lane = row.lane === undefined ? undefined : model.lanes[row.lane]
    const middle = pen.top + row.top + row.height / 2
    context.font = row.isHeader ? fonts.strong : fonts.label
    context.fillStyle = row.isHeader ? palette.ink : palette.faint
    const life = lane?.lives.find(({ from, to }) => from <= view.playhead && view.playhead <= to)
    const name = row.isHeader ? headerOf(pen, row) : [lane!.label, ...(life ? [nameOf(life)] : [])].join(' ')
    if (life) context.fillStyle = palette.ink
    context.fillText(fitted(context, name, gutter - 24), row.isHeader ? 8 : 22, middle + 0.5)
  }
  context.strokeStyle = palette.rule
  context.beginPath()
  context.moveTo(gutter - 0.5, 0)
  context.lineTo(gutter - 0.5, 4000)
  context.stroke()
}

function headerOf({ model, hidden }: Pen, { lane, group }: Row): string {
  const name = lane === undefined ? 'clients' : model.lanes[lane].label
  const folded = hidden(group)
  return folded === 0 ? `▾ ${name}` : `▸ ${name} (+${folded})`
}

function drawPlayhead({ context, scale, palette, view }: Pen, { height }: { readonly height: number }): void {
  const x = scale.x(view.playhead)
  if (x < scale.left - 1 || x > scale.right + 1) return
  context.fillStyle = palette.playhead
  context.fillRect(x - 0.75, 0, 1.5, height)
  context.beginPath()
  context.moveTo(x - 7, 0)
  context.lineTo(x + 7, 0)
  context.lineTo(x, 11)
  context.fill()
}
