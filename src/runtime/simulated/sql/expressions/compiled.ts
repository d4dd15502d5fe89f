// What an expression becomes: a plain function, or a coroutine if something in it can wait.

import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Execution, Row } from './execution.ts'

export type Evaluate = (row: Row, execution: Execution) => Value
export type EvaluateWaiting = (row: Row, execution: Execution) => Coroutine<Value>

export type Compiled =
  | { readonly waits: false; readonly evaluate: Evaluate }
  | { readonly waits: true; readonly evaluate: EvaluateWaiting }

/** Runs either kind. For where an expression is evaluated once; loops over rows ask `waits` once instead. */
export function* evaluate(compiled: Compiled, row: Row, execution: Execution): Coroutine<Value> {
  return compiled.waits ? yield* compiled.evaluate(row, execution) : compiled.evaluate(row, execution)
}
