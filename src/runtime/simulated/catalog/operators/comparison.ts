// The six comparisons, of each type with itself and of those types that PostgreSQL compares with each other.

import type { Operator } from '../callable.ts'
import { int2ArrayType, int2vectorType, int4ArrayType, oidArrayType, textArrayType } from '../types/array.ts'
import { booleanType } from '../types/boolean.ts'
import { float4Type, float8Type } from '../types/float.ts'
import { cidType, lsnType, oidType, tidType, xid8Type, xidType } from '../types/identifiers.ts'
import { int2Type, int4Type, int8Type } from '../types/integer.ts'
import { intervalType, microsecondsPerDay } from '../types/interval.ts'
import { inetType } from '../types/network.ts'
import { numericType } from '../types/numeric.ts'
import { bpcharType, charType, compareText, nameType, textType } from '../types/text.ts'
import { dateType, timestampType, timestamptzType } from '../types/timestamp.ts'
import { comparePrimitives, type Type, type Value } from '../types/type.ts'

type Compare = (a: Value, b: Value) => number

const names = ['<', '<=', '=', '<>', '>=', '>'] as const

function comparisons(left: Type, right: Type, compare: Compare, only: readonly string[] = names): Operator[] {
  const tests: Record<string, (a: Value, b: Value) => boolean> =
    compare === comparePrimitives
      ? {
          '<': (a, b) => a! < b!,
          '<=': (a, b) => a! <= b!,
          '=': (a, b) => a === b,
          '<>': (a, b) => a !== b,
          '>=': (a, b) => a! >= b!,
          '>': (a, b) => a! > b!,
        }
      : {
          '<': (a, b) => compare(a, b) < 0,
          '<=': (a, b) => compare(a, b) <= 0,
          '=': (a, b) => compare(a, b) === 0,
          '<>': (a, b) => compare(a, b) !== 0,
          '>=': (a, b) => compare(a, b) >= 0,
          '>': (a, b) => compare(a, b) > 0,
        }
  return names
    .filter(name => only.includes(name))
    .map(name => ({
      name,
      parameters: [left, right],
      returns: booleanType,
      evaluate: tests[name],
      ...(name === '<>' ? {} : { strategy: name }),
    }))
}

const ofOneType: readonly Type[] = [
  booleanType,
  charType,
  bpcharType,
  oidType,
  numericType,
  timestampType,
  timestamptzType,
  dateType,
  intervalType,
  lsnType,
  inetType,
  xid8Type,
  tidType,
  int4ArrayType,
  int2ArrayType,
  oidArrayType,
  textArrayType,
]

function crossed(group: readonly Type[], compare: Compare): Operator[] {
  return group.flatMap(left => group.flatMap(right => comparisons(left, right, compare)))
}

/** Days and microseconds on one scale. */
function instant(type: Type): (value: Value) => number {
  return type === dateType ? value => (value as number) * microsecondsPerDay : value => value as number
}

function crossedTimes(): Operator[] {
  const group = [dateType, timestampType, timestamptzType]
  return group.flatMap(left =>
    group
      .filter(right => right !== left)
      .flatMap(right => {
        const a = instant(left)
        const b = instant(right)
        return comparisons(left, right, (x, y) => a(x) - b(y))
      }),
  )
}

export const comparisonOperators: readonly Operator[] = [
  ...crossed([int2Type, int4Type, int8Type], comparePrimitives),
  ...crossed([float4Type, float8Type], float8Type.compare!),
  ...crossed([textType, nameType], compareText).map(operator =>
    operator.name === '=' || operator.name === '<>'
      ? {
          ...operator,
          evaluate: operator.name === '=' ? (a: Value, b: Value) => a === b : (a: Value, b: Value) => a !== b,
        }
      : operator,
  ),
  ...ofOneType.flatMap(type => comparisons(type, type, type.compare!)),
  ...crossedTimes(),
  ...comparisons(xidType, xidType, comparePrimitives, ['=', '<>']),
  ...comparisons(xidType, int4Type, comparePrimitives, ['=', '<>']),
  ...comparisons(cidType, cidType, comparePrimitives, ['=']),
  ...comparisons(int2vectorType, int2vectorType, int2vectorType.compare!, ['=']),
]
