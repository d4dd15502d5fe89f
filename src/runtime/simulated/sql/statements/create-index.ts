// CREATE INDEX, and the indexes of keys. The table is locked against writes while an index is built; CONCURRENTLY is
// not played yet.

import type { IndexStmt } from '@pgsql/types'
import { noteBuild } from '../../catalog/class-row.ts'
import type { KeyColumn, Table, TableIndex } from '../../catalog/relations.ts'
import { attributeRow, classRow } from '../../catalog/rows.ts'
import { pgAttribute, pgClass, pgConstraint, pgIndex } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock, ShareLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { chooseName, openTable } from './names.ts'
import { readOptions } from './storage-options.ts'
import { tablespaceFor } from './tablespace-names.ts'

export interface IndexDefinition {
  readonly name: string
  readonly keys: readonly KeyColumn[]
  readonly isUnique: boolean
  readonly isPrimary: boolean
  readonly nullsNotDistinct: boolean
  /** It serves a UNIQUE or PRIMARY KEY constraint of its name. */
  readonly isConstraint: boolean
  readonly options: readonly string[]
  /** 0: that of the database. */
  readonly tablespace: number
  readonly location: number
}

export function* createIndex(session: Session, tree: IndexStmt): Coroutine<string> {
  const { relation, idxname, indexParams = [], unique = false } = tree
  const location = relation?.location ?? -1
  const no = (what: string): never => failAt(location, '0A000', `${what} is not played yet`)
  if (tree.concurrent) no('CREATE INDEX CONCURRENTLY')
  if (tree.whereClause) no('CREATE INDEX … WHERE')
  if (tree.indexIncludingParams) no('INCLUDE')
  if (tree.accessMethod && tree.accessMethod !== 'btree') no(`index access method ${tree.accessMethod}`)
  const table = openTable(session, relation!)
  if (idxname && session.catalog.byName(idxname)) {
    if (!tree.if_not_exists) failAt(-1, '42P07', `relation "${idxname}" already exists`)
    notice(session, '42P07', `relation "${idxname}" already exists, skipping`)
    return 'CREATE INDEX'
  }
  yield* lockRelation(session, table, ShareLock)
  const keys = indexParams.map((node): KeyColumn => {
    if (!('IndexElem' in node)) return no('this index column')
    const { name, ordering, nulls_ordering: nulls, opclass, collation } = node.IndexElem
    if (name === undefined) return no('an index on an expression')
    if (opclass || collation) no('an operator class or collation of an index')
    const attribute = table.columns.findIndex(column => column.name === name)
    if (attribute < 0) failAt(-1, '42703', `column "${name}" does not exist`)
    const descending = ordering === 'SORTBY_DESC'
    const nullsFirst = nulls === 'SORTBY_NULLS_FIRST' || (nulls !== 'SORTBY_NULLS_LAST' && descending)
    return { attribute, descending, nullsFirst }
  })
  const names = keys.map(key => table.columns[key.attribute].name)
  yield* defineIndex(session, table, {
    name: idxname ?? chooseName(session, [table.name, ...names, 'idx']),
    keys,
    isUnique: unique,
    isPrimary: false,
    nullsNotDistinct: tree.nulls_not_distinct ?? false,
    isConstraint: false,
    options: readOptions(tree.options ?? [], session.server.environment.version),
    tablespace: yield* tablespaceFor(session, tree.tableSpace),
    location,
  })
  return 'CREATE INDEX'
}

export function* defineIndex(session: Session, table: Table, definition: IndexDefinition): Coroutine {
  const { name, keys, isUnique, isPrimary } = definition
  if (session.catalog.byName(name)) failAt(definition.location, '42P07', `relation "${name}" already exists`)
  for (const { attribute } of keys) {
    const { type } = table.columns[attribute]
    if (!type.compare) {
      failAt(-1, '42704', `data type ${type.displayName} has no default operator class for access method "btree"`, {
        hint: 'You must specify an operator class for the index or define a default operator class for the data type.',
      })
    }
  }
  const writer = new CatalogWriter(session)
  const oid = writer.newOid()
  writer.createFile(oid, { isUnlogged: table.isUnlogged, tablespace: definition.tablespace })
  yield* writer.insertRow(
    pgClass,
    classRow({
      oid,
      name,
      namespace: table.namespace,
      kind: 'i',
      fileNode: oid,
      tablespace: definition.tablespace,
      columnCount: keys.length,
      isUnlogged: table.isUnlogged,
      options: definition.options,
    }),
  )
  for (const [index, { attribute }] of keys.entries()) {
    const column = { ...table.columns[attribute], notNull: false, hasDefault: false, identity: '' as const }
    yield* writer.insertRow(pgAttribute, attributeRow(oid, index + 1, column))
  }
  yield* writer.insert(pgIndex, {
    indexrelid: oid,
    indrelid: table.id,
    indnatts: keys.length,
    indnkeyatts: keys.length,
    indisunique: isUnique,
    indnullsnotdistinct: definition.nullsNotDistinct,
    indisprimary: isPrimary,
    indimmediate: true,
    indisvalid: true,
    indisready: true,
    indislive: true,
    indkey: keys.map(key => key.attribute + 1),
    indoption: keys.map(key => (key.descending ? 1 : 0) | (key.nullsFirst ? 2 : 0)),
  })
  if (definition.isConstraint) {
    yield* writer.insert(pgConstraint, {
      oid: writer.newOid(),
      conname: name,
      connamespace: table.namespace,
      contype: isPrimary ? 'p' : 'u',
      convalidated: true,
      conrelid: table.id,
      conindid: oid,
      conislocal: true,
      connoinherit: true,
      conkey: keys.map(key => key.attribute + 1),
    })
  }
  writer.changed(table.id)
  const index = (yield* session.refreshCatalog()).byOid(oid) as TableIndex
  yield* lockRelation(session, index, AccessExclusiveLock)
  let withNull: KeyColumn | undefined
  const built = yield* session.server.btree.build(session.transaction, index, row => {
    const key = index.keyOf(row)
    withNull ??= keys[key.indexOf(null)]
    return key
  })
  // Duplicates are complained of first: the columns of a primary key are looked at when its index stands.
  if (isPrimary && withNull) {
    const { name: column } = table.columns[withNull.attribute]
    fail('23502', `column "${column}" of relation "${table.name}" contains null values`)
  }
  yield* noteBuilt(session, index, built)
}

/** The build has counted both. */
export function* noteBuilt(session: Session, index: TableIndex, built: { entries: number; rows: number }): Coroutine {
  const { server, transaction, me } = session
  const heap = server.heap.services
  const { table } = index
  const { allVisible } = yield* heap.visibilityMap.count(me, table.locator)
  const ofTable = { pages: heap.blockCount(table), tuples: built.rows, allVisible }
  yield* noteBuild(server, transaction, table.id, true, ofTable)
  yield* noteBuild(server, transaction, index.id, false, { pages: heap.blockCount(index), tuples: built.entries })
}
