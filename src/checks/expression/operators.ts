// The operators of expressions, SQL's: three-valued logic, and null wherever something is missing.

import type { BinaryOperator, Expression } from '../../model/scenario.ts'
import type { Dimension } from '../../model/vocabulary.ts'
import { compilePattern } from '../pattern.ts'
import {
  type Arithmetic,
  type Comparison,
  comparable,
  compare,
  dimensionOf,
  factorOf,
  numberOf,
  truthOf,
} from '../values.ts'
import { broken, type Compiled, type Context } from './context.ts'
import { nameOf } from './names.ts'

type Binary = Extract<Expression, { kind: 'binary' }>

export function junction(
  expression: Binary,
  operator: 'and' | 'or',
  left: Compiled,
  right: Compiled,
  context: Context,
): Compiled {
  requireTruth(expression.left, left, context)
  requireTruth(expression.right, right, context)
  /** The value that decides alone: false for and, true for or. */
  const decisive = operator === 'or'
  return {
    dimension: 'boolean',
    evaluate(element) {
      const first = truthOf(left.evaluate(element))
      if (first === decisive) return decisive
      const second = truthOf(right.evaluate(element))
      if (second === decisive) return decisive
      return first === null || second === null ? null : !decisive
    },
  }
}

export function negation(expression: Expression & { kind: 'unary' }, operand: Compiled, context: Context): Compiled {
  requireTruth(expression.operand, operand, context)
  return {
    dimension: 'boolean',
    evaluate(element) {
      const value = truthOf(operand.evaluate(element))
      return value === null ? null : !value
    },
  }
}

/** What stands where a condition must. */
export function requireTruth(expression: Expression, { dimension }: Compiled, context: Context): void {
  if (dimension === 'boolean' || dimension === 'any') return
  context.complain('wrong-type', expression.span, `a condition is needed here, this is ${nameOf(dimension)}`)
}

export function arithmetic(
  expression: Binary,
  operator: Arithmetic,
  left: Compiled,
  right: Compiled,
  context: Context,
): Compiled {
  const dimension = dimensionOf(operator, left.dimension, right.dimension)
  if (dimension === undefined) {
    const verb = { '+': 'added to', '-': 'subtracted from', '*': 'multiplied by', '/': 'divided by' }[operator]
    const [first, second] = operator === '-' || operator === '+' ? [right, left] : [left, right]
    const message = `${nameOf(first.dimension)} cannot be ${verb} ${nameOf(second.dimension)}`
    context.complain('wrong-unit', expression.span, message)
    return broken
  }
  const factor = operator === '*' || operator === '/' ? factorOf(operator, left.dimension, right.dimension) : 1
  return {
    dimension,
    evaluate(element) {
      const first = numberOf(left.evaluate(element))
      const second = numberOf(right.evaluate(element))
      if (first === null || second === null) return null
      switch (operator) {
        case '+':
          return first + second
        case '-':
          return first - second
        case '*':
          return first * second * factor
        case '/':
          return second === 0 ? null : (first / second) * factor
      }
    },
  }
}

export function comparison(
  expression: Binary,
  operator: Comparison,
  left: Compiled,
  right: Compiled,
  context: Context,
): Compiled {
  if (!requireComparable(expression, left.dimension, right.dimension, context)) return broken
  return {
    dimension: 'boolean',
    evaluate: element => compare(operator, left.evaluate(element), right.evaluate(element)),
  }
}

export function inList(
  expression: Expression & { kind: 'in' },
  operand: Compiled,
  choices: readonly Compiled[],
  context: Context,
): Compiled {
  choices.forEach((choice, at) => {
    requireComparable(expression.choices[at], operand.dimension, choice.dimension, context)
  })
  return {
    dimension: 'boolean',
    evaluate(element) {
      const value = operand.evaluate(element)
      let unknown = false
      for (const choice of choices) {
        const equal = compare('=', value, choice.evaluate(element))
        if (equal) return true
        if (equal === null) unknown = true
      }
      return unknown ? null : false
    },
  }
}

const unitHelp: Partial<Record<Dimension, string>> = {
  duration: 'write it with a unit of time, such as 5s',
  size: 'write it with a unit of size, such as 16MB',
  percent: 'write it with %, such as 90%',
}

function requireComparable(expression: Expression, left: Dimension, right: Dimension, context: Context): boolean {
  if (comparable(left, right)) return true
  const united = left === 'number' ? right : right === 'number' ? left : undefined
  const code = united !== undefined && unitHelp[united] ? 'wrong-unit' : 'wrong-type'
  const help = united === undefined ? undefined : unitHelp[united]
  context.complain(code, expression.span, `${nameOf(left)} cannot be compared with ${nameOf(right)}`, help)
  return false
}

/** `~`, `!~`, and the same with a star, which do not care about upper and lower case. */
export function matching(expression: Binary, operator: BinaryOperator, left: Compiled, context: Context): Compiled {
  const { right } = expression
  if (!['text', 'thing', 'any'].includes(left.dimension)) {
    context.complain('wrong-type', expression.left.span, `${operator} needs a text, this is ${nameOf(left.dimension)}`)
    return broken
  }
  if (right.kind !== 'literal' || right.dimension !== 'text') {
    context.complain('wrong-type', right.span, `${operator} needs a pattern in quotes`)
    return broken
  }
  const pattern = compilePattern(right.value, operator.endsWith('*'))
  if (typeof pattern !== 'function') {
    context.complain('wrong-type', right.span, `the pattern is not valid: ${pattern.problem}`)
    return broken
  }
  const wanted = !operator.startsWith('!')
  return {
    dimension: 'boolean',
    evaluate(element) {
      const value = left.evaluate(element)
      return value === null ? null : pattern(String(value)) === wanted
    },
  }
}
