// Turns an expression into closures, once. One that nothing in it can wait becomes a plain function; the others become
// coroutines, so that nextval, pg_sleep or a subquery may stand anywhere and are run exactly when they are reached.

import type { Value } from '../../catalog/types/type.ts'
import { type Compiled, type Evaluate, type EvaluateWaiting, evaluate } from './compiled.ts'
import type { Execution } from './execution.ts'
import type { ArrayTest, Call, Case, Expression, Logical, MinMax, Test } from './expression.ts'
import { compileSubquery } from './subquery.ts'

const plain = (evaluate: Evaluate): Compiled => ({ waits: false, evaluate })
const waiting = (evaluate: EvaluateWaiting): Compiled => ({ waits: true, evaluate })

/** `depth` is that of the query in whose rows the expression will be evaluated. */
export function compile(expression: Expression, depth: number): Compiled {
  switch (expression.kind) {
    case 'constant': {
      const { value } = expression
      return plain(() => value)
    }
    case 'parameter': {
      const index = expression.number - 1
      const { convert } = expression
      return plain(
        convert
          ? (_row, execution) => {
              const value = execution.parameters[index]
              return value === null ? null : convert(value)
            }
          : (_row, execution) => execution.parameters[index],
      )
    }
    case 'column':
      return compileColumn(expression.slot, expression.depth, depth)
    case 'call':
      return compileCall(expression, depth)
    case 'and':
    case 'or':
    case 'not':
      return compileLogical(expression, depth)
    case 'test':
      return compileTest(expression, depth)
    case 'case':
      return compileCase(expression, depth)
    case 'coalesce':
      return compileCoalesce(expression.arguments.map(each => compile(each, depth)))
    case 'greatest':
    case 'least':
      return compileMinMax(expression, depth)
    case 'array':
      return compileMany(
        expression.arguments.map(each => compile(each, depth)),
        values => values,
      )
    case 'array test':
      return compileArrayTest(expression, depth)
    case 'subquery':
      return compileSubquery(expression, expression.operand && compile(expression.operand, depth))
    case 'aggregate':
      throw new Error('the planner left an aggregate in an expression')
  }
}

function compileColumn(slot: number, depth: number, rowDepth: number): Compiled {
  return depth === rowDepth ? plain(row => row[slot]) : plain((_row, execution) => execution.outerRows[depth][slot])
}

function compileMany(parts: readonly Compiled[], combine: (values: Value[]) => Value): Compiled {
  if (parts.every(part => !part.waits)) {
    const evaluators = parts.map(part => part.evaluate as Evaluate)
    return plain((row, execution) => combine(evaluators.map(each => each(row, execution))))
  }
  return waiting(function* (row, execution) {
    const values: Value[] = []
    for (const part of parts) values.push(yield* evaluate(part, row, execution))
    return combine(values)
  })
}

function compileCall(call: Call, depth: number): Compiled {
  const parts = call.arguments.map(each => compile(each, depth))
  const strict = !call.acceptsNull
  const { evaluate: pure, session, wait } = call
  if (wait) {
    return waiting(function* (row, execution) {
      const values: Value[] = []
      for (const part of parts) values.push(yield* evaluate(part, row, execution))
      if (strict && values.includes(null)) return null
      return yield* wait(execution, ...values)
    })
  }
  if (pure && strict && parts.every(part => !part.waits))
    return compileStrict(
      pure,
      parts.map(part => part.evaluate as Evaluate),
    )
  const apply = (execution: Execution, values: Value[]) => {
    if (strict && values.includes(null)) return null
    return pure ? pure(...values) : session!(execution, ...values)
  }
  if (parts.every(part => !part.waits)) {
    const evaluators = parts.map(part => part.evaluate as Evaluate)
    return plain((row, execution) =>
      apply(
        execution,
        evaluators.map(each => each(row, execution)),
      ),
    )
  }
  return waiting(function* (row, execution) {
    const values: Value[] = []
    for (const part of parts) values.push(yield* evaluate(part, row, execution))
    return apply(execution, values)
  })
}

