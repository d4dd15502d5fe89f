// New files for a relation that keeps its name: of TRUNCATE, REINDEX, and of what writes a table anew. The old ones go when
// the transaction commits. Mirrors RelationSetNewRelfilenode, reindex_index, make_new_heap and finish_heap_swap; the heap
// that takes the table's place is in the catalogs only when it does so.

import type { Relation } from '../../access/relation.ts'
import type { StoredRelation, Table, TableIndex } from '../../catalog/relations.ts'
import { pgClass } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { noteBuilt } from './create-index.ts'

/** An empty file; an index must be built next. */
export function* giveNewFile(
  writer: CatalogWriter,
  relation: StoredRelation,
  isUnlogged = relation.isUnlogged,
): Coroutine {
  const fileNode = writer.newOid()
  writer.createFile(fileNode, { isUnlogged, tablespace: relation.locator.tablespace })
  writer.removeFile(relation)
  yield* writer.update(pgClass, row => row.get('oid') === relation.id, {
    relfilenode: fileNode,
    relpersistence: isUnlogged ? 'u' : 'p',
    ...(relation.kind === 'sequence' ? {} : { relpages: 0, reltuples: -1, relallvisible: 0 }),
  })
}

/** Indexes that are to be as their table is now. */
export function* rebuildIndexes(session: Session, indexes: readonly TableIndex[], isUnlogged?: boolean): Coroutine {
  const writer = new CatalogWriter(session)
  for (const index of indexes) {
    yield* lockRelation(session, index, AccessExclusiveLock)
    yield* giveNewFile(writer, index, isUnlogged)
    writer.changed(index.table.id)
    const empty = (yield* session.refreshCatalog()).byOid(index.id) as TableIndex
    session.server.transactions.serializable.indexDropped(index, index.table.id)
    const built = yield* session.server.btree.build(session.transaction, empty, row => empty.keyOf(row))
    yield* noteBuilt(session, empty, built)
  }
}

/** A heap for the table's rows, which it will have when `takePlace` is done. */
export function makeNewHeap(session: Session, table: Table, isUnlogged: boolean): Relation {
  const writer = new CatalogWriter(session)
  const id = writer.newOid()
  const locator = writer.createFile(id, { isUnlogged, tablespace: table.locator.tablespace })
  session.transaction.dropsStatistics(id)
  return {
    id,
    database: table.database,
    name: `pg_temp_${table.id}`,
    kind: 'table',
    locator,
    lockTag: table.lockTag,
    descriptor: table.descriptor,
    fillFactor: table.fillFactor,
    isCatalog: false,
    isUnlogged,
    isRewrite: true,
    indexes: [],
  }
}

/** The table has the new heap's files from now on; its indexes are built anew. `fields`: what else its row tells. */
export function* takePlace(
  session: Session,
  table: Table,
  heap: Relation,
  fields: Readonly<Record<string, number>>,
): Coroutine {
  const writer = new CatalogWriter(session)
  const isUnlogged = heap.isUnlogged ?? false
  writer.removeFile(table)
  yield* writer.update(pgClass, row => row.get('oid') === table.id, {
    relfilenode: heap.locator.relation,
    relpersistence: isUnlogged ? 'u' : 'p',
    relpages: session.server.heap.blockCount(heap),
    relallvisible: 0,
    ...fields,
  })
  writer.changed(table.id)
  yield* session.refreshCatalog()
  yield* rebuildIndexes(session, table.indexes, isUnlogged)
}
