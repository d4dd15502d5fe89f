// Which part of a table's rows a condition leaves, and how many operators it takes to ask. Mirrors selfuncs.c and
// clausesel.c as they are for columns of which nothing is known: the simulation keeps no pg_statistic.

import type { Call, Expression } from '../expressions/expression.ts'
import { childrenOf } from '../expressions/expression.ts'

const ofEquality = 0.005
const ofInequality = 1 / 3
const ofRange = 0.005
const ofMatch = 0.005
const ofNull = 0.005
const ofFunction = 1 / 3
/** How many elements an array is taken to have. */
const guessedElements = 10

/** Of all conditions together. */
export function selectivityOf(conditions: readonly Expression[]): number {
  const bounded = new Map<number, { lower: boolean; upper: boolean }>()
  let product = 1
  for (const condition of conditions) {
    const bound = boundOf(condition)
    if (!bound) {
      product *= ofOne(condition)
      continue
    }
    const both = bounded.get(bound.slot) ?? { lower: false, upper: false }
    both[bound.side] = true
    bounded.set(bound.slot, both)
  }
  for (const { lower, upper } of bounded.values()) product *= lower && upper ? ofRange : ofInequality
  return product
}

/** How many functions and operators are called to compute it. */
export function operatorsIn(expression: Expression): number {
  const below = childrenOf(expression).reduce((sum, each) => sum + operatorsIn(each), 0)
  if (expression.kind === 'array test') return below + guessedElements / 2
  return expression.kind === 'call' ? below + 1 : below
}

/** column < value, from either side. */
function boundOf(condition: Expression): { readonly slot: number; readonly side: 'lower' | 'upper' } | undefined {
  if (condition.kind !== 'call' || !condition.strategy || condition.strategy === '=') return undefined
  const [left, right] = condition.arguments
  const isUpper = condition.strategy.startsWith('<')
  if (left.kind === 'column' && right.kind !== 'column') return { slot: left.slot, side: isUpper ? 'upper' : 'lower' }
  if (right.kind === 'column' && left.kind !== 'column') return { slot: right.slot, side: isUpper ? 'lower' : 'upper' }
  return undefined
}

function ofOne(condition: Expression): number {
  switch (condition.kind) {
    case 'and':
      return selectivityOf(condition.arguments)
    case 'or':
      return condition.arguments.reduce((sum, each) => either(sum, ofOne(each)), 0)
    case 'not':
      return 1 - ofOne(condition.arguments[0])
    case 'constant':
      return condition.value === true ? 1 : 0
    case 'column':
      return 0.5
    case 'test': {
      const part = condition.is === 'null' ? ofNull : 0.5
      return condition.negated ? 1 - part : part
    }
    case 'array test':
      return ofArray(condition.quantifier)
    case 'call':
      return ofCall(condition)
    default:
      return ofFunction
  }
}

function ofArray(quantifier: 'any' | 'all'): number {
  let part = quantifier === 'any' ? 0 : 1
  for (let element = 0; element < guessedElements; element++) {
    part = quantifier === 'any' ? either(part, ofEquality) : part * (1 - ofEquality)
  }
  return part
}

function ofCall({ name, strategy, isOperator }: Call): number {
  if (strategy === '=') return ofEquality
  if (strategy) return ofInequality
  if (!isOperator) return ofFunction
  if (name === '<>') return 1 - ofEquality
  if (/^!~/.test(name)) return 1 - ofMatch
  return name.startsWith('~') ? ofMatch : 0.5
}

function either(one: number, other: number): number {
  return one + other - one * other
}
