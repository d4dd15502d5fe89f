// Arithmetic and bits of int2, int4 and int8, in all their mixtures. Overflow is an error, as in PostgreSQL.

import { fail } from '../../shared/error.ts'
import type { Operator } from '../callable.ts'
import { type Int8, int2Type, int4Type, int8, int8Type } from '../types/integer.ts'
import type { Type } from '../types/type.ts'

type Arithmetic = '+' | '-' | '*' | '/' | '%'

function smallArithmetic(type: Type, limit: number): Record<Arithmetic, (a: number, b: number) => number> {
  const check = (value: number) => {
    if (value >= limit || value < -limit) fail('22003', `${type.displayName} out of range`)
    return value
  }
  return {
    '+': (a, b) => check(a + b),
    '-': (a, b) => check(a - b),
    // A product of two int4 may be past 2^53, but is then out of range whatever its last digits are.
    '*': (a, b) => check(a * b) + 0,
    '/': (a, b) => (b === 0 ? divisionByZero() : check(Math.trunc(a / b)) + 0),
    '%': (a, b) => (b === 0 ? divisionByZero() : (a % b) + 0),
  }
}

const bigArithmetic: Record<Arithmetic, (a: Int8, b: Int8) => Int8> = {
  '+': (a, b) => {
    if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b
    return int8(BigInt(a) + BigInt(b))
  },
  '-': (a, b) => {
    if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a - b)) return a - b
    return int8(BigInt(a) - BigInt(b))
  },
  '*': (a, b) => {
    if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a * b)) return a * b + 0
    return int8(BigInt(a) * BigInt(b))
  },
  '/': (a, b) => {
    if (b === 0) divisionByZero()
    if (typeof a === 'number' && typeof b === 'number') return Math.trunc(exactQuotient(a, b)) + 0
    return int8(BigInt(a) / BigInt(b))
  },
  '%': (a, b) => {
    if (b === 0) divisionByZero()
    if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0
    return int8(BigInt(a) % BigInt(b))
  },
}

/** Division of safe integers may round up to a whole number that the true quotient does not reach. */
function exactQuotient(a: number, b: number): number {
  return (a - (a % b)) / b
}

function divisionByZero(): never {
  fail('22012', 'division by zero')
}

const small = { int2: smallArithmetic(int2Type, 0x8000), int4: smallArithmetic(int4Type, 0x8000_0000) }
const integers = [int2Type, int4Type, int8Type]

function arithmetic(): Operator[] {
  const operators: Operator[] = []
  for (const left of integers) {
    for (const right of integers) {
      const returns = left.length > right.length ? left : right
      for (const name of ['+', '-', '*', '/', '%'] as const) {
        // PostgreSQL has the remainder only of equal types; the narrower argument is cast.
        if (name === '%' && left !== right) continue
        const evaluate = returns === int8Type ? bigArithmetic[name] : small[returns.name as 'int2' | 'int4'][name]
        operators.push({ name, parameters: [left, right], returns, evaluate })
      }
    }
    const negate = left === int8Type ? bigArithmetic['-'] : small[left.name as 'int2' | 'int4']['-']
    operators.push({
      name: '-',
      parameters: [left],
      returns: left,
      evaluate: a => (negate as (a: Int8, b: Int8) => Int8)(0, a),
    })
    operators.push({ name: '+', parameters: [left], returns: left, evaluate: a => a })
    operators.push({
      name: '@',
      parameters: [left],
      returns: left,
      evaluate: a => (a < 0 ? (negate as (a: Int8, b: Int8) => Int8)(0, a) : a),
    })
  }
  return operators
}

function bits(): Operator[] {
  const operators: Operator[] = []
  const operations: Record<string, (a: bigint, b: bigint) => bigint> = {
    '&': (a, b) => a & b,
    '|': (a, b) => a | b,
    '#': (a, b) => a ^ b,
  }
  for (const type of integers) {
    const width = type.length * 8
    const wrap = (value: bigint) => int8(BigInt.asIntN(width, value))
    // C shifts by the count modulo the width, of 32 bits at least.
    const count = (n: number) => BigInt(n & (type === int8Type ? 63 : 31))
    for (const [name, operation] of Object.entries(operations)) {
      operators.push({
        name,
        parameters: [type, type],
        returns: type,
        evaluate: (a, b) => wrap(operation(BigInt(a), BigInt(b))),
      })
    }
    operators.push({ name: '~', parameters: [type], returns: type, evaluate: a => wrap(~BigInt(a)) })
    operators.push({
      name: '<<',
      parameters: [type, int4Type],
      returns: type,
      evaluate: (a, n) => wrap(BigInt(a) << count(n)),
    })
    operators.push({
      name: '>>',
      parameters: [type, int4Type],
      returns: type,
      evaluate: (a, n) => wrap(BigInt(a) >> count(n)),
    })
  }
  return operators
}

export const integerOperators: readonly Operator[] = [...arithmetic(), ...bits()]
