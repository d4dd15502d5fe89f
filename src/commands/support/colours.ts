// Colours for a terminal; plain where the output is piped, and where NO_COLOR or CI ask for it.

import { Ansis } from 'ansis'
import { plain, type Styles } from '../../index.ts'

interface Output {
  readonly isTTY?: boolean
}

export function isColoured(output: Output): boolean {
  const { NO_COLOR, CI, TERM } = process.env
  return output.isTTY === true && !NO_COLOR && !CI && TERM !== 'dumb'
}

export function reportStyles(output: Output): Styles {
  if (!isColoured(output)) return plain
  const paint = new Ansis(2)
  return {
    title: paint.bold,
    time: paint.dim,
    node: paint.cyan,
    process: paint.blue,
    client: paint.magenta,
    fault: paint.bold.red,
    note: paint.italic,
    warning: paint.yellow,
    error: paint.red,
    faint: paint.dim,
    held: paint.green,
    failed: paint.bold.red,
  }
}

type DiagnosticStyle = Readonly<Record<'error' | 'help' | 'dim' | 'bold', (text: string) => string>>

export function diagnosticStyle(output: Output): DiagnosticStyle | undefined {
  if (!isColoured(output)) return undefined
  const paint = new Ansis(2)
  return { error: paint.red, help: paint.green, dim: paint.dim, bold: paint.bold }
}
