// A subquery in FROM: its rows at their slots. Materialize runs a plan once an execution, for WITH queries and for the
// inner side of loops.

import type { Execution } from '../expressions/execution.ts'
import { type Cursor, collect, emptyRow, type PlanNode } from './node.ts'

export class SubqueryScan implements PlanNode {
  private readonly input: PlanNode
  private readonly offset: number

  constructor(input: PlanNode, offset: number) {
    this.input = input
    this.offset = offset
  }

  open(execution: Execution): Cursor {
    const cursor = this.input.open(execution, emptyRow)
    const { offset } = this
    if (offset === 0) return cursor
    return {
      *nextBatch() {
        const rows = yield* cursor.nextBatch()
        return rows?.map(row => [...new Array(offset).fill(null), ...row])
      },
    }
  }
}

/** A WITH query: computed at its first reference, the same rows for all. */
export class CommonTableScan implements PlanNode {
  private readonly input: PlanNode

  constructor(input: PlanNode) {
    this.input = input
  }

  open(execution: Execution): Cursor {
    const node = this
    let done = false
    return {
      *nextBatch() {
        if (done) return undefined
        done = true
        let rows = execution.commonTables.get(node)
        if (!rows) {
          rows = yield* collect(node.input, execution)
          execution.commonTables.set(node, rows)
        }
        return [...rows]
      },
    }
  }
}
