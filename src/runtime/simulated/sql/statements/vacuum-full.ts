// VACUUM FULL: the table is written anew, without what nobody sees any more, while nobody else can use it. Mirrors
// vacuum_rel and cluster_rel.

import { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { fail, PostgresError } from '../../shared/error.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { makeNewHeap, takePlace } from './new-files.ts'

/** In a transaction of its own, as any vacuum. */
export function* vacuumFull(session: Session, oid: number, skipsLocked: boolean): Coroutine {
  const { transaction } = session
  yield* transaction.commitCommand()
  transaction.startCommand()
  transaction.pushActiveSnapshot(transaction.snapshot())
  const table = yield* open(session, oid, skipsLocked)
  if (table) yield* rewrite(session, table)
  transaction.popActiveSnapshot()
  yield* transaction.commitCommand()
  transaction.startCommand()
}

function* open(session: Session, oid: number, skipsLocked: boolean): Coroutine<Table | undefined> {
  const seen = (yield* session.refreshCatalog()).byOid(oid)
  if (!(seen instanceof Table)) return undefined
  if (seen.isCatalog) fail('0A000', 'VACUUM FULL of a system catalog is not played yet')
  try {
    yield* lockRelation(session, seen, AccessExclusiveLock, skipsLocked)
  } catch (error) {
    if (!(error instanceof PostgresError) || error.sqlstate !== '55P03' || !skipsLocked) throw error
    notice(session, '55P03', `skipping vacuum of "${seen.name}" --- lock not available`, 'WARNING')
    return undefined
  }
  const table = (yield* session.refreshCatalog()).byOid(oid)
  return table instanceof Table ? table : undefined
}

/** All that is older than the horizon is frozen. */
function* rewrite(session: Session, table: Table): Coroutine {
  const { server, transaction } = session
  const oldestXmin = server.transactions.oldestNonRemovable(table.database, false)
  const heap = makeNewHeap(session, table, table.isUnlogged)
  const cutoffs = { oldestXmin, freezeLimit: oldestXmin }
  const { tuples } = yield* server.heap.rewrite(transaction, table, heap, cutoffs)
  yield* takePlace(session, table, heap, { reltuples: tuples, relfrozenxid: oldestXmin })
}
