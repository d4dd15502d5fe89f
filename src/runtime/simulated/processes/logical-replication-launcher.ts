// The logical replication launcher: a background worker that starts a worker for every subscription that is enabled and has
// none, not too often. Mirrors launcher.c.

import { minute, second } from '../../../model/units.ts'
import { systemTablesOf } from '../catalog/image.ts'
import { makeSubscription, type Subscription } from '../catalog/subscriptions.ts'
import { pgSubscription } from '../catalog/tables.ts'
import type { Coroutine } from '../kernel/task.ts'
import { AccessShareLock } from '../locks/lock-mode.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { TransactionState } from '../transactions/transaction-state.ts'
import { beginAuxiliary, turn } from './auxiliary.ts'
import { launchWorker } from './logical-replication/launch.ts'

const napTime = 3 * minute
/** Until 15 the pause between two starts is one for all subscriptions. */
const common = 0

export function* logicalReplicationLauncher(me: Process, server: Server): Coroutine {
  const proc = yield* beginAuxiliary(me, server, 'logical replication launcher')
  const { logicalWorkers, transactions } = server.shared
  logicalWorkers.launcher = me
  const transaction = new TransactionState(transactions, me, proc)
  for (;;) {
    let wait = napTime
    yield* turn(me, server, function* () {
      wait = yield* startMissing(me, server, transaction)
    })
    transaction.abortAll()
    yield* me.waitLatch({ until: me.now() + wait, waitEvent: 'LogicalLauncherMain' })
    me.latch.reset()
    me.forget('HUP')
    // A background worker that is told to end does so as a backend: with code 1, so that it is started again.
    if (me.received('TERM')) me.exit(1)
  }
}

/** Gives how long to wait until the next look. */
function* startMissing(me: Process, server: Server, transaction: TransactionState): Coroutine<number> {
  const { environment, shared } = server
  const { logicalWorkers } = shared
  const retryInterval = environment.settings.get('wal_retrieve_retry_interval')
  const isCommon = environment.version === 15
  const lastStart = (key: number) => logicalWorkers.lastStart.get(key) ?? Number.NEGATIVE_INFINITY
  // As if a worker had crashed: it was woken before its time.
  if (isCommon && me.now() < lastStart(common) + retryInterval) return retryInterval
  let wait = napTime
  for (const { oid, database, isEnabled } of yield* subscriptions(server, transaction)) {
    if (!isEnabled || logicalWorkers.find(oid)) continue
    const since = me.now() - lastStart(oid)
    if (!isCommon && since < retryInterval) {
      wait = Math.min(wait, retryInterval - since)
      continue
    }
    logicalWorkers.lastStart.set(isCommon ? common : oid, me.now())
    if (isCommon) wait = retryInterval
    yield* launchWorker(me, server, { subscription: oid, database, table: 0 })
  }
  return Math.max(wait, second / 1000)
}

function* subscriptions({ shared }: Server, transaction: TransactionState): Coroutine<Subscription[]> {
  transaction.startCommand()
  // DROP SUBSCRIPTION keeps it from starting what has just been stopped.
  yield* shared.locks.acquire(transaction.proc, systemTablesOf(0).get(pgSubscription)!.lockTag, AccessShareLock)
  const rows = yield* shared.catalog.scan(transaction, pgSubscription)
  yield* transaction.commitCommand()
  return rows.map(makeSubscription).sort((a, b) => a.oid - b.oid)
}
