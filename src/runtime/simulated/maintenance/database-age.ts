// What a vacuum does for its whole database: the oldest transaction id of all its tables moves on, and with it the limits
// of the cluster; the commit log lets go of what nobody asks for any more. Mirrors vac_update_datfrozenxid and
// vac_truncate_clog.

import { overwriteTuple } from '../access/heap-inplace.ts'
import { readClassRows } from '../catalog/class-row.ts'
import { type Database, isInvalid } from '../catalog/databases.ts'
import { systemTablesOf } from '../catalog/image.ts'
import { pgDatabase } from '../catalog/tables.ts'
import type { Coroutine } from '../kernel/task.ts'
import { earlier, isNormal, precedes } from '../transactions/transaction-id.ts'
import type { Maintainer } from './vacuum-relation.ts'

export function* updateDatabaseAge({ services, transaction, me, proc }: Maintainer): Coroutine {
  const { transactions, databases } = services
  const { commitLog } = transactions.services
  const { limits } = transactions
  const frozenXid = yield* oldestOfTables({ services, transaction })
  const database = databases.byOid(proc.databaseId)
  if (!database) return
  const movesOn = precedes(database.frozenXid, frozenXid)
  if (movesOn) yield* moveOn({ services, transaction }, database, frozenXid)
  if (!movesOn && !limits.isForced(transactions.nextXid)) return
  // A database that was being dropped does not hold the others up.
  const oldest = databases
    .all()
    .filter(each => !isInvalid(each))
    .reduce(older)
  limits.take(oldest.frozenXid, oldest.oid)
  yield* commitLog.truncate(me, oldest.frozenXid, oldest.oid)
  limits.review(me, transactions.nextXid, proc)
}

/** The first of equals. */
export function older(a: Database, b: Database): Database {
  return precedes(b.frozenXid, a.frozenXid) ? b : a
}

function* moveOn(
  { services, transaction }: Pick<Maintainer, 'services' | 'transaction'>,
  { row, tid }: Database,
  frozenXid: number,
): Coroutine {
  const values = row.with(pgDatabase.at('datfrozenxid'), frozenXid)
  yield* overwriteTuple(services.heap.services, transaction, systemTablesOf(0).get(pgDatabase)!, tid, values)
}

function* oldestOfTables({ services, transaction }: Pick<Maintainer, 'services' | 'transaction'>): Coroutine<number> {
  let oldest = services.transactions.oldestNonRemovable(0)
  for (const row of yield* readClassRows(services, transaction)) {
    const frozenXid = row.get('relfrozenxid')
    if (row.get<string>('relkind') === 'r' && isNormal(frozenXid)) oldest = earlier(oldest, frozenXid)
  }
  return oldest
}
