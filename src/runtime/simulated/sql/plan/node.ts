// What plans are made of. A node is made once and run many times, by several sessions at once: what one run needs to
// remember is in its cursor.

import type { Coroutine } from '../../kernel/task.ts'
import type { Execution, Row } from '../expressions/execution.ts'

export interface PlanNode {
  /** `outer` is the row that expressions of this node see before it has rows of its own: of a nested loop's other side. */
  open(execution: Execution, outer: Row): Cursor
}

/** A class, not a literal: a generator that is made anew with each cursor has a hidden class of its own, which V8 cannot learn. */
export interface Cursor {
  /** The next rows; undefined at the end. A batch may be empty. The caller may keep the rows and change the array. */
  nextBatch(): Coroutine<Row[] | undefined>
  /** No more than so many rows are wanted, the first ones. */
  limitTo?(rows: number): void
}

export const emptyRow: Row = []

/** All rows of a node. */
export function* collect(node: PlanNode, execution: Execution, outer: Row = emptyRow): Coroutine<Row[]> {
  const cursor = node.open(execution, outer)
  const rows: Row[] = []
  for (let batch = yield* cursor.nextBatch(); batch; batch = yield* cursor.nextBatch()) {
    for (const row of batch) rows.push(row)
  }
  return rows
}
