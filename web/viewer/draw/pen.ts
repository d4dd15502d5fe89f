// What the drawing parts share: the canvas with its scale, colours and rows, and small helpers for text and hatching.

import type { Model } from '../model/model.ts'
import type { View } from '../view.ts'
import type { Palette } from './palette.ts'
import type { Row, Rows } from './rows.ts'
import type { Scale } from './scale.ts'

export interface Pen {
  readonly context: CanvasRenderingContext2D
  readonly scale: Scale
  readonly palette: Palette
  readonly model: Model
  readonly view: View
  readonly rows: Rows
  /** How many lanes of a group are folded away. */
  readonly hidden: (group: string) => number
  /** Where the rows begin on the canvas, scrolling included. */
  readonly top: number
  /** The part of the canvas in which rows are seen. */
  readonly clip: { readonly top: number; readonly bottom: number }
}

export const fonts = {
  small: '11px system-ui, sans-serif',
  label: '12px system-ui, sans-serif',
  strong: '600 12px system-ui, sans-serif',
  mark: '600 12px system-ui, sans-serif',
} as const

/** The middle of a lane's row on the canvas; of its group's header while it is folded. */
export function middleOf(pen: Pen, lane: number): number | undefined {
  const row = rowOf(pen, lane)
  return row && pen.top + row.top + row.height / 2
}

function rowOf({ rows, model }: Pen, lane: number): Row | undefined {
  const { group } = model.lanes[lane]
  return rows.ofLane[lane] ?? rows.rows.find(row => row.isHeader && row.group === group)
}

/** The text, or what of it fits. */
export function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (room < 14) return ''
  const width = context.measureText(text).width
  if (width <= room) return text
  const letters = Math.floor((text.length * (room - 8)) / width)
  return letters < 3 ? '' : `${text.slice(0, letters).trimEnd()}…`
}

const hatches = new Map<string, CanvasPattern>()

/** Stripes of this colour, for states that must not be told by colour alone. */
export function hatch(context: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
  const known = hatches.get(colour)
  if (known) return known
  const tile = document.createElement('canvas')
  tile.width = 6
  tile.height = 6
  const pen = tile.getContext('2d')
  if (!pen) return colour
  pen.strokeStyle = colour
  pen.lineWidth = 1.5
  pen.beginPath()
  for (const offset of [-6, 0, 6]) {
    pen.moveTo(offset - 1, 7)
    pen.lineTo(offset + 7, -1)
  }
  pen.stroke()
  const pattern = context.createPattern(tile, 'repeat')
  if (!pattern) return colour
  hatches.set(colour, pattern)
  return pattern
}
