// What a vacuum does for its whole database: the oldest transaction id of all its tables moves on, and with it the limits
// of the cluster; the commit log lets go of what nobody asks for any more. Mirrors vac_update_datfrozenxid and
// vac_truncate_clog.

import { readClassRows } from '../catalog/class-row.ts'
import type { Coroutine } from '../kernel/task.ts'
import { earlier, isNormal, precedes } from '../transactions/transaction-id.ts'
import type { Maintainer } from './vacuum-relation.ts'

/** `emptyAt`: of a database that has no tables here, the horizon at which its catalogs were vacuumed. */
export function* updateDatabaseAge(
  { services, transaction, me, proc, database: name }: Maintainer,
  emptyAt?: number,
): Coroutine {
  const { transactions } = services
  const { commitLog } = transactions.services
  const { limits } = transactions
  const database = limits.databases.find(each => each.name === name)
  if (!database) return
  const frozenXid = emptyAt ?? (yield* oldestOfTables({ services, transaction }))
  const movesOn = precedes(database.frozenXid, frozenXid)
  if (movesOn) database.frozenXid = frozenXid
  if (!movesOn && !limits.isForced(transactions.nextXid)) return
  limits.moved()
  yield* commitLog.truncate(me, limits.oldestXid, limits.oldestDatabase.oid)
  limits.review(me, transactions.nextXid, proc)
}

function* oldestOfTables({ services, transaction }: Pick<Maintainer, 'services' | 'transaction'>): Coroutine<number> {
  let oldest = services.transactions.oldestNonRemovable(0)
  for (const row of yield* readClassRows(services, transaction)) {
    const frozenXid = row.get('relfrozenxid')
    if (row.get<string>('relkind') === 'r' && isNormal(frozenXid)) oldest = earlier(oldest, frozenXid)
  }
  return oldest
}
