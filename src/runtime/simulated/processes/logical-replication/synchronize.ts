// The first copies of tables, between the worker that applies and those that copy: the one starts the others, tells each
// where to catch up to, and takes its table over. Mirrors process_syncing_tables of tablesync.c.

import { second } from '../../../../model/units.ts'
import { originName, syncSlotName, tableState } from '../../catalog/subscriptions.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { LogicalWorker } from '../../replication/logical-workers.ts'
import {
  dropOrigin,
  type SubscribedTable,
  subscribedTables,
  tableStateOf,
  updateTable,
} from '../../sql/subscription-catalogs.ts'
import type { Applier } from './applier.ts'
import { finishCopy } from './finish-copy.ts'
import { launchWorker } from './launch.ts'

/** `lsn`: as far as this worker is. */
export function* synchronizeTables(applier: Applier, lsn: number): Coroutine {
  if (applier.worker.table !== 0) yield* endWhenCaughtUp(applier, lsn)
  else yield* lookAfterCopies(applier, lsn)
}

/** Of a worker that copies: it is where the other one wanted it, and leaves its table to that one. */
function* endWhenCaughtUp(applier: Applier, lsn: number): Coroutine {
  const { worker, session, publisher, server } = applier
  if (worker.state !== tableState.catchUp || lsn < worker.stateLsn) return
  worker.state = tableState.syncDone
  worker.stateLsn = lsn
  session.transaction.startCommand()
  yield* updateTable(session, worker.subscription, { table: worker.table, state: tableState.syncDone, lsn })
  yield* publisher!.endStreaming()
  const slot = syncSlotName(worker.subscription, worker.table, server.shared.controlFile.data.systemIdentifier)
  yield* publisher!.dropSlot(slot)
  server.environment.log.report(applier.me, {
    level: 'NOTICE',
    sqlstate: '00000',
    message: `dropped replication slot "${slot}" on publisher`,
  })
  yield* finishCopy(applier)
}

function* lookAfterCopies(applier: Applier, lsn: number): Coroutine {
  const { session, worker } = applier
  const { transaction } = session
  const { invalidations } = session.server.transactions
  const known = tablesInWork.get(applier)
  if (known?.generation === invalidations.sentTo(session.proc.databaseId) && known.tables.length === 0) return
  const generation = invalidations.sentTo(session.proc.databaseId)
  transaction.startCommand()
  const all = yield* subscribedTables(session, worker.subscription)
  const tables = all.filter(({ state }) => state !== tableState.ready)
  tablesInWork.set(applier, { generation, tables })
  for (const table of tables) {
    if (table.state === tableState.syncDone) yield* takeOver(applier, table, lsn)
    else yield* lookAfter(applier, table, lsn)
  }
  yield* transaction.commitCommand()
}

/** Which tables were not ready when the catalogs were last looked at. */
const tablesInWork = new WeakMap<
  Applier,
  { readonly generation: number; readonly tables: readonly SubscribedTable[] }
>()

/** This worker is as far as the copy was when it ended: from now on the table is its own. */
function* takeOver({ session, worker }: Applier, { table, lsn }: SubscribedTable, reached: number): Coroutine {
  if (reached < lsn) return
  yield* dropOrigin(session, originName(worker.subscription, table))
  yield* updateTable(session, worker.subscription, { table, state: tableState.ready, lsn: reached })
}

function* lookAfter(applier: Applier, { table }: SubscribedTable, lsn: number): Coroutine {
  const { me, server, worker, session, copyStarted } = applier
  const { logicalWorkers } = server.shared
  const { settings } = server.environment
  const copier = logicalWorkers.find(worker.subscription, table)
  if (copier) {
    if (copier.state !== tableState.syncWait) return
    copier.state = tableState.catchUp
    copier.stateLsn = Math.max(copier.stateLsn, lsn)
    copier.process?.latch.set(me.cause)
    yield* session.transaction.commitCommand()
    yield* waitForCopy(applier, copier)
    session.transaction.startCommand()
    return
  }
  const copiers = logicalWorkers.of(worker.subscription).filter(each => each.table !== 0)
  if (copiers.length >= settings.get('max_sync_workers_per_subscription')) return
  const before = copyStarted.get(table)
  if (before !== undefined && me.now() < before + settings.get('wal_retrieve_retry_interval')) return
  copyStarted.set(table, me.now())
  yield* launchWorker(me, server, { ...worker, table })
}

/** Until it is done, or gone. */
function* waitForCopy({ me, session, worker, server }: Applier, copier: LogicalWorker): Coroutine {
  const { logicalWorkers } = server.shared
  for (;;) {
    session.transaction.startCommand()
    const { state } = yield* tableStateOf(session, worker.subscription, copier.table)
    yield* session.transaction.commitCommand()
    const isOver = state === tableState.syncDone || state === tableState.unknown
    if (isOver || !logicalWorkers.all.includes(copier)) return
    yield* me.waitLatch({ until: me.now() + second, waitEvent: 'LogicalSyncStateChange' })
    me.latch.reset()
    yield* me.pause()
  }
}
