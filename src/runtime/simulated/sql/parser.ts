// PostgreSQL's own grammar (libpg-query, WebAssembly): query strings to syntax trees. Trees are kept by text, because
// clients send the same templates again and again. Leaves to analysis what the names in a tree mean.

import type { Node, ParseResult } from '@pgsql/types'
import { kindOf } from './analysis/tree.ts'

/** One statement of a query string. */
export interface ParsedStatement {
  readonly node: Node
  /** Its one key. */
  readonly kind: string
  /** Where its text begins and ends, as byte offsets in UTF-8. */
  readonly start: number
  readonly end: number
}

export type Parsed =
  | { readonly statements: readonly ParsedStatement[] }
  | { readonly message: string /** In code points from 0. */; readonly position: number }

interface Grammar {
  readonly parseSync: (text: string) => ParseResult
  readonly scanSync: (text: string) => { readonly tokens: readonly { start: number; end: number; tokenName: string }[] }
}

let grammar: Grammar | undefined

/** Loads the grammar. Await it once before the first query or check, because the engine itself is synchronous. */
export async function loadParser(): Promise<void> {
  if (grammar) return
  const library = await import('libpg-query')
  await library.loadModule()
  grammar = library
}

const cache = new Map<string, Parsed>()

export function parse(text: string): Parsed {
  let parsed = cache.get(text)
  if (parsed) return parsed
  parsed = parseAnew(text)
  // Texts with their values written into them come once each; they must not fill the memory.
  if (cache.size >= 2000) cache.clear()
  cache.set(text, parsed)
  return parsed
}

function loaded(): Grammar {
  if (!grammar) throw new Error('loadParser must be awaited before SQL is parsed')
  return grammar
}

function parseAnew(text: string): Parsed {
  try {
    const result = loaded().parseSync(text)
    const end = new TextEncoder().encode(text).length
    return {
      statements: (result.stmts ?? []).map(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
        const node = transformInto(stmt!)
        return { node, kind: kindOf(node), start, end: length ? start + length : end }
      }),
    }
  } catch (error) {
    const { sqlDetails } = error as { sqlDetails?: { message: string; cursorPosition: number } }
    if (!sqlDetails) {
      // The library refuses a text without tokens; PostgreSQL takes it as no statement.
      if (/cannot be empty/i.test(String(error))) return { statements: [] }
      throw error
    }
    return { message: sqlDetails.message, position: Math.max(0, sqlDetails.cursorPosition) }
  }
}

/** transformOptionalSelectInto: SELECT … INTO is CREATE TABLE … AS. The first SELECT of a UNION has the INTO. */
function transformInto(node: Node): Node {
  if (!('SelectStmt' in node)) return node
  let first = node.SelectStmt
  while (first.larg && first.op !== 'SETOP_NONE') first = first.larg
  const { intoClause: into } = first
  if (!into) return node
  delete first.intoClause
  return { CreateTableAsStmt: { query: node, into, objtype: 'OBJECT_TABLE', is_select_into: true } }
}

/** The places of `$1` … in a text: UTF-8 byte offsets and numbers, in order. Texts that cannot be scanned have none. */
export function findParameters(
  text: string,
): { readonly start: number; readonly end: number; readonly number: number }[] {
  const bytes = new TextEncoder().encode(text)
  const decoder = new TextDecoder()
  try {
    return loaded()
      .scanSync(text)
      .tokens.filter(token => token.tokenName === 'PARAM')
      .map(({ start, end }) => ({ start, end, number: Number(decoder.decode(bytes.subarray(start + 1, end))) }))
  } catch {
    return []
  }
}
