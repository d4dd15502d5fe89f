// INSERT: puts the rows of its source into the table and its indexes.

import type { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { modifyCost } from '../costs.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { checkRow, insertIndexEntries, type TableRules } from './constraints.ts'
import { type Cursor, emptyRow, type PlanNode } from './node.ts'
import { findConflict, type OnConflict, resolveConflict } from './on-conflict.ts'

type TargetEntry = RangeEntry & { readonly table: Table }

export class InsertNode implements PlanNode {
  readonly entry: TargetEntry
  readonly rules: TableRules
  private readonly source: PlanNode
  private readonly returning: readonly Compiled[] | undefined
  private readonly onConflict: OnConflict | undefined

  constructor(
    entry: TargetEntry,
    source: PlanNode,
    rules: TableRules,
    returning: readonly Compiled[] | undefined,
    onConflict: OnConflict | undefined,
  ) {
    this.entry = entry
    this.source = source
    this.rules = rules
    this.returning = returning
    this.onConflict = onConflict
  }

  open(execution: Execution): Cursor {
    return new InsertCursor(this, this.source.open(execution, emptyRow), execution)
  }

  /** Gives what RETURNING asks for. */
  *insertRow(row: Row, execution: Execution): Coroutine<Row | undefined> {
    const { entry, rules, returning, onConflict } = this
    const { server, transaction, me } = execution.session
    me.charge(modifyCost)
    for (;;) {
      const conflict = onConflict ? yield* findConflict(row, onConflict, execution) : undefined
      if (conflict === undefined) {
        const tid = yield* server.heap.insert(transaction, entry.table, row)
        yield* insertIndexEntries(entry.table, row, tid, execution)
        execution.processed++
        return returning ? yield* computeReturning(returning, row, tid, entry, execution) : undefined
      }
      const outcome = yield* resolveConflict(conflict, row, entry, onConflict!, rules, execution)
      if (outcome.status === 'left') return undefined
      if (outcome.status === 'updated') {
        execution.processed++
        return returning ? yield* computeReturning(returning, outcome.row, outcome.tid, entry, execution) : undefined
      }
    }
  }
}

class InsertCursor implements Cursor {
  private readonly node: InsertNode
  private readonly source: Cursor
  private readonly execution: Execution

  constructor(node: InsertNode, source: Cursor, execution: Execution) {
    this.node = node
    this.source = source
    this.execution = execution
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    const rows = yield* this.source.nextBatch()
    if (!rows) return undefined
    const { node, execution } = this
    const results: Row[] = []
    for (const row of rows) {
      yield* checkRow(node.entry.table, node.rules, row, execution)
      const result = yield* node.insertRow(row, execution)
      if (result) results.push(result)
    }
    yield* execution.session.me.pause()
    return results
  }
}

/** RETURNING sees the new row and its place. */
export function* computeReturning(
  returning: readonly Compiled[],
  row: Row,
  tid: number,
  entry: RangeEntry,
  execution: Execution,
) {
  const seen = row.slice()
  seen[entry.tidSlot] = tid
  if (entry.usedSystemColumns.size > 0) {
    const { transaction } = execution.session
    const at = entry.tidSlot
    seen[at + 1] = transaction.xid()
    seen[at + 2] = transaction.commandId(false)
    seen[at + 3] = 0
    seen[at + 4] = transaction.commandId(false)
    seen[at + 5] = entry.table!.id
  }
  const values: Row = []
  for (const each of returning) values.push(yield* evaluate(each, seen, execution))
  return values
}
