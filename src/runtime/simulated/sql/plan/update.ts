// UPDATE. A row that another transaction changed since the snapshot: in read committed its newest version is locked,
// the conditions are asked again and the new values computed from it (EvalPlanQual); in repeatable read it is an error.

import type { TupleLockMode } from '../../access/results.ts'
import type { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { modifyCost } from '../costs.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { checkRow, insertIndexEntries, type TableRules } from './constraints.ts'
import { computeReturning } from './insert.ts'
import { replaceVersion, usesOneSnapshot } from './lock-rows.ts'
import type { Cursor, PlanNode } from './node.ts'
import { readTuple } from './tuple-reader.ts'

export interface UpdateParts {
  /** By column; undefined where it keeps its value. */
  readonly assignments: readonly (Compiled | undefined)[]
  /** All conditions of the statement, on the joined row. */
  readonly recheck: Compiled | undefined
  readonly rules: TableRules
  readonly returning: readonly Compiled[] | undefined
  /** Stronger if a key may change. */
  readonly lockMode: TupleLockMode
}

type TargetEntry = RangeEntry & { readonly table: Table }

export class UpdateNode implements PlanNode {
  readonly entry: TargetEntry
  readonly parts: UpdateParts
  private readonly input: PlanNode

  constructor(entry: TargetEntry, input: PlanNode, parts: UpdateParts) {
    this.entry = entry
    this.input = input
    this.parts = parts
  }

  open(execution: Execution, outer: Row): Cursor {
    return new UpdateCursor(this, this.input.open(execution, outer), execution)
  }
}

class UpdateCursor implements Cursor {
  private readonly node: UpdateNode
  private readonly input: Cursor
  private readonly execution: Execution

  constructor(node: UpdateNode, input: Cursor, execution: Execution) {
    this.node = node
    this.input = input
    this.execution = execution
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    const rows = yield* this.input.nextBatch()
    if (!rows) return undefined
    const { node, execution } = this
    const results: Row[] = []
    for (const row of rows) {
      const result = yield* updateRow(row, node.entry, node.parts, execution)
      if (result) results.push(result)
    }
    yield* execution.session.me.pause()
    return results
  }
}

function* updateRow(
  first: Row,
  entry: TargetEntry,
  parts: UpdateParts,
  execution: Execution,
): Coroutine<Row | undefined> {
  const { server, transaction, me } = execution.session
  const { table } = entry
  let row = first
  for (;;) {
    const tid = row[entry.tidSlot] as number
    const values = yield* newValues(row, table, parts.assignments, execution)
    yield* checkRow(table, parts.rules, values, execution)
    me.charge(modifyCost)
    const result = yield* server.heap.update(transaction, table, tid, values)
    if (result.status === 'ok') {
      if (!result.hot) yield* insertIndexEntries(table, values, result.tid, execution)
      execution.processed++
      if (!parts.returning) return undefined
      return yield* computeReturning(parts.returning, replaceVersion(row, values, entry), result.tid, entry, execution)
    }
    const next = yield* afterConflict(result.status, row, entry, parts.lockMode, parts.recheck, execution)
    if (!next) return undefined
    row = next
  }
}

function* newValues(
  row: Row,
  table: Table,
  assignments: readonly (Compiled | undefined)[],
  execution: Execution,
): Coroutine<Row> {
  const values: Row = []
  for (let attribute = 0; attribute < table.columns.length; attribute++) {
    const assignment = assignments[attribute]
    if (!assignment) values.push(row[attribute])
    else
      values.push(assignment.waits ? yield* assignment.evaluate(row, execution) : assignment.evaluate(row, execution))
  }
  return values
}

/** What to do with a row that could not be changed: undefined to leave it, or the row with its newest version. */
export function* afterConflict(
  status: 'invisible' | 'self-modified' | 'updated' | 'deleted',
  row: Row,
  entry: TargetEntry,
  mode: TupleLockMode,
  recheck: Compiled | undefined,
  execution: Execution,
): Coroutine<Row | undefined> {
  const { server, transaction } = execution.session
  if (status === 'invisible') fail('XX000', 'attempted to update invisible tuple')
  // This statement has been here already: a row is changed once, however often it was joined.
  if (status === 'self-modified') return undefined
  if (usesOneSnapshot(execution)) {
    fail('40001', `could not serialize access due to concurrent ${status === 'updated' ? 'update' : 'delete'}`)
  }
  if (status === 'deleted') return undefined
  const locked = yield* server.heap.lockLatest(
    transaction,
    entry.table,
    row[entry.tidSlot] as number,
    mode,
    'block',
    false,
  )
  if (locked.status !== 'ok') return undefined
  const next = replaceVersion(row, readTuple(locked.tuple, entry), entry)
  if (recheck && (yield* evaluate(recheck, next, execution)) !== true) return undefined
  return next
}
