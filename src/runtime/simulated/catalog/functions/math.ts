// Functions of numbers. The transcendental ones are left out: their last digits differ between machines.

import { fail } from '../../shared/error.ts'
import type { PureFunction } from '../callable.ts'
import { float8Type } from '../types/float.ts'
import { int2Type, int4Type, int8, int8Type } from '../types/integer.ts'
import { Numeric, numericType } from '../types/numeric.ts'
import { textType } from '../types/text.ts'
import type { Type, Value } from '../types/type.ts'

const zero = Numeric.of(0)

function fn(
  name: string,
  parameters: readonly Type[],
  returns: Type,
  evaluate: PureFunction['evaluate'],
): PureFunction {
  return { name, parameters, returns, evaluate }
}

function ceiling(value: Numeric): Numeric {
  const whole = value.truncate(0)
  return whole.compare(value) < 0 ? whole.add(Numeric.of(1)) : whole
}

function floor(value: Numeric): Numeric {
  const whole = value.truncate(0)
  return whole.compare(value) > 0 ? whole.subtract(Numeric.of(1)) : whole
}

function roundHalfEven(value: number): number {
  const whole = Math.floor(value)
  const fraction = value - whole
  if (fraction < 0.5) return whole
  return fraction > 0.5 || whole % 2 !== 0 ? whole + 1 : whole
}

function remainder(a: Value, b: Value): Value {
  if (b === 0) fail('22012', 'division by zero')
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0
  return int8(BigInt(a as number) % BigInt(b as number))
}

const integers = [int2Type, int4Type, int8Type]

export const mathFunctions: readonly PureFunction[] = [
  ...integers.map(type => fn('abs', [type], type, a => (a < 0 ? int8(-a) : a))),
  ...integers.map(type => fn('mod', [type, type], type, remainder)),
  fn('abs', [float8Type], float8Type, Math.abs),
  fn('abs', [numericType], numericType, a => (a.compare(zero) < 0 ? a.negate() : a)),
  fn('mod', [numericType, numericType], numericType, (a, b) => a.remainder(b)),
  fn('div', [numericType, numericType], numericType, (a, b) => a.divide(b).truncate(0)),
  fn('ceil', [numericType], numericType, ceiling),
  fn('ceiling', [numericType], numericType, ceiling),
  fn('floor', [numericType], numericType, floor),
  fn('ceil', [float8Type], float8Type, Math.ceil),
  fn('ceiling', [float8Type], float8Type, Math.ceil),
  fn('floor', [float8Type], float8Type, Math.floor),
  fn('round', [numericType], numericType, a => a.round(0)),
  fn('round', [numericType, int4Type], numericType, (a, digits) => a.round(digits)),
  fn('round', [float8Type], float8Type, roundHalfEven),
  fn('trunc', [numericType], numericType, a => a.truncate(0)),
  fn('trunc', [numericType, int4Type], numericType, (a, digits) => a.truncate(digits)),
  fn('trunc', [float8Type], float8Type, Math.trunc),
  fn('sign', [numericType], numericType, a => Numeric.of(a.compare(zero))),
  fn('sign', [float8Type], float8Type, Math.sign),
  fn('sqrt', [float8Type], float8Type, a =>
    a < 0 ? fail('2201F', 'cannot take square root of a negative number') : Math.sqrt(a),
  ),
  fn('to_hex', [int4Type], textType, a => (a >>> 0).toString(16)),
  fn('to_hex', [int8Type], textType, a => BigInt.asUintN(64, BigInt(a)).toString(16)),
]
