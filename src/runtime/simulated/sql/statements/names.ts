// Names of new relations: in which schema, and what they are called when nobody says.

import type { RangeVar } from '@pgsql/types'
import { type Table, TableIndex } from '../../catalog/relations.ts'
import { textSize } from '../../catalog/types/text.ts'
import { fail } from '../../shared/error.ts'
import { findTable, refuseOtherDatabase } from '../analysis/from.ts'
import { Scope } from '../analysis/scope.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'

/** Fails unless new relations may stand where the name says. */
export function namespaceFor(session: Session, name: RangeVar): void {
  const { schemaname, location } = name
  refuseOtherDatabase({ ...name, location: -1 }, session.proc.database)
  if (schemaname === undefined || schemaname === 'public') return
  if (schemaname === 'pg_catalog') failAt(location, '42501', 'permission denied to create in schema "pg_catalog"')
  failAt(location, '3F000', `schema "${schemaname}" does not exist`)
}

/** A table that a utility statement names; unlike queries, PostgreSQL does not say where in the text. */
export function openTable(session: Session, name: RangeVar): Table {
  return findTable(new Scope(session.analysisContext()), { ...name, location: -1 })
}

/** An index that a utility statement names, if there is one. */
export function findIndex(session: Session, name: string, schema?: string): TableIndex | undefined {
  const relation = session.catalog.byName(name, schema)
  if (relation && !(relation instanceof TableIndex)) return fail('42809', `"${name}" is not an index`)
  return relation
}

export function noSuchRelation(name: string): never {
  return fail('42P01', `relation "${name}" does not exist`)
}

/** Joins the parts, shortens what is too long, and adds a number if the name is taken. Mirrors ChooseRelationName. */
export function chooseName(session: Session, parts: readonly string[]): string {
  const label = parts[parts.length - 1]
  const base = parts.slice(0, -1)
  for (let number = 0; ; number++) {
    const name = `${shorten(base, 62 - label.length - String(number || '').length)}_${label}${number || ''}`
    if (!session.catalog.byName(name)) return name
  }
}

/** Cuts the longest parts first. */
function shorten(parts: readonly string[], limit: number): string {
  const cut = [...parts]
  while (textSize(cut.join('_')) > limit) {
    const longest = cut.reduce((best, part, index) => (part.length > cut[best].length ? index : best), 0)
    cut[longest] = cut[longest].slice(0, -1)
  }
  return cut.join('_')
}
