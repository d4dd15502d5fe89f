// DELETE. Rows that others changed meanwhile are treated as UPDATE treats them.

import type { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { modifyCost } from '../costs.ts'
import type { Compiled } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { computeReturning } from './insert.ts'
import type { Cursor, PlanNode } from './node.ts'
import { afterConflict } from './update.ts'

type TargetEntry = RangeEntry & { readonly table: Table }

export class DeleteNode implements PlanNode {
  private readonly entry: TargetEntry
  private readonly input: PlanNode
  private readonly recheck: Compiled | undefined
  private readonly returning: readonly Compiled[] | undefined

  constructor(
    entry: TargetEntry,
    input: PlanNode,
    recheck: Compiled | undefined,
    returning: readonly Compiled[] | undefined,
  ) {
    this.entry = entry
    this.input = input
    this.recheck = recheck
    this.returning = returning
  }

  open(execution: Execution, outer: Row): Cursor {
    return new DeleteCursor(this, this.input.open(execution, outer), execution)
  }

  *deleteRow(first: Row, execution: Execution): Coroutine<Row | undefined> {
    const { entry, recheck, returning } = this
    const { server, transaction, me } = execution.session
    let row = first
    for (;;) {
      const tid = row[entry.tidSlot] as number
      me.charge(modifyCost)
      const result = yield* server.heap.delete(transaction, entry.table, tid)
      if (result.status === 'ok') {
        execution.processed++
        return returning ? yield* computeReturning(returning, row, tid, entry, execution) : undefined
      }
      const next = yield* afterConflict(result.status, row, entry, 'exclusive', recheck, execution)
      if (!next) return undefined
      row = next
    }
  }
}

class DeleteCursor implements Cursor {
  private readonly node: DeleteNode
  private readonly input: Cursor
  private readonly execution: Execution

  constructor(node: DeleteNode, input: Cursor, execution: Execution) {
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
      const result = yield* node.deleteRow(row, execution)
      if (result) results.push(result)
    }
    yield* execution.session.me.pause()
    return results
  }
}
