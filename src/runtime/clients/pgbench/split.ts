// Cuts a script into SQL statements and backslash commands, where psql's and pgbench's lexers do: a semicolon ends a
// statement unless it stands in quotes, comments or parentheses; `\;` joins two into one query string.

export type Piece =
  /** Offsets of the statement in the script, its semicolon included: psql and pgbench send it. `capture` is a \gset or \aset that ends it. */
  | {
      readonly kind: 'sql'
      readonly start: number
      readonly end: number
      readonly text: string
      readonly capture?: Meta
    }
  | ({ readonly kind: 'meta' } & Meta)

export interface Meta {
  /** In lower case, without the backslash. */
  readonly name: string
  readonly start: number
  readonly nameEnd: number
  /** Where its line ends, continued lines included. */
  readonly end: number
}

const quotes =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$(?<tag>[A-Za-z_][A-Za-z_0-9]*)?\$[\s\S]*?(?:\$\k<tag>\$|$)|"(?:[^"]|"")*(?:"|$)|[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|'(?:[^']|'')*(?:'|$)/y
const metaCommand = /\\(?<name>[A-Za-z]+)(?:\\\r?\n|[^\n])*/y

export function split(script: string): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  let parentheses = 0
  let text = ''
  const endStatement = (end: number, capture?: Meta) => {
    if (hasSql(text)) {
      const from = start + (script.slice(start, end).length - script.slice(start, end).trimStart().length)
      pieces.push({ kind: 'sql', start: from, end, text: text.trim(), ...(capture ? { capture } : {}) })
    }
    text = ''
    parentheses = 0
  }
  for (let at = 0; at < script.length; ) {
    const character = script[at]
    const quoted = matchAt(quotes, script, at)
    if (quoted && !isInName(script, at, quoted[0])) {
      text += quoted[0]
      at += quoted[0].length
    } else if (character === ';' && parentheses === 0) {
      text += character
      endStatement(++at)
      start = at
    } else if (character === '\\') {
      if (script[at + 1] === ';') {
        text += ';'
        at += 2
        continue
      }
      const found = matchAt(metaCommand, script, at)
      if (!found) {
        text += character
        at++
        continue
      }
      const name = found.groups!.name.toLowerCase()
      const end = at + found[0].length
      const meta: Meta = { name, start: at, nameEnd: at + 1 + name.length, end }
      if (name === 'gset' || name === 'aset') endStatement(at, meta)
      else {
        endStatement(at)
        pieces.push({ kind: 'meta', ...meta })
      }
      start = at = end
    } else {
      if (character === '(') parentheses++
      if (character === ')') parentheses = Math.max(0, parentheses - 1)
      text += character
      at++
    }
  }
  endStatement(script.length)
  return pieces
}

function hasSql(text: string): boolean {
  return text.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|;/g, '').trim() !== ''
}

/** `$1$` in `a$1$`, and the e of `name'…'`, belong to the name before them. */
function isInName(script: string, at: number, quoted: string): boolean {
  return /^[$eE]/.test(quoted) && at > 0 && /[\w$]/.test(script[at - 1])
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
