// PRIMARY KEY and UNIQUE, of CREATE TABLE and of ALTER TABLE … ADD: an index, and the constraint that it serves.

import type { AlterTableCmd, Constraint } from '@pgsql/types'
import type { Table } from '../../catalog/relations.ts'
import { pgAttribute } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { stringOf } from '../analysis/tree.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { defineIndex } from './create-index.ts'
import { chooseName } from './names.ts'
import { readOptions } from './storage-options.ts'
import { tablespaceFor } from './tablespace-names.ts'

export interface NewKey {
  readonly constraint: Constraint
  readonly columns: readonly string[]
}

export function* createKey(session: Session, oid: number, { constraint, columns }: NewKey): Coroutine {
  if (constraint.deferrable) failAt(constraint.location, '0A000', 'DEFERRABLE is not played yet')
  if (constraint.including) failAt(constraint.location, '0A000', 'INCLUDE is not played yet')
  const table = session.catalog.byOid(oid) as Table
  const isPrimary = constraint.contype === 'CONSTR_PRIMARY'
  const name =
    constraint.conname ?? chooseName(session, isPrimary ? [table.name, 'pkey'] : [table.name, ...columns, 'key'])
  yield* defineIndex(session, table, {
    name,
    keys: columns.map(column => ({
      attribute: table.columns.findIndex(each => each.name === column),
      descending: false,
      nullsFirst: false,
    })),
    isUnique: true,
    isPrimary,
    nullsNotDistinct: constraint.nulls_not_distinct ?? false,
    isConstraint: true,
    options: readOptions(constraint.options ?? [], session.server.environment.version),
    tablespace: yield* tablespaceFor(session, constraint.indexspace),
    location: constraint.location ?? -1,
  })
}

/** Whether this is ALTER TABLE … ADD PRIMARY KEY or ADD UNIQUE. */
export function isAddKey({ subtype, def }: AlterTableCmd): boolean {
  if (subtype !== 'AT_AddConstraint' || !def || !('Constraint' in def)) return false
  const { contype, indexname } = def.Constraint
  return indexname === undefined && (contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE')
}

export function* addKey(session: Session, oid: number, { def }: AlterTableCmd): Coroutine {
  const constraint = def && 'Constraint' in def ? def.Constraint : fail('XX000', 'ADD without a constraint')
  const table = session.catalog.byOid(oid) as Table
  const columns = (constraint.keys ?? []).map(stringOf)
  const isPrimary = constraint.contype === 'CONSTR_PRIMARY'
  for (const [index, name] of columns.entries()) {
    if (!table.columns.some(column => column.name === name)) {
      // A primary key's columns are made NOT NULL first, and that does not find this one.
      if (isPrimary) fail('42703', `column "${name}" of relation "${table.name}" does not exist`)
      fail('42703', `column "${name}" named in key does not exist`)
    }
    if (columns.indexOf(name) < index) {
      const kind = isPrimary ? 'primary key' : 'unique'
      failAt(constraint.location, '42701', `column "${name}" appears twice in ${kind} constraint`)
    }
  }
  if (isPrimary) {
    if (table.indexes.some(index => index.isPrimary)) {
      fail('42P16', `multiple primary keys for table "${table.name}" are not allowed`)
    }
    yield* setNotNull(session, table, columns)
  }
  yield* createKey(session, oid, { constraint, columns })
}

/** Rows that are there already are looked at when the index is built. */
function* setNotNull(session: Session, table: Table, columns: readonly string[]): Coroutine {
  const writer = new CatalogWriter(session)
  const isMeant = (row: { get<T>(name: string): T }) =>
    row.get<number>('attrelid') === table.id && columns.includes(row.get<string>('attname'))
  yield* writer.update(pgAttribute, isMeant, { attnotnull: true })
  writer.changed(table.id)
  yield* session.refreshCatalog()
}
