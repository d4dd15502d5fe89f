// int2, int4, int8. An int8 is a number while it is a safe integer, else a bigint.

import type { Datum } from '../../access/tuple-descriptor.ts'
import { fail } from '../../shared/error.ts'
import { comparePrimitives, type Type, type Value } from './type.ts'

export type Int8 = number | bigint

/** The one form of this integer as an int8 value; fails where PostgreSQL does, past 64 bits. */
export function int8(value: Int8): Int8 {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  const big = BigInt(value)
  if (big > 9223372036854775807n || big < -9223372036854775808n) fail('22003', 'bigint out of range')
  return narrow(big)
}

export function narrow(value: bigint): Int8 {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function integerInput(typeName: string, low: bigint, high: bigint): (text: string) => Value {
  return text => {
    if (!/^\s*[+-]?\d+\s*$/.test(text)) fail('22P02', `invalid input syntax for type ${typeName}: "${text}"`)
    const value = BigInt(text.trim().replace(/^\+/, ''))
    if (value < low || value > high) fail('22003', `value "${text}" is out of range for type ${typeName}`)
    return narrow(value)
  }
}

const common = { category: 'N', output: (value: Value) => String(value), compare: comparePrimitives } as const

export const int2Type: Type = {
  ...common,
  oid: 21,
  name: 'int2',
  displayName: 'smallint',
  length: 2,
  align: 2,
  input: integerInput('smallint', -32768n, 32767n),
  write: (view, at, value) => view.setInt16(at, value as number, true),
  read: (view, at) => view.getInt16(at, true),
}

export const int4Type: Type = {
  ...common,
  oid: 23,
  name: 'int4',
  displayName: 'integer',
  length: 4,
  align: 4,
  input: integerInput('integer', -2147483648n, 2147483647n),
  write: (view, at, value) => view.setInt32(at, value as number, true),
  read: (view, at) => view.getInt32(at, true),
}

export const int8Type: Type = {
  ...common,
  oid: 20,
  name: 'int8',
  displayName: 'bigint',
  length: 8,
  align: 8,
  input: integerInput('bigint', -9223372036854775808n, 9223372036854775807n),
  write: writeInt8,
  read: readInt8,
}

/** Eight bytes, little-endian, two's complement. */
export function writeInt8(view: DataView, at: number, value: Datum): void {
  if (typeof value === 'bigint') return view.setBigInt64(at, value, true)
  const number = value as number
  view.setInt32(at + 4, Math.floor(number / 0x1_0000_0000), true)
  view.setUint32(at, number >>> 0, true)
}

export function readInt8(view: DataView, at: number): Int8 {
  const value = view.getInt32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true)
  return Number.isSafeInteger(value) ? value : narrow(view.getBigInt64(at, true))
}
