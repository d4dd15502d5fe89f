// SQL with pgbench's variables, compiled once. A variable that stands where a literal may stand becomes `$n` and sends
// its value beside the text, so that the server parses the text once; in a quoted literal the whole literal does.
// Elsewhere, in names and in commands that take no expressions, the value is put into the text, as pgbench does.

import type { Query } from '../../engine.ts'
import type { PgbenchValue } from './value.ts'
import { textOf } from './value.ts'

type Variables = ReadonlyMap<string, PgbenchValue>

type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** A variable by itself. `source` stands instead of a value while the variable is not set. */
  | { readonly kind: 'variable'; readonly name: string; readonly source: string; readonly literal: boolean }
  /** A quoted literal with variables in it. */
  | { readonly kind: 'quoted'; readonly parts: readonly Part[]; readonly literal: boolean }

/** Statements in which a literal may be sent beside the text. */
const takesValues = /^\s*(\(\s*)*(select|insert|update|delete|merge|with|values)\b/i
/** `interval '…'`: a literal that a type's name leads belongs to the grammar. */
const typeBefore = /\b(interval|date|time|timestamp|timestamptz|timetz|numeric|bit|e|b|x|u&)\s*$/i
const numberLike = /^(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$|^(true|false|null)$/i

const pieces =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<dollar>\$(?<tag>[A-Za-z_][A-Za-z_0-9]*)?\$[\s\S]*?\$\k<tag>\$)|(?<name>"(?:[^"]|"")*")|(?<quoted>'(?:[^']|'')*')|(?<cast>::+)|(?<variable>:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)/g
const variables = /:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*/g

export class Template {
  private readonly parts: readonly Part[]
  /** The query of a template without variables, and of the last values where none is put into the text. */
  private fixed: Query | undefined
  private text: string | undefined

  constructor(sql: string) {
    this.parts = partsOf(sql)
    if (this.parts.every(part => part.kind === 'text')) this.fixed = { template: sql, values: [] }
  }

  query(values: Variables): Query {
    return this.fixed ?? this.substitute(values)
  }

  private substitute(values: Variables): Query {
    const sent: string[] = []
    if (this.text === undefined) {
      const template = this.write(values, sent)
      if (sent.length === this.parts.filter(part => part.kind !== 'text').length) this.text = template
      return { template, values: sent }
    }
    for (const part of this.parts) {
      if (part.kind === 'text') continue
      const literal = literalOf(part, values)
      if (literal === undefined) {
        this.text = undefined
        return this.substitute(values)
      }
      sent.push(literal)
    }
    return { template: this.text, values: sent }
  }

  private write(values: Variables, sent: string[]): string {
    let text = ''
    for (const part of this.parts) {
      const literal = part.kind === 'text' ? undefined : literalOf(part, values)
      if (literal === undefined) text += plainOf(part, values)
      else text += `$${sent.push(literal)}`
    }
    return text
  }
}

/**
 * The SQL with something in the place of each variable that PostgreSQL's grammar takes, at the same offsets, so that it
 * can be checked before anybody knows the values; and where the variables stand.
 */
export function withPlaceholders(sql: string): {
  readonly text: string
  readonly places: readonly { readonly start: number; readonly end: number }[]
} {
  const places: { start: number; end: number }[] = []
  const literals = takesValues.test(sql)
  const text = sql.replace(pieces, (match, ...rest) => {
    const { variable } = rest.at(-1) as Record<string, string | undefined>
    const start = rest.at(-3) as number
    if (variable === undefined) return match
    places.push({ start, end: start + match.length })
    return (literals ? '$1' : '10').padEnd(match.length)
  })
  return { text, places }
}

/** The literal to be sent beside the text; undefined where the value belongs into the text. */
function literalOf(part: Exclude<Part, { kind: 'text' }>, values: Variables): string | undefined {
  if (!part.literal) return undefined
  if (part.kind === 'quoted') return plainOf(part, values)
  const value = values.get(part.name)
  if (value === undefined) return undefined
  if (typeof value === 'number') return String(value)
  const text = textOf(value)
  return numberLike.test(text) || /^-\d/.test(text) ? text : undefined
}

function plainOf(part: Part, values: Variables): string {
  if (part.kind === 'text') return part.text
  if (part.kind === 'quoted') return part.parts.map(inner => plainOf(inner, values)).join('')
  const value = values.get(part.name)
  return value === undefined ? part.source : textOf(value)
}

function partsOf(sql: string): Part[] {
  const parts: Part[] = []
  const literals = takesValues.test(sql)
  let copied = 0
  for (const match of sql.matchAll(pieces)) {
    const { variable, quoted } = match.groups!
    if (variable === undefined && (quoted === undefined || quoted.search(variables) === -1)) continue
    const before = sql.slice(0, match.index)
    const after = sql[match.index + match[0].length] ?? ''
    const literal = literals && !typeBefore.test(before) && !/[\w$"]$/.test(before) && !/[\w"]/.test(after)
    parts.push({ kind: 'text', text: sql.slice(copied, match.index) })
    if (variable) parts.push({ kind: 'variable', name: variable.slice(1), source: variable, literal })
    else parts.push({ kind: 'quoted', parts: quotedParts(quoted), literal })
    copied = match.index + match[0].length
  }
  parts.push({ kind: 'text', text: sql.slice(copied) })
  return parts.filter(part => part.kind !== 'text' || part.text !== '')
}

function quotedParts(quoted: string): Part[] {
  const parts: Part[] = []
  let copied = 0
  for (const { 0: source, index } of quoted.matchAll(variables)) {
    parts.push({ kind: 'text', text: quoted.slice(copied, index) })
    parts.push({ kind: 'variable', name: source.slice(1), source, literal: false })
    copied = index + source.length
  }
  parts.push({ kind: 'text', text: quoted.slice(copied) })
  return parts
}
