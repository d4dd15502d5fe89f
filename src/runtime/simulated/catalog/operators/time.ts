// Arithmetic of dates, timestamps, intervals and WAL positions.

import { fail } from '../../shared/error.ts'
import type { Operator } from '../callable.ts'
import { float8Type } from '../types/float.ts'
import { lsnType } from '../types/identifiers.ts'
import { int4Type } from '../types/integer.ts'
import { Interval, intervalType, microsecondsPerDay } from '../types/interval.ts'
import { Numeric, numericType } from '../types/numeric.ts'
import { addInterval, dateType, timestampType, timestamptzType } from '../types/timestamp.ts'

/** Whole days are counted as days. */
function difference(a: number, b: number): Interval {
  const days = Math.trunc((a - b) / microsecondsPerDay)
  return new Interval(0, days, a - b - days * microsecondsPerDay)
}

const midnight = (days: number) => days * microsecondsPerDay

export const timeOperators: readonly Operator[] = [
  ...[timestampType, timestamptzType].flatMap((type): Operator[] => [
    { name: '+', parameters: [type, intervalType], returns: type, evaluate: addInterval },
    {
      name: '+',
      parameters: [intervalType, type],
      returns: type,
      evaluate: (a: Interval, b: number) => addInterval(b, a),
    },
    {
      name: '-',
      parameters: [type, intervalType],
      returns: type,
      evaluate: (a: number, b: Interval) => addInterval(a, b.negate()),
    },
    { name: '-', parameters: [type, type], returns: intervalType, evaluate: difference },
  ]),
  { name: '+', parameters: [dateType, int4Type], returns: dateType, evaluate: (a: number, b: number) => a + b },
  { name: '-', parameters: [dateType, int4Type], returns: dateType, evaluate: (a: number, b: number) => a - b },
  { name: '-', parameters: [dateType, dateType], returns: int4Type, evaluate: (a: number, b: number) => a - b },
  {
    name: '+',
    parameters: [dateType, intervalType],
    returns: timestampType,
    evaluate: (a: number, b: Interval) => addInterval(midnight(a), b),
  },
  {
    name: '-',
    parameters: [dateType, intervalType],
    returns: timestampType,
    evaluate: (a: number, b: Interval) => addInterval(midnight(a), b.negate()),
  },
  {
    name: '+',
    parameters: [intervalType, intervalType],
    returns: intervalType,
    evaluate: (a: Interval, b: Interval) => a.add(b),
  },
  {
    name: '-',
    parameters: [intervalType, intervalType],
    returns: intervalType,
    evaluate: (a: Interval, b: Interval) => a.add(b.negate()),
  },
  { name: '-', parameters: [intervalType], returns: intervalType, evaluate: (a: Interval) => a.negate() },
  {
    name: '*',
    parameters: [intervalType, float8Type],
    returns: intervalType,
    evaluate: (a: Interval, b: number) => a.multiply(b),
  },
  {
    name: '*',
    parameters: [float8Type, intervalType],
    returns: intervalType,
    evaluate: (a: number, b: Interval) => b.multiply(a),
  },
  {
    name: '/',
    parameters: [intervalType, float8Type],
    returns: intervalType,
    evaluate: (a: Interval, b: number) => (b === 0 ? fail('22012', 'division by zero') : a.multiply(1 / b)),
  },
  {
    name: '-',
    parameters: [lsnType, lsnType],
    returns: numericType,
    evaluate: (a: number, b: number) => Numeric.of(a - b),
  },
  {
    name: '+',
    parameters: [lsnType, numericType],
    returns: lsnType,
    evaluate: (a: number, b: Numeric) => a + b.toNumber(),
  },
  {
    name: '-',
    parameters: [lsnType, numericType],
    returns: lsnType,
    evaluate: (a: number, b: Numeric) => a - b.toNumber(),
  },
]