/** The common case, for each number of arguments its own loop-free closure. */
function compileStrict(apply: NonNullable<Call['evaluate']>, [first, second, ...others]: Evaluate[]): Compiled {
  if (!first) return plain(() => apply())
  if (!second) {
    return plain((row, execution) => {
      const a = first(row, execution)
      return a === null ? null : apply(a)
    })
  }
  if (others.length === 0) {
    return plain((row, execution) => {
      const a = first(row, execution)
      const b = second(row, execution)
      return a === null || b === null ? null : apply(a, b)
    })
  }
  const all = [first, second, ...others]
  return plain((row, execution) => {
    const values = all.map(each => each(row, execution))
    return values.includes(null) ? null : apply(...values)
  })
}

function compileLogical(expression: Logical, depth: number): Compiled {
  const parts = expression.arguments.map(each => compile(each, depth))
  if (expression.kind === 'not') {
    return compileMany(parts, ([value]) => (value === null ? null : !value))
  }
  // AND stops at false, OR at true; a null counts if nothing stops it.
  const stop = expression.kind === 'or'
  if (parts.every(part => !part.waits)) {
    const evaluators = parts.map(part => part.evaluate as Evaluate)
    return plain((row, execution) => {
      let result: Value = !stop
      for (const each of evaluators) {
        const value = each(row, execution)
        if (value === stop) return stop
        if (value === null) result = null
      }
      return result
    })
  }
  return waiting(function* (row, execution) {
    let result: Value = !stop
    for (const part of parts) {
      const value = yield* evaluate(part, row, execution)
      if (value === stop) return stop
      if (value === null) result = null
    }
    return result
  })
}

function compileTest({ argument, is, negated }: Test, depth: number): Compiled {
  const expected = is === 'null' ? null : is === 'true'
  return compileMany([compile(argument, depth)], ([value]) => (value === expected) !== negated)
}

function compileCase({ whens, otherwise }: Case, depth: number): Compiled {
  const branches = whens.map(when => ({
    condition: compile(when.condition, depth),
    result: compile(when.result, depth),
  }))
  const last = compile(otherwise, depth)
  if (!last.waits && branches.every(({ condition, result }) => !condition.waits && !result.waits)) {
    const sync = branches.map(({ condition, result }) => [condition.evaluate as Evaluate, result.evaluate as Evaluate])
    const fallback = last.evaluate
    return plain((row, execution) => {
      for (const [condition, result] of sync) if (condition(row, execution) === true) return result(row, execution)
      return fallback(row, execution)
    })
  }
  return waiting(function* (row, execution) {
    for (const { condition, result } of branches) {
      if ((yield* evaluate(condition, row, execution)) === true) return yield* evaluate(result, row, execution)
    }
    return yield* evaluate(last, row, execution)
  })
}

function compileCoalesce(parts: readonly Compiled[]): Compiled {
  if (parts.every(part => !part.waits)) {
    const evaluators = parts.map(part => part.evaluate as Evaluate)
    return plain((row, execution) => {
      for (const each of evaluators) {
        const value = each(row, execution)
        if (value !== null) return value
      }
      return null
    })
  }
  return waiting(function* (row, execution) {
    for (const part of parts) {
      const value = yield* evaluate(part, row, execution)
      if (value !== null) return value
    }
    return null
  })
}

function compileMinMax({ kind, arguments: parts, type }: MinMax, depth: number): Compiled {
  const sign = kind === 'greatest' ? 1 : -1
  const compare = type.compare!
  return compileMany(
    parts.map(each => compile(each, depth)),
    values => {
      let best: Value = null
      for (const value of values) {
        if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value
      }
      return best
    },
  )
}

function compileArrayTest({ operand, array, compare, quantifier }: ArrayTest, depth: number): Compiled {
  const stop = quantifier === 'any'
  return compileMany([compile(operand, depth), compile(array, depth)], ([value, elements]) => {
    if (elements === null) return null
    let result: Value = !stop
    for (const element of elements as readonly Value[]) {
      const outcome = value === null || element === null ? null : compare(value, element)
      if (outcome === stop) return stop
      if (outcome === null) result = null
    }
    return result
  })
}
