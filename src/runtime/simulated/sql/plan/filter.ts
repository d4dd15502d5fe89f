// Keeps the rows of a batch for which a condition is true.

import type { Coroutine } from '../../kernel/task.ts'
import { compile } from '../expressions/compile.ts'
import type { Compiled } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { and, type Expression } from '../expressions/expression.ts'
import type { Cursor, PlanNode } from './node.ts'

/** Undefined if there is nothing to ask. */
export function compileConditions(conditions: readonly Expression[], depth: number): Compiled | undefined {
  return conditions.length === 0 ? undefined : compile(and(conditions), depth)
}

/** Without waiting, where the condition cannot wait. */
export function keepSync(condition: Compiled & { waits: false }, rows: Row[], execution: Execution): Row[] {
  return rows.filter(row => condition.evaluate(row, execution) === true)
}

export function* keep(condition: Compiled | undefined, rows: Row[], execution: Execution): Coroutine<Row[]> {
  if (!condition) return rows
  if (!condition.waits) return keepSync(condition, rows, execution)
  const kept: Row[] = []
  for (const row of rows) if ((yield* condition.evaluate(row, execution)) === true) kept.push(row)
  return kept
}

export class Filter implements PlanNode {
  private readonly input: PlanNode
  private readonly condition: Compiled

  constructor(input: PlanNode, condition: Compiled) {
    this.input = input
    this.condition = condition
  }

  open(execution: Execution, outer: Row): Cursor {
    return new FilterCursor(this.input.open(execution, outer), this.condition, execution)
  }
}

class FilterCursor implements Cursor {
  private readonly input: Cursor
  private readonly condition: Compiled
  private readonly execution: Execution

  constructor(input: Cursor, condition: Compiled, execution: Execution) {
    this.input = input
    this.condition = condition
    this.execution = execution
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    const rows = yield* this.input.nextBatch()
    return rows && (yield* keep(this.condition, rows, this.execution))
  }
}
