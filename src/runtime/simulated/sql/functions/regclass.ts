// regclass: relations by name and oid, which only the catalog can tell.

import { quoteIdentifier } from '../../catalog/identifiers.ts'
import { fail } from '../../shared/error.ts'
import type { SessionEvaluate } from '../expressions/expression.ts'

/** Text to oid: a number, or a name, quoted or not, with or without its schema. */
export const regclassInput: SessionEvaluate = (execution, text: string) => {
  if (/^\d+$/.test(text)) return Number(text)
  const parts = splitName(text)
  const relation = execution.session.catalog.byName(parts[parts.length - 1], parts.length > 1 ? parts[0] : undefined)
  return relation?.id ?? fail('42P01', `relation "${parts.join('.')}" does not exist`)
}

export const regclassOutput: SessionEvaluate = (execution, oid: number) => {
  const relation = execution.session.catalog.byOid(oid)
  return relation ? quoteIdentifier(relation.name) : oid === 0 ? '-' : String(oid)
}

/** A possibly qualified name: unquoted parts are lower case. */
export function splitName(text: string): string[] {
  const parts = text.trim().match(/"(?:[^"]|"")*"|[^."]+/g) ?? []
  if (parts.length === 0 || parts.length > 2) fail('42602', 'invalid name syntax')
  return parts.map(part => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()))
}
