// Which type becomes which, when (by itself, in an assignment, or only when asked), and how. Mirrors pg_cast. What is
// not listed goes through text: from a string type when asked, to a string type in an assignment.

import { fail } from '../shared/error.ts'
import type { Evaluate } from './callable.ts'
import { booleanType } from './types/boolean.ts'
import { float4Type, float8Type } from './types/float.ts'
import { lsnType, oidType, regclassType, xid8Type, xidType } from './types/identifiers.ts'
import { int2Type, int4Type, int8, int8Type } from './types/integer.ts'
import { microsecondsPerDay } from './types/interval.ts'
import { Numeric, numericType } from './types/numeric.ts'
import {
  bpcharType,
  charType,
  nameType,
  textType,
  trimBlanks,
  truncateName,
  unknownType,
  varcharType,
} from './types/text.ts'
import { dateType, timestampType, timestamptzType } from './types/timestamp.ts'
import type { Type, Value } from './types/type.ts'

/** From what on a cast is made: implicitly, in an assignment, or only explicitly. */
export type CastContext = 'implicit' | 'assignment' | 'explicit'

export interface Cast {
  readonly from: Type
  readonly to: Type
  readonly context: CastContext
  /** Missing where the value stays as it is. */
  readonly convert?: Evaluate
}

const ranges = new Map<Type, readonly [number, number]>([
  [int2Type, [-0x8000, 0x7fff]],
  [int4Type, [-0x8000_0000, 0x7fff_ffff]],
])

/** Fits an integer into an integer type. */
function toInteger(type: Type): (value: number | bigint) => Value {
  const range = ranges.get(type)
  if (!range) return int8
  const [low, high] = range
  return value => (value < low || value > high ? fail('22003', `${type.displayName} out of range`) : Number(value))
}

/** Floats round half to even when they become integers. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const fraction = value - floor
  if (fraction < 0.5) return floor
  return fraction > 0.5 || floor % 2 !== 0 ? floor + 1 : floor
}

function numbers(): Cast[] {
  const integers = [int2Type, int4Type, int8Type]
  const floats = [float4Type, float8Type]
  const casts: Cast[] = []
  for (const from of integers) {
    for (const to of integers) {
      if (from.length < to.length) casts.push({ from, to, context: 'implicit' })
      if (from.length > to.length) casts.push({ from, to, context: 'assignment', convert: toInteger(to) })
    }
    casts.push({ from, to: numericType, context: 'implicit', convert: Numeric.of })
    casts.push({ from: numericType, to: from, context: 'assignment', convert: numericTo(from) })
    for (const float of floats) {
      const round = float === float4Type ? Math.fround : (value: number) => value
      casts.push({ from, to: float, context: 'implicit', convert: value => round(Number(value)) })
      casts.push({ from: float, to: from, context: 'assignment', convert: floatTo(from) })
    }
  }
  casts.push({ from: float4Type, to: float8Type, context: 'implicit' })
  casts.push({ from: float8Type, to: float4Type, context: 'assignment', convert: Math.fround })
  casts.push({
    from: numericType,
    to: float4Type,
    context: 'implicit',
    convert: value => Math.fround(value.toNumber()),
  })
  casts.push({ from: numericType, to: float8Type, context: 'implicit', convert: value => value.toNumber() })
  for (const from of floats) casts.push({ from, to: numericType, context: 'assignment', convert: floatToNumeric(from) })
  return casts
}

function numericTo(type: Type) {
  const convert = toInteger(type)
  return (value: Numeric) => {
    if (value.isNaN) fail('0A000', `cannot convert NaN to ${type.displayName}`)
    return convert(value.round(0).coefficient)
  }
}

function floatTo(type: Type) {
  const convert = toInteger(type)
  return (value: number) => {
    const rounded = roundHalfEven(value)
    if (!Number.isFinite(rounded) || Math.abs(rounded) > 9223372036854775000) {
      fail('22003', `${type.displayName} out of range`)
    }
    return convert(Number.isSafeInteger(rounded) ? rounded + 0 : BigInt(rounded))
  }
}

/** PostgreSQL goes through 6 (float4) or 15 digits. */
function floatToNumeric(type: Type) {
  const digits = type === float4Type ? 6 : 15
  return (value: number) => {
    if (Number.isNaN(value)) return Numeric.nan
    if (!Number.isFinite(value)) fail('0A000', 'infinite numeric values are not played yet')
    return Numeric.parse(String(Number(value.toPrecision(digits))))!
  }
}

