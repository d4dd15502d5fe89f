// Applies the changes of rows: an insert as it is; an update or a delete to the row that the publisher's old values name.
// Mirrors apply_handle_insert, _update and _delete of worker.c, and execReplication.c.

import { fetchDirty } from '../../access/heap-fetch.ts'
import type { Tid } from '../../access/tid.ts'
import { deformTuple } from '../../access/tuple.ts'
import type { TableIndex } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { LogicalRow } from '../../shared/protocol.ts'
import { tableRules } from '../../sql/analysis/rules.ts'
import { fetchCost, indexScanCost, modifyCost, rowCost } from '../../sql/costs.ts'
import { Execution, type Row } from '../../sql/expressions/execution.ts'
import { checkRow } from '../../sql/plan/constraints.ts'
import type { Applier } from './applier.ts'
import { insertEntries, tellMissing } from './conflicts.ts'
import { identityIndex, localRow, type Target } from './targets.ts'

interface Found {
  readonly tid: Tid
  readonly row: Row
}

export function* applyInsert(applier: Applier, target: Target, next: LogicalRow): Coroutine {
  const { session, me } = applier
  const { server, transaction } = session
  const row = localRow(target, next)
  yield* checkConstraints(applier, target, row)
  me.charge(modifyCost)
  const tid = yield* server.heap.insert(transaction, target.table, row)
  yield* insertEntries(applier, target, { row, tid, kind: 'insert_exists' })
}

/** `old`: what named the row; undefined: its key is as in `next`. */
export function* applyUpdate(
  applier: Applier,
  target: Target,
  old: LogicalRow | undefined,
  next: LogicalRow,
): Coroutine {
  const { session, me } = applier
  const { server, transaction } = session
  const index = identityIndex(target)
  const named = localRow(target, old ?? next)
  for (;;) {
    const found = yield* findRow(applier, target, index, named)
    if (!found) return tellMissing(applier, target, 'update_missing', { index, named, remote: localRow(target, next) })
    const row = localRow(target, next, found.row)
    yield* checkConstraints(applier, target, row)
    me.charge(modifyCost)
    const result = yield* server.heap.update(transaction, target.table, found.tid, row)
    if (result.status !== 'ok') continue
    if (!result.hot)
      yield* insertEntries(applier, target, { row, tid: result.tid, kind: 'update_exists', index, named })
    return
  }
}

export function* applyDelete(applier: Applier, target: Target, old: LogicalRow): Coroutine {
  const { session, me } = applier
  const { server, transaction } = session
  const index = identityIndex(target)
  const named = localRow(target, old)
  for (;;) {
    const found = yield* findRow(applier, target, index, named)
    if (!found) return tellMissing(applier, target, 'delete_missing', { index, named })
    me.charge(modifyCost)
    const result = yield* server.heap.delete(transaction, target.table, found.tid)
    if (result.status === 'ok') return
  }
}

function* checkConstraints({ session }: Applier, { table }: Target, row: Row): Coroutine {
  const rules = tableRules(session.analysisContext(), table)
  yield* checkRow(table, rules, row, new Execution(session, [], session.transaction.latestSnapshot()))
}

/** The row that is there for good: who has changed it and not ended is waited for. */
function* findRow(
  applier: Applier,
  target: Target,
  index: TableIndex | undefined,
  named: Row,
): Coroutine<Found | undefined> {
  const { session } = applier
  for (;;) {
    const inProgress = { xmin: 0, xmax: 0 }
    const found = index
      ? yield* findByIndex(applier, target, index, named, inProgress)
      : yield* findByScan(applier, target, named)
    const waitFor = inProgress.xmin || inProgress.xmax
    if (waitFor === 0) return found
    yield* session.transaction.transactions.waitFor(session.proc, waitFor)
  }
}

function* findByIndex(
  { session, me }: Applier,
  { table }: Target,
  index: TableIndex,
  named: Row,
  inProgress: { xmin: number; xmax: number },
): Coroutine<Found | undefined> {
  const { server, transaction } = session
  const key = { values: index.keyOf(named), inclusive: true }
  me.charge(indexScanCost)
  transaction.statistics.of(index.id).indexScans++
  const scan = server.btree.beginScan(index, { lower: key, upper: key }, 'forward', { reader: transaction })
  for (let count = yield* scan.next(me); count > 0; count = yield* scan.next(me)) {
    for (let entry = 0; entry < count; entry++) {
      me.charge(fetchCost)
      const { tuple } = yield* fetchDirty(server.heap.services, transaction, table, scan.tids[entry], inProgress)
      if (!tuple) continue
      const row: Row = []
      deformTuple(tuple, table.descriptor, row, table.columns.length)
      return { tid: tuple.tid, row }
    }
  }
  return undefined
}

/** Without a key: the first row that is the same in every column. */
function* findByScan({ session, me }: Applier, { table }: Target, named: Row): Coroutine<Found | undefined> {
  const { server, transaction } = session
  const scan = server.heap.beginScan(transaction, table, transaction.latestSnapshot())
  transaction.statistics.of(table.id).sequentialScans++
  const texts = textsOf(named)
  function textsOf(row: Row): string {
    return JSON.stringify(table.columns.map(({ type }, at) => (row[at] === null ? null : type.output(row[at]))))
  }
  for (let page = yield* scan.nextPage(me); page; page = yield* scan.nextPage(me)) {
    me.charge(rowCost * page.length)
    for (const tuple of page) {
      const row: Row = []
      deformTuple(tuple, table.descriptor, row, table.columns.length)
      if (textsOf(row) === texts) return { tid: tuple.tid, row }
    }
    yield* me.pause()
  }
  return undefined
}
