// Scripts without the indentation that their place in the file gives them, and where their lines are in the source.

import type { Script } from '../model/scenario.ts'
import { placeOf, type Text } from './syntax.ts'

/**
 * Without empty lines around it, without the indentation that all lines share, and without spaces at its end.
 * `hanging`: the first line stands behind the opening `$$`, so its indentation says nothing.
 */
export function dedented(raw: Text, hanging: boolean): Text {
  const lines = linesOf(raw.text)
  while (lines.length > 0 && isBlank(raw.text, lines[0])) lines.shift()
  while (lines.length > 0 && isBlank(raw.text, lines.at(-1)!)) lines.pop()
  if (lines.length === 0) return { text: '', span: raw.span, origin: raw.span.start }
  const first = hanging && lines[0].start === 0 ? 1 : 0
  const margins = lines.slice(first).filter(line => !isBlank(raw.text, line))
  const margin = Math.min(...margins.map(line => indentOf(raw.text, line)))
  let text = ''
  const offsets: number[] = []
  for (const [index, { start, end }] of lines.entries()) {
    const cut =
      index < first ? indentOf(raw.text, { start, end }) : Math.min(margin, indentOf(raw.text, { start, end }))
    const last = index === lines.length - 1 ? start + raw.text.slice(start, end).trimEnd().length : end
    for (let at = start + cut; at < last; at++) {
      if (raw.text[at] === '\r') continue
      text += raw.text[at]
      offsets.push(placeOf(raw, at))
    }
    if (index < lines.length - 1) {
      text += '\n'
      offsets.push(placeOf(raw, end))
    }
  }
  return { text, span: raw.span, origin: offsets[0] ?? raw.span.start, offsets }
}

export function scriptOf(text: Text): Script {
  const lineStarts = linesOf(text.text).map(({ start }) => placeOf(text, start))
  return { text: text.text, span: text.span, lineStarts }
}

interface Line {
  readonly start: number
  readonly end: number
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  for (let start = 0; ; ) {
    const newline = text.indexOf('\n', start)
    lines.push({ start, end: newline === -1 ? text.length : newline })
    if (newline === -1) return lines
    start = newline + 1
  }
}

function isBlank(text: string, { start, end }: Line): boolean {
  return text.slice(start, end).trim() === ''
}

function indentOf(text: string, { start, end }: Line): number {
  const line = text.slice(start, end)
  return line.length - line.trimStart().length
}