function strings(): Cast[] {
  const trim: Evaluate = trimBlanks
  const name: Evaluate = truncateName
  return [
    { from: varcharType, to: textType, context: 'implicit' },
    { from: textType, to: varcharType, context: 'implicit' },
    { from: bpcharType, to: textType, context: 'implicit', convert: trim },
    { from: bpcharType, to: varcharType, context: 'implicit', convert: trim },
    { from: textType, to: bpcharType, context: 'implicit' },
    { from: varcharType, to: bpcharType, context: 'implicit' },
    { from: nameType, to: textType, context: 'implicit' },
    { from: nameType, to: varcharType, context: 'assignment' },
    { from: nameType, to: bpcharType, context: 'assignment' },
    { from: textType, to: nameType, context: 'implicit', convert: name },
    { from: varcharType, to: nameType, context: 'implicit', convert: name },
    { from: bpcharType, to: nameType, context: 'implicit', convert: value => truncateName(trimBlanks(value)) },
    { from: charType, to: textType, context: 'implicit' },
    { from: textType, to: charType, context: 'assignment', convert: value => value.slice(0, 1) },
    { from: booleanType, to: textType, context: 'assignment', convert: value => (value ? 'true' : 'false') },
    { from: booleanType, to: varcharType, context: 'assignment', convert: value => (value ? 'true' : 'false') },
  ]
}

function identifiers(): Cast[] {
  const unsigned = (value: number) => value >>> 0
  return [
    { from: int4Type, to: booleanType, context: 'explicit', convert: value => value !== 0 },
    { from: booleanType, to: int4Type, context: 'explicit', convert: value => (value ? 1 : 0) },
    ...[oidType, regclassType].flatMap((type): Cast[] => [
      { from: int2Type, to: type, context: 'implicit', convert: unsigned },
      { from: int4Type, to: type, context: 'implicit', convert: unsigned },
      { from: int8Type, to: type, context: 'implicit', convert: toOid },
      { from: type, to: int8Type, context: 'assignment' },
      { from: type, to: int4Type, context: 'assignment', convert: value => value | 0 },
    ]),
    { from: oidType, to: regclassType, context: 'implicit' },
    { from: regclassType, to: oidType, context: 'implicit' },
    { from: xid8Type, to: xidType, context: 'explicit', convert: value => value % 0x1_0000_0000 },
    { from: numericType, to: lsnType, context: 'explicit', convert: value => value.toNumber() },
  ]
}

function toOid(value: number | bigint): number {
  if (value < 0 || value > 0xffff_ffff) fail('22003', 'OID out of range')
  return Number(value)
}

function times(): Cast[] {
  const midnight = (days: number) => days * microsecondsPerDay
  const day = (microseconds: number) => Math.floor(microseconds / microsecondsPerDay)
  return [
    { from: dateType, to: timestampType, context: 'implicit', convert: midnight },
    { from: dateType, to: timestamptzType, context: 'implicit', convert: midnight },
    { from: timestampType, to: timestamptzType, context: 'implicit' },
    { from: timestamptzType, to: timestampType, context: 'assignment' },
    { from: timestampType, to: dateType, context: 'assignment', convert: day },
    { from: timestamptzType, to: dateType, context: 'assignment', convert: day },
  ]
}

const casts = [...numbers(), ...strings(), ...identifiers(), ...times()]
const byPair = new Map(casts.map(cast => [cast.from.oid * 0x1_0000 + cast.to.oid, cast]))

const ranks: Record<CastContext, number> = { implicit: 0, assignment: 1, explicit: 2 }

/** How a value of type `from` becomes one of type `to` where `context` stands; undefined if it does not. */
export function findCast(from: Type, to: Type, context: CastContext): Cast | undefined {
  const listed = byPair.get(from.oid * 0x1_0000 + to.oid)
  if (listed) return ranks[listed.context] <= ranks[context] ? listed : undefined
  if (from === unknownType || from.category === 'P' || to.category === 'P') return undefined
  if (to.category === 'S' && to !== nameType && ranks[context] >= 1) {
    const convert = to === bpcharType || to === varcharType || to === textType ? from.output : undefined
    return convert && { from, to, context: 'assignment', convert }
  }
  if (from.category === 'S' && context === 'explicit') return { from, to, context: 'explicit', convert: to.input }
  return undefined
}
