// Arithmetic of numeric, float4 and float8.

import { fail } from '../../shared/error.ts'
import type { Operator } from '../callable.ts'
import { float4Type, float8Type } from '../types/float.ts'
import { Numeric, numericType } from '../types/numeric.ts'

const zero = Numeric.of(0)
const numericBinary: Record<string, (a: Numeric, b: Numeric) => Numeric> = {
  '+': (a, b) => a.add(b),
  '-': (a, b) => a.subtract(b),
  '*': (a, b) => a.multiply(b),
  '/': (a, b) => a.divide(b),
  '%': (a, b) => a.remainder(b),
}

function numericOperators(): Operator[] {
  const type = numericType
  return [
    ...Object.entries(numericBinary).map(([name, evaluate]) => ({
      name,
      parameters: [type, type],
      returns: type,
      evaluate,
    })),
    { name: '-', parameters: [type], returns: type, evaluate: (a: Numeric) => a.negate() },
    { name: '+', parameters: [type], returns: type, evaluate: (a: Numeric) => a },
    { name: '@', parameters: [type], returns: type, evaluate: (a: Numeric) => (a.compare(zero) < 0 ? a.negate() : a) },
  ]
}

const floatBinary: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 && !Number.isNaN(a) ? fail('22012', 'division by zero') : a / b),
}

/** Float arithmetic fails where a finite result would not fit. */
function checked(operation: (a: number, b: number) => number, name: string, round: (value: number) => number) {
  return (a: number, b: number): number => {
    const result = round(operation(a, b))
    if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b))
      fail('22003', 'value out of range: overflow')
    if (result === 0 && (name === '*' || name === '/') && a !== 0 && Number.isFinite(b) && !(name === '*' && b === 0)) {
      fail('22003', 'value out of range: underflow')
    }
    return result
  }
}

function floatOperators(): Operator[] {
  const operators: Operator[] = []
  const floats = [float4Type, float8Type]
  for (const left of floats) {
    for (const right of floats) {
      const returns = left === float8Type ? left : right
      const round = returns === float4Type ? Math.fround : (value: number) => value
      for (const [name, operation] of Object.entries(floatBinary)) {
        operators.push({ name, parameters: [left, right], returns, evaluate: checked(operation, name, round) })
      }
    }
    operators.push({ name: '-', parameters: [left], returns: left, evaluate: (a: number) => -a })
    operators.push({ name: '+', parameters: [left], returns: left, evaluate: (a: number) => a })
    operators.push({ name: '@', parameters: [left], returns: left, evaluate: (a: number) => Math.abs(a) })
  }
  return operators
}

export const decimalOperators: readonly Operator[] = [...numericOperators(), ...floatOperators()]
