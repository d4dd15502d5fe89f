// A query string made ready to run: its trees, and the values of its parameters with the types that the literals have.

import type { Type, Value } from '../catalog/types/type.ts'
import { fail } from '../shared/error.ts'
import { readLiteral } from './literals.ts'
import { type ParsedStatement, parse } from './parser.ts'
import { type Query, queryText } from './source.ts'
import { utilityOf } from './statements/utilities.ts'

export interface PreparedQuery {
  readonly query: Query
  readonly statements: readonly ParsedStatement[]
  readonly types: readonly Type[]
  readonly values: readonly Value[]
}

/** A value that is no plain literal, or stands where no parameter may, is put in as text. */
export function prepareQuery(query: Query): PreparedQuery {
  const { template, values } = query
  if (values.length === 0) return prepareText(query)
  const types: Type[] = []
  const literals: Value[] = []
  for (const text of values) {
    const literal = readLiteral(text)
    if (!literal) return prepareText({ template: queryText(query), values: [] })
    types.push(literal.type)
    literals.push(literal.value)
  }
  const parsed = parse(template)
  // Utility statements have no parameters; what the grammar does not take one for, neither.
  if (!('statements' in parsed) || parsed.statements.some(({ kind }) => utilityOf(kind) !== undefined)) {
    return prepareText({ template: queryText(query), values: [] })
  }
  return { query, statements: parsed.statements, types, values: literals }
}

function prepareText(query: Query): PreparedQuery {
  const parsed = parse(query.template)
  if (!('statements' in parsed)) failSyntax(query, parsed)
  return { query, statements: parsed.statements, types: [], values: [] }
}

export function failSyntax(
  { template }: Query,
  { message, position: codePoint }: { readonly message: string; readonly position: number },
): never {
  fail('42601', message, { position: Math.min(codePoint, [...template].length) + 1 })
}
