// A YAML scalar as text that knows where each of its characters stands in the file: folding, escapes and indentation
// make the two differ.

import type { Scalar } from 'yaml'
import type { Text } from '../syntax.ts'

/** The length in the source of what follows a backslash in double quotes. */
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

export function textOf(source: string, scalar: Scalar): Text {
  const [start, end] = scalar.range!
  const text = typeof scalar.value === 'string' ? scalar.value : ''
  const span = { start, end: Math.max(start, end) }
  const quoted = scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE'
  const origin = quoted ? start + 1 : start
  if (source.startsWith(text, origin) && scalar.type !== 'BLOCK_LITERAL' && scalar.type !== 'BLOCK_FOLDED') {
    return { text, span, origin }
  }
  const offsets = align(source, text, bodyStart(source, scalar, origin), end, scalar.type ?? 'PLAIN')
  return { text, span, origin: offsets[0] ?? start, offsets }
}

/** Behind the `|` or `>` and the rest of its line. */
function bodyStart(source: string, { type, range }: Scalar, origin: number): number {
  if (type !== 'BLOCK_LITERAL' && type !== 'BLOCK_FOLDED') return origin
  const newline = source.indexOf('\n', range![0])
  return newline === -1 ? range![1] : newline + 1
}

/** Walks value and source together. What a fold or an escape makes is placed at what made it. */
function align(source: string, text: string, from: number, end: number, type: string): number[] {
  const offsets: number[] = []
  let at = from
  let leading: number | undefined = 0
  for (const unit of unitsOf(text)) {
    if (unit.trim() !== '') while (at < end && isSpace(source[at])) at++
    offsets.push(Math.min(at, end))
    // Spaces that begin a line are told from the indentation of the whole only when its first character is found.
    if (unit === '\n') leading = 0
    else if (unit === ' ' && leading !== undefined) leading++
    else {
      for (let back = 1; back <= (leading ?? 0); back++) offsets[offsets.length - 1 - back] = at - back
      leading = undefined
    }
    if (type === 'QUOTE_DOUBLE' && source[at] === '\\') {
      if (source[at + 1] === '\n' || source[at + 1] === '\r') {
        at += 2
        while (at < end && isSpace(source[at])) at++
        offsets[offsets.length - 1] = Math.min(at, end)
        at++
      } else at += 2 + (hexDigits[source[at + 1]] ?? 0)
    } else if (type === 'QUOTE_SINGLE' && unit === "'") at += 2
    else if (unit.trim() !== '' || source[at] === unit || isSpace(source[at])) at++
  }
  return offsets
}

function* unitsOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) yield text[at]
}

function isSpace(unit: string): boolean {
  return unit === ' ' || unit === '\n' || unit === '\t' || unit === '\r'
}

/** Line breaks within a value are spaces, so that a long sentence may be folded in any style. */
export function onOneLine(text: Text): Text {
  if (!text.text.includes('\n')) return text
  let out = ''
  const offsets: number[] = []
  const { text: whole } = text
  const end = whole.trimEnd().length
  for (let at = whole.length - whole.trimStart().length; at < end; at++) {
    if (isSpace(whole[at]) && out.endsWith(' ')) continue
    out += isSpace(whole[at]) ? ' ' : whole[at]
    offsets.push(text.offsets ? text.offsets[at] : text.origin + at)
  }
  return { text: out, span: text.span, origin: offsets[0] ?? text.span.start, offsets }
}
