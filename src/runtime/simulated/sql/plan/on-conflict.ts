// INSERT … ON CONFLICT: looks for a row with the same key, waiting for whoever has one and has not ended. PostgreSQL
// inserts first, speculatively, and takes the row back; here the insert follows the look in the same breath, so only a
// wait for a page in between lets another one in, and that is then a unique violation.

import type { TupleLockMode } from '../../access/results.ts'
import type { Table, TableIndex } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { isRunningIn } from '../../transactions/snapshot.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { findKey } from '../find-key.ts'
import { checkRow, insertIndexEntries, type TableRules } from './constraints.ts'
import { usesOneSnapshot } from './lock-rows.ts'
import { readTuple } from './tuple-reader.ts'

export interface OnConflict {
  readonly arbiters: readonly TableIndex[]
  /** undefined: DO NOTHING. */
  readonly update:
    | {
        /** Where, behind the row that is there, the one that was to be inserted stands. */
        readonly excludedOffset: number
        readonly assignments: readonly (Compiled | undefined)[]
        readonly condition: Compiled | undefined
        readonly lockMode: TupleLockMode
      }
    | undefined
}

/** The place of a row that has one of the keys for good; undefined if there is none. */
export function* findConflict(row: Row, { arbiters }: OnConflict, execution: Execution): Coroutine<number | undefined> {
  for (const index of arbiters) {
    const key = index.keyOf(row)
    if (key.includes(null) && !index.nullsNotDistinct) continue
    const found = yield* findKey(execution.session, index, key)
    if (found) return found.tid
  }
  return undefined
}

/** What came of the row that was there: it was changed, it was left as it is, or it is gone and the insert may try again. */
export type ConflictOutcome =
  | { readonly status: 'updated'; readonly row: Row; readonly tid: number }
  | { readonly status: 'left' | 'gone' }

export function* resolveConflict(
  tid: number,
  proposed: Row,
  entry: RangeEntry & { readonly table: Table },
  { update }: OnConflict,
  rules: TableRules,
  execution: Execution,
): Coroutine<ConflictOutcome> {
  const { server, transaction } = execution.session
  const { table } = entry
  if (!update) {
    yield* refuseInvisible(tid, table, execution)
    return { status: 'left' }
  }
  const locked = yield* server.heap.lock(transaction, table, tid, update.lockMode, 'block')
  if (locked.status === 'updated' || locked.status === 'deleted') {
    if (!usesOneSnapshot(execution)) return { status: 'gone' }
    fail('40001', `could not serialize access due to concurrent ${locked.status === 'updated' ? 'update' : 'delete'}`)
  }
  if (locked.status === 'invisible' || locked.status === 'self-modified') {
    fail('21000', 'ON CONFLICT DO UPDATE command cannot affect row a second time', {
      hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
    })
  }
  if (locked.status !== 'ok') return { status: 'gone' }
  yield* refuseInvisible(tid, table, execution)
  const row = readTuple(locked.tuple, entry)
  while (row.length < update.excludedOffset) row.push(null)
  for (let attribute = 0; attribute < table.columns.length; attribute++) {
    row[update.excludedOffset + attribute] = proposed[attribute]
  }
  if (update.condition && (yield* evaluate(update.condition, row, execution)) !== true) return { status: 'left' }
  const values: Row = []
  for (let attribute = 0; attribute < table.columns.length; attribute++) {
    const assignment = update.assignments[attribute]
    values.push(assignment ? yield* evaluate(assignment, row, execution) : row[attribute])
  }
  yield* checkRow(table, rules, values, execution)
  const result = yield* server.heap.update(transaction, table, locked.tid, values)
  if (result.status !== 'ok') fail('XX000', 'the locked row of ON CONFLICT could not be updated')
  if (!result.hot) yield* insertIndexEntries(table, values, result.tid, execution)
  return { status: 'updated', row: values, tid: result.tid }
}

/** From repeatable read on, a row that the snapshot does not see must not decide, unless it is this transaction's own. */
function* refuseInvisible(tid: number, table: Table, execution: Execution): Coroutine {
  if (!usesOneSnapshot(execution)) return
  const { server, transaction } = execution.session
  const tuple = yield* server.heap.fetchVersion(transaction, table, tid)
  if (tuple && (transaction.isCurrent(tuple.xmin) || !isRunningIn(tuple.xmin, execution.snapshot))) return
  fail('40001', 'could not serialize access due to concurrent update')
}
