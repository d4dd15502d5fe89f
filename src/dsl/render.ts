// Diagnostics as text: the place, what is wrong, the line with carets, and what would be right. Colours are the caller's.

import type { Diagnostic } from '../model/diagnostic.ts'
import { positionOf, type SourceFile } from '../model/source.ts'

/** Wraps pieces of a rendered diagnostic, for colours. */
export interface Style {
  readonly error: (text: string) => string
  readonly help: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
}

const same = (text: string) => text
const plain: Style = { error: same, help: same, dim: same, bold: same }

/** A longer line is shown in part. */
const widest = 120

/** Diagnostics as text, a blank line between two. Ends with a newline unless there are none. */
export function renderDiagnostics(source: SourceFile, diagnostics: readonly Diagnostic[], style = plain): string {
  return diagnostics.map(diagnostic => render(source, diagnostic, style)).join('\n')
}

function render(source: SourceFile, { code, span, message, help }: Diagnostic, style: Style): string {
  const { line, column } = positionOf(source, span.start)
  const place = style.bold(`${printable(source.name)}:${line}:${column}:`)
  const number = String(line)
  const margin = ' '.repeat(number.length + 2)
  const { shown, indent, carets } = frame(source.text, span.start - column + 1, span.start, span.end)
  const lines = [
    `${place} ${style.error(`error[${code}]`)}: ${printable(message)}`,
    `${style.dim(` ${number} |`)} ${shown}`,
    `${style.dim(`${margin}|`)} ${' '.repeat(indent)}${style.error('^'.repeat(carets))}`,
  ]
  if (help !== undefined) lines.push(`${margin}${style.help('help:')} ${printable(help)}`)
  return `${lines.map(text => text.trimEnd()).join('\n')}\n`
}

/** The line that holds `start`, cut to what fits, and the carets below it. */
function frame(text: string, lineStart: number, start: number, end: number) {
  const newline = text.indexOf('\n', lineStart)
  const lineEnd = newline === -1 ? text.length : newline
  const from = start - lineStart > widest - 40 ? start - 40 : lineStart
  const to = Math.min(lineEnd, from + widest)
  const before = from > lineStart ? '…' : ''
  const after = to < lineEnd ? '…' : ''
  const last = Math.max(start + 1, Math.min(end, to))
  return {
    shown: `${before}${printable(text.slice(from, to))}${after}`,
    indent: before.length + (start - from),
    carets: last - start,
  }
}

/** One column for each code unit: tabs and control characters would move the carets, or the terminal. */
function printable(text: string): string {
  let out = ''
  for (const unit of text) {
    const code = unit.charCodeAt(0)
    if (code === 9 || code === 13) out += ' '
    else if (code < 32 || (code >= 127 && code < 160) || code === 0xfeff) out += '\u00b7'
    else out += unit
  }
  return out
}
