// Subqueries inside of expressions. One that reads nothing of the queries around it runs once an execution, when it is
// first reached; the others run for each row.

import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { emptyRow } from '../plan/node.ts'
import { type Compiled, evaluate } from './compiled.ts'
import type { Execution, Row } from './execution.ts'
import type { Subquery } from './expression.ts'

export function compileSubquery(subquery: Subquery, operand: Compiled | undefined): Compiled {
  return {
    waits: true,
    *evaluate(row, execution) {
      const { form } = subquery
      if (form === 'any' || form === 'all') {
        const value = yield* evaluate(operand!, row, execution)
        return quantify(subquery, value, (yield* run(subquery, row, execution)) as readonly Value[])
      }
      return (yield* run(subquery, row, execution)) as Value
    },
  }
}

/** The value of a scalar or exists; the first column of all rows for the others. */
function* run(subquery: Subquery, row: Row, execution: Execution): Coroutine<Value | readonly Value[]> {
  const known = execution.subqueryResults.get(subquery)
  if (known !== undefined) return known
  // The rows around are put there and taken away without a wait of others in between: an execution is one session's.
  const saved = execution.outerRows[subquery.depth]
  execution.outerRows[subquery.depth] = row
  const result = yield* read(subquery, execution)
  execution.outerRows[subquery.depth] = saved
  if (!subquery.correlated) execution.subqueryResults.set(subquery, result)
  return result
}

function* read({ form, plan }: Subquery, execution: Execution): Coroutine<Value | readonly Value[]> {
  const cursor = plan.open(execution, emptyRow)
  if (form === 'exists') cursor.limitTo?.(1)
  const values: Value[] = []
  for (let batch = yield* cursor.nextBatch(); batch; batch = yield* cursor.nextBatch()) {
    if (form === 'exists' && batch.length > 0) return true
    for (const row of batch) values.push(row[0])
    if (form === 'scalar' && values.length > 1) {
      fail('21000', 'more than one row returned by a subquery used as an expression')
    }
  }
  if (form === 'exists') return false
  return form === 'scalar' ? (values[0] ?? null) : values
}

function quantify({ form, compare }: Subquery, value: Value, values: readonly Value[]): Value {
  const stop = form === 'any'
  let result: Value = !stop
  for (const each of values) {
    const outcome = value === null || each === null ? null : compare!(value, each)
    if (outcome === stop) return stop
    if (outcome === null) result = null
  }
  return result
}
