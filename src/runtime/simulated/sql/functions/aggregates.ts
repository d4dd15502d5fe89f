// The aggregates: count, sum, min, max, avg, bool_and, bool_or, every, string_agg, array_agg.

import { int4ArrayType, textArrayType } from '../../catalog/types/array.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import { float4Type, float8Type } from '../../catalog/types/float.ts'
import { anyType, lsnType, oidType } from '../../catalog/types/identifiers.ts'
import { type Int8, int2Type, int4Type, int8, int8Type } from '../../catalog/types/integer.ts'
import { type Interval, intervalType } from '../../catalog/types/interval.ts'
import { Numeric, numericType } from '../../catalog/types/numeric.ts'
import { bpcharType, textType } from '../../catalog/types/text.ts'
import { dateType, timestampType, timestamptzType } from '../../catalog/types/timestamp.ts'
import type { Type, Value } from '../../catalog/types/type.ts'
import type { Aggregate } from '../expressions/expression.ts'
import type { AggregateFunction } from './registry.ts'

const count: Aggregate = {
  start: () => 0,
  step: (state: number) => state + 1,
  finish: (state: number) => state,
  combine: (one: number, other: number) => one + other,
}

/** The first value is the first state; of no values the result is null. */
function fold(combine: (state: never, value: never) => Value, convert?: (value: never) => Value): Aggregate {
  return {
    start: () => null,
    step: (state: Value, value: Value) => {
      const converted = convert ? convert(value as never) : value
      return state === null ? converted : combine(state as never, converted as never)
    },
    finish: (state: Value) => state,
    combine: (one: Value, other: Value) => {
      if (one === null || other === null) return one ?? other
      return combine(one as never, other as never)
    },
  }
}

const addIntegers = (a: Int8, b: Int8): Int8 => {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b
  return int8(BigInt(a) + BigInt(b))
}
const addNumerics = (a: Numeric, b: Numeric) => a.add(b)

/** Integers are summed exactly and divided as numerics. */
const averageOfIntegers: Aggregate = {
  start: () => ({ sum: 0n, count: 0 }),
  step: (state: { sum: bigint; count: number }, value: Int8) => ({
    sum: state.sum + BigInt(value),
    count: state.count + 1,
  }),
  finish: ({ sum, count }: { sum: bigint; count: number }) =>
    count === 0 ? null : Numeric.of(sum).divide(Numeric.of(count)),
  combine: (one: { sum: bigint; count: number }, other: { sum: bigint; count: number }) => ({
    sum: one.sum + other.sum,
    count: one.count + other.count,
  }),
}

const averageOfNumerics: Aggregate = {
  start: () => ({ sum: Numeric.of(0), count: 0 }),
  step: (state: { sum: Numeric; count: number }, value: Numeric) => ({
    sum: state.sum.add(value),
    count: state.count + 1,
  }),
  finish: ({ sum, count }: { sum: Numeric; count: number }) => (count === 0 ? null : sum.divide(Numeric.of(count))),
  combine: (one: { sum: Numeric; count: number }, other: { sum: Numeric; count: number }) => ({
    sum: one.sum.add(other.sum),
    count: one.count + other.count,
  }),
}

const averageOfFloats: Aggregate = {
  start: () => ({ sum: 0, count: 0 }),
  step: (state: { sum: number; count: number }, value: number) => ({ sum: state.sum + value, count: state.count + 1 }),
  finish: ({ sum, count }: { sum: number; count: number }) => (count === 0 ? null : sum / count),
  combine: (one: { sum: number; count: number }, other: { sum: number; count: number }) => ({
    sum: one.sum + other.sum,
    count: one.count + other.count,
  }),
}

const averageOfIntervals: Aggregate = {
  start: () => ({ sum: undefined, count: 0 }),
  step: (state: { sum: Interval | undefined; count: number }, value: Interval) => ({
    sum: state.sum ? state.sum.add(value) : value,
    count: state.count + 1,
  }),
  finish: ({ sum, count }: { sum: Interval | undefined; count: number }) => (sum ? sum.multiply(1 / count) : null),
  combine: (
    one: { sum: Interval | undefined; count: number },
    other: { sum: Interval | undefined; count: number },
  ) => ({
    sum: one.sum && other.sum ? one.sum.add(other.sum) : (one.sum ?? other.sum),
    count: one.count + other.count,
  }),
}

function fn(name: string, parameters: readonly Type[], returns: Type, aggregate: Aggregate): AggregateFunction {
  return { name, parameters, returns, aggregate }
}

const ordered = [
  int2Type,
  int4Type,
  int8Type,
  oidType,
  float4Type,
  float8Type,
  numericType,
  textType,
  bpcharType,
  dateType,
  timestampType,
  timestamptzType,
  intervalType,
  lsnType,
]

function extremes(): AggregateFunction[] {
  return ordered.flatMap(type => {
    const compare = type.compare!
    return [
      fn(
        'min',
        [type],
        type,
        fold((a: Value, b: Value) => (compare(b, a) < 0 ? b : a)),
      ),
      fn(
        'max',
        [type],
        type,
        fold((a: Value, b: Value) => (compare(b, a) > 0 ? b : a)),
      ),
    ]
  })
}

const collectValues: Aggregate = {
  start: () => null,
  step: (state: Value[] | null, value: Value) => [...(state ?? []), value],
  finish: (state: Value[] | null) => state,
  acceptsNull: true,
}

export const aggregateFunctions: readonly AggregateFunction[] = [
  fn('count', [], int8Type, count),
  fn('count', [anyType], int8Type, count),
  fn('sum', [int2Type], int8Type, fold(addIntegers)),
  fn('sum', [int4Type], int8Type, fold(addIntegers)),
  fn('sum', [int8Type], numericType, fold(addNumerics, Numeric.of)),
  fn('sum', [numericType], numericType, fold(addNumerics)),
  fn(
    'sum',
    [float4Type],
    float4Type,
    fold((a: number, b: number) => Math.fround(a + b)),
  ),
  fn(
    'sum',
    [float8Type],
    float8Type,
    fold((a: number, b: number) => a + b),
  ),
  fn(
    'sum',
    [intervalType],
    intervalType,
    fold((a: Interval, b: Interval) => a.add(b)),
  ),
  ...[int2Type, int4Type, int8Type].map(type => fn('avg', [type], numericType, averageOfIntegers)),
  fn('avg', [numericType], numericType, averageOfNumerics),
  ...[float4Type, float8Type].map(type => fn('avg', [type], float8Type, averageOfFloats)),
  fn('avg', [intervalType], intervalType, averageOfIntervals),
  ...extremes(),
  ...['bool_and', 'every'].map(name =>
    fn(
      name,
      [booleanType],
      booleanType,
      fold((a: boolean, b: boolean) => a && b),
    ),
  ),
  fn(
    'bool_or',
    [booleanType],
    booleanType,
    fold((a: boolean, b: boolean) => a || b),
  ),
  fn('string_agg', [textType, textType], textType, {
    start: () => null,
    step: (state: string | null, [text, separator]: [string, string | null]) =>
      state === null ? text : state + (separator ?? '') + text,
    finish: (state: string | null) => state,
  }),
  fn('array_agg', [int4Type], int4ArrayType, collectValues),
  fn('array_agg', [textType], textArrayType, collectValues),
]
