// The tokens of a `.spec` file: names, bare or in double quotes, SQL in braces, and the signs of markers. Mirrors
// specscanner.l of PostgreSQL's isolationtester: braces do not nest, `#` begins a comment.

import type { Complaints } from '../complaints.ts'
import type { Text } from '../syntax.ts'

export interface Token extends Text {
  readonly kind: 'name' | 'sql' | '(' | ')' | ',' | '*'
}

const blank = /(?:\s+|#[^\n]*)*/y
const simple = /[A-Za-z0-9_\u0080-\uffff]+/y
const quoted = /"([^"\n]*)"/y
const block = /\{([^}]*)\}/y

/** Stops at the first thing that is no token. */
export function tokenize(source: string, complaints: Complaints): Token[] {
  const tokens: Token[] = []
  for (let at = skip(source, 0); at < source.length; at = skip(source, at)) {
    const token = tokenAt(source, at)
    if (!token) {
      const help =
        source[at] === '{' ? 'SQL ends with `}`' : source[at] === '"' ? 'a quoted name ends on its line' : undefined
      complaints.add('syntax', { start: at, end: at + 1 }, `\`${source[at]}\` does not fit here`, help)
      break
    }
    tokens.push(token)
    at = token.span.end
  }
  return tokens
}

function skip(source: string, at: number): number {
  blank.lastIndex = at
  blank.exec(source)
  return blank.lastIndex
}

function tokenAt(source: string, at: number): Token | undefined {
  const sign = source[at]
  if (sign === '(' || sign === ')' || sign === ',' || sign === '*') {
    return { kind: sign, text: sign, span: { start: at, end: at + 1 }, origin: at }
  }
  return match(source, at, simple, 'name') ?? match(source, at, quoted, 'name') ?? match(source, at, block, 'sql')
}

/** What the pattern has in parentheses is the text, and stands behind its first character. */
function match(source: string, at: number, pattern: RegExp, kind: 'name' | 'sql'): Token | undefined {
  pattern.lastIndex = at
  const found = pattern.exec(source)
  if (!found) return undefined
  const span = { start: at, end: at + found[0].length }
  return found[1] === undefined
    ? { kind, text: found[0], span, origin: at }
    : { kind, text: found[1], span, origin: at + 1 }
}
