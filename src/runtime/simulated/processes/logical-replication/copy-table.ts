// The first copy of a table: a slot is made on the publisher, the table is copied as of where it begins, and then the worker
// that applies says up to where to catch up. Mirrors LogicalRepSyncTableStart of tablesync.c.

import { second } from '../../../../model/units.ts'
import { Table } from '../../catalog/relations.ts'
import { originName, syncSlotName, tableState } from '../../catalog/subscriptions.ts'
import { namespaceName } from '../../catalog/tables.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { RowExclusiveLock } from '../../locks/lock-mode.ts'
import { Publisher } from '../../logical/publisher.ts'
import { fail, PostgresError } from '../../shared/error.ts'
import type { LogicalRow } from '../../shared/protocol.ts'
import { tableRules } from '../../sql/analysis/rules.ts'
import { Execution, type Row } from '../../sql/expressions/execution.ts'
import { checkRow, insertIndexEntries } from '../../sql/plan/constraints.ts'
import { lockRelation } from '../../sql/relation-locks.ts'
import { createOrigin, findOrigin, tableStateOf, updateTable } from '../../sql/subscription-catalogs.ts'
import type { Applier } from './applier.ts'
import { finishCopy } from './finish-copy.ts'

/** Of one row that comes in, in nanoseconds, besides what the heap costs. */
const rowCost = 1500

/** Gives the slot, and where its stream is to begin. */
export function* copyTable(applier: Applier): Coroutine<{ readonly slot: string; readonly start: number }> {
  const { me, server, session, worker, subscription } = applier
  const { transaction } = session
  transaction.startCommand()
  const { state, lsn } = yield* tableStateOf(session, subscription.oid, worker.table)
  yield* transaction.commitCommand()
  worker.state = state
  worker.stateLsn = lsn
  if (state === tableState.syncDone || state === tableState.ready || state === tableState.unknown) {
    return yield* finishCopy(applier)
  }
  const slot = syncSlotName(subscription.oid, worker.table, server.shared.controlFile.data.systemIdentifier)
  applier.publisher = yield* reach(applier, slot)
  const { publisher } = applier
  if (state === tableState.copying) yield* dropLeftover(publisher, slot)
  let start: number
  if (state === tableState.finishedCopy) {
    transaction.startCommand()
    const origin = (yield* findOrigin(session, applier.originName))!
    start = server.shared.origins.acquire(me, origin).remoteLsn
    session.proc.origin = origin
    yield* transaction.commitCommand()
  } else start = yield* copy(applier, publisher, slot)
  worker.state = tableState.syncWait
  worker.stateLsn = start
  yield* waitForCatchUp(applier)
  return { slot, start }
}

function* reach({ me, server, subscription }: Applier, slot: string): Coroutine<Publisher> {
  const publisher = yield* Publisher.connect(me, server.environment, subscription.conninfo, slot)
  if (publisher instanceof Publisher) return publisher
  const who =
    server.environment.version >= 18 ? `table synchronization worker for subscription "${subscription.name}" ` : ''
  return fail('08006', `${who}could not connect to the publisher: ${publisher.failure}`)
}

/** Of a copy that was broken off. */
function* dropLeftover(publisher: Publisher, slot: string): Coroutine {
  try {
    yield* publisher.dropSlot(slot)
  } catch (error) {
    if (!(error instanceof PostgresError) || !error.message.endsWith('does not exist')) throw error
  }
}

function* copy(applier: Applier, publisher: Publisher, slot: string): Coroutine<number> {
  const { me, server, session, worker, subscription } = applier
  const { transaction } = session
  const { origins } = server.shared
  worker.state = tableState.copying
  worker.stateLsn = 0
  transaction.startCommand()
  yield* updateTable(session, subscription.oid, { table: worker.table, state: tableState.copying, lsn: 0 })
  const name = originName(subscription.oid, worker.table)
  const origin = (yield* findOrigin(session, name)) ?? (yield* createOrigin(session, name))
  yield* transaction.commitCommand()
  transaction.startCommand()
  const table = (yield* session.refreshCatalog()).byOid(worker.table)
  if (!(table instanceof Table)) throw new Error(`no table ${worker.table}`)
  yield* lockRelation(session, table, RowExclusiveLock)
  yield* publisher.beginSnapshot()
  const start = yield* publisher.createSlot(slot, 'use')
  origins.set(me, origin, start)
  origins.acquire(me, origin)
  session.proc.origin = origin
  const rules = tableRules(session.analysisContext(), table)
  const execution = new Execution(session, [], transaction.snapshot())
  const source = { schema: namespaceName(table.namespace), table: table.name }
  yield* publisher.copy(source, function* (columns, rows) {
    yield* insertRows(applier, { table, columns, rows }, row => checkRow(table, rules, row, execution), execution)
  })
  yield* publisher.endSnapshot()
  transaction.commandCounterIncrement()
  yield* updateTable(session, subscription.oid, { table: worker.table, state: tableState.finishedCopy, lsn: 0 })
  transaction.origin = { lsn: start, time: me.now() }
  yield* transaction.commitCommand()
  return start
}

function* insertRows(
  { me, session }: Applier,
  batch: { readonly table: Table; readonly columns: readonly string[]; readonly rows: readonly LogicalRow[] },
  check: (row: Row) => Coroutine,
  execution: Execution,
): Coroutine {
  const { table, columns, rows } = batch
  const places = table.columns.map(({ name }) => columns.indexOf(name))
  const values = rows.map(row =>
    table.columns.map(({ type }, index): Value => {
      const text = places[index] < 0 ? null : row[places[index]]
      return text === null ? null : type.input(text)
    }),
  )
  for (const row of values) yield* check(row)
  me.charge(rowCost * rows.length)
  const tids = yield* session.server.heap.multiInsert(session.transaction, table, values)
  for (const [index, tid] of tids.entries()) yield* insertIndexEntries(table, values[index], tid, execution)
  yield* me.pause()
}

/** wait_for_worker_state_change: until the worker that applies has said how far it is. */
function* waitForCatchUp({ me, worker, server, subscription }: Applier): Coroutine {
  const { logicalWorkers } = server.shared
  while (worker.state !== tableState.catchUp) {
    const applying = logicalWorkers.find(subscription.oid)
    applying?.process?.latch.set(me.cause)
    yield* me.waitLatch({ until: me.now() + second, waitEvent: 'LogicalSyncStateChange' })
    me.latch.reset()
    yield* me.pause()
  }
}
