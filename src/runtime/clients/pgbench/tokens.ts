// The tokens of pgbench's expressions, with their places. An unknown character is a token of its own, for the parser
// to complain about.

export interface Token {
  readonly kind: 'number' | 'variable' | 'name' | 'operator' | 'unknown' | 'end'
  /** Names in lower case; variables without their colon. */
  readonly text: string
  /** Offsets in the script. */
  readonly start: number
  readonly end: number
}

const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/y],
  ['variable', /:[A-Za-z0-9_\u0080-\uffff]+/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['operator', /<>|!=|<=|>=|<<|>>|[-+*/%=<>&|#~(),]/y],
  ['unknown', /./y],
]

/** `start` and `end` bound the expression in `text`; a backslash before a newline continues the line. */
export function tokenize(text: string, start: number, end: number): Token[] {
  const tokens: Token[] = []
  const blank = /(\s|\\\r?\n)+/y
  for (let at = start; at < end; ) {
    blank.lastIndex = at
    const skipped = blank.exec(text)
    if (skipped) {
      at += skipped[0].length
      continue
    }
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at
      const match = pattern.exec(text)
      if (!match) continue
      const raw = match[0].slice(0, end - at)
      tokens.push({ kind, text: spelling(kind, raw), start: at, end: at + raw.length })
      at += raw.length
      break
    }
  }
  tokens.push({ kind: 'end', text: '', start: end, end })
  return tokens
}

function spelling(kind: Token['kind'], raw: string): string {
  if (kind === 'variable') return raw.slice(1)
  return kind === 'name' ? raw.toLowerCase() : raw
}
