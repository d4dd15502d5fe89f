// The operators of pgbench's expressions, with its rules for whole numbers, doubles and null.

import type { Evaluate } from './expression.ts'
import {
  Double,
  isDouble,
  type PgbenchValue,
  ScriptError,
  toBoolean,
  toDouble,
  toWhole,
  valueOfText,
  wholeNumber,
} from './value.ts'

type Whole = (a: number, b: number) => number
type Real = (a: number, b: number) => number

const arithmetic: Readonly<Record<string, readonly [Whole, Real]>> = {
  '+': [(a, b) => a + b, (a, b) => a + b],
  '-': [(a, b) => a - b, (a, b) => a - b],
  '*': [(a, b) => a * b, (a, b) => a * b],
  '/': [(a, b) => Math.trunc(a / nonZero(b)), (a, b) => a / b],
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const bitwise: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '#': (a, b) => a ^ b,
  '<<': (a, b) => a << BigInt.asUintN(6, b),
  '>>': (a, b) => a >> BigInt.asUintN(6, b),
}

/** What a binary operator other than `and` and `or` gives. */
export function binary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  const apply = operation(operator)
  return environment => {
    const a = left(environment)
    const b = right(environment)
    return a === null || b === null ? null : apply(a, b)
  }
}

function operation(operator: string): (a: PgbenchValue, b: PgbenchValue) => PgbenchValue {
  if (operator === '=') return equal
  if (operator === '<>' || operator === '!=') return (a, b) => !equal(a, b)
  if (operator === '%') return (a, b) => wholeNumber(toWhole(a) % nonZero(toWhole(b)))
  if (Object.hasOwn(comparisons, operator)) {
    const compare = comparisons[operator]
    return (a, b) => compare(toDouble(a), toDouble(b))
  }
  if (Object.hasOwn(bitwise, operator)) {
    const combine = bitwise[operator]
    return (a, b) => wholeNumber(Number(BigInt.asIntN(64, combine(BigInt(toWhole(a)), BigInt(toWhole(b))))))
  }
  const [whole, real] = arithmetic[operator]
  return (a, b) =>
    isDouble(a) || isDouble(b) ? new Double(real(toDouble(a), toDouble(b))) : wholeNumber(whole(toWhole(a), toWhole(b)))
}

function equal(a: PgbenchValue, b: PgbenchValue): boolean {
  const left = typeof a === 'string' ? valueOfText(a) : a
  const right = typeof b === 'string' ? valueOfText(b) : b
  if (typeof left === 'boolean' || typeof right === 'boolean') return toBoolean(left) === toBoolean(right)
  return toDouble(left) === toDouble(right)
}

/** Three-valued, and the right side is looked at only where it matters. */
export function and(left: Evaluate, right: Evaluate): Evaluate {
  return environment => {
    const a = left(environment)
    if (a !== null && !toBoolean(a)) return false
    const b = right(environment)
    if (b !== null && !toBoolean(b)) return false
    return a === null || b === null ? null : true
  }
}

export function or(left: Evaluate, right: Evaluate): Evaluate {
  return environment => {
    const a = left(environment)
    if (a !== null && toBoolean(a)) return true
    const b = right(environment)
    if (b !== null && toBoolean(b)) return true
    return a === null || b === null ? null : false
  }
}

export function not(operand: Evaluate): Evaluate {
  return environment => {
    const value = operand(environment)
    return value === null ? null : !toBoolean(value)
  }
}

export function is(operand: Evaluate, what: 'null' | 'true' | 'false', negated: boolean): Evaluate {
  return environment => {
    const value = operand(environment)
    const matches = what === 'null' ? value === null : value === (what === 'true')
    return matches !== negated
  }
}

export function negate(operand: Evaluate): Evaluate {
  return environment => {
    const value = operand(environment)
    if (value === null) return null
    return isDouble(value) ? new Double(-toDouble(value)) : wholeNumber(-toWhole(value))
  }
}

export function bitwiseNot(operand: Evaluate): Evaluate {
  return environment => {
    const value = operand(environment)
    return value === null ? null : wholeNumber(-toWhole(value) - 1)
  }
}

function nonZero(value: number): number {
  if (value === 0) throw new ScriptError('division by zero')
  return value
}
