// TRUNCATE: the table and its indexes get new, empty files; the old ones go at commit. Files that the same transaction has
// made, and loses if it is rolled back, are cut where they are. Mirrors ExecuteTruncateGuts and heap_truncate_one_rel.

import type { TruncateStmt } from '@pgsql/types'
import { heapInfo, truncateFlag } from '../../access/heap-records.ts'
import { Sequence, type StoredRelation, type Table, type TableIndex } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { resourceManagers } from '../../wal/resource-managers.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { openTable } from './names.ts'
import { giveNewFile } from './new-files.ts'

export function* truncate(session: Session, tree: TruncateStmt): Coroutine<string> {
  const tables: Table[] = []
  for (const node of tree.relations ?? []) {
    if (!('RangeVar' in node)) continue
    const table = openTable(session, node.RangeVar)
    if (table.isCatalog) fail('42501', `permission denied: "${table.name}" is a system catalog`)
    yield* lockRelation(session, table, AccessExclusiveLock)
    if (!tables.includes(table)) tables.push(table)
  }
  for (const table of tables) yield* truncateTable(session, table.id, tree.restart_seqs ?? false)
  if (session.server.wal.isLogical) logTruncate(session, tables, tree.restart_seqs ?? false)
  return 'TRUNCATE TABLE'
}

/** What is decoded of it: the new files say nothing to subscribers. */
function logTruncate(session: Session, tables: readonly Table[], restarts: boolean): void {
  const { server, transaction, me, proc } = session
  const record = server.wal.begin(resourceManagers.heap, heapInfo.truncate, transaction.xid())
  record.data.u32(proc.databaseId)
  record.data.u32(tables.length)
  record.data.u32(restarts ? truncateFlag.restartSequences : 0)
  for (const table of tables) record.data.u32(table.id)
  transaction.wrote(server.wal.insert(me, record))
}

function* truncateTable(session: Session, oid: number, restarts: boolean): Coroutine {
  const writer = new CatalogWriter(session)
  const table = session.catalog.byOid(oid) as Table
  session.server.transactions.serializable.checkTableConflictIn(session.transaction, table)
  const owned = session.catalog
    .all()
    .filter(each => each instanceof Sequence && each.owner?.table === oid) as Sequence[]
  for (const relation of [table, ...table.indexes]) {
    yield* lockRelation(session, relation, AccessExclusiveLock)
    if (session.transaction.hasMade(table.locator)) yield* cut(session, relation)
    else yield* giveNewFile(writer, relation)
  }
  session.transaction.changesOf(oid).truncate()
  writer.changed(oid)
  const catalog = yield* session.refreshCatalog()
  for (const index of table.indexes) {
    const empty = catalog.byOid(index.id) as TableIndex
    yield* session.server.btree.build(session.transaction, empty, row => empty.keyOf(row))
  }
  if (restarts) yield* restart(session, owned)
}

function* cut({ server, transaction, me }: Session, { locator }: StoredRelation): Coroutine {
  transaction.pendingSyncs.truncated(locator)
  yield* server.storage.truncate(me, locator, 0, transaction.xid())
}

function* restart(session: Session, owned: readonly Sequence[]): Coroutine {
  for (const sequence of owned) {
    yield* session.server.sequences.setval(
      session.transaction,
      sequence,
      sequence.options,
      sequence.options.start,
      false,
    )
  }
}
