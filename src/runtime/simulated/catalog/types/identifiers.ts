// Types of things inside the server: oid, xid, xid8, cid, tid, pg_lsn, regclass; record and void.

import { formatLsn } from '../../../../model/format.ts'
import type { Datum } from '../../access/tuple-descriptor.ts'
import { fail } from '../../shared/error.ts'
import { readInt8, writeInt8 } from './integer.ts'
import { comparePrimitives, type Type, type Value } from './type.ts'

const unsigned32 = {
  length: 4,
  align: 4,
  output: (value: Value) => String(value),
  compare: comparePrimitives,
  write: (view: DataView, at: number, value: Datum) => view.setUint32(at, value as number, true),
  read: (view: DataView, at: number) => view.getUint32(at, true),
} as const

function unsignedInput(typeName: string) {
  return (text: string): number => {
    if (!/^\s*\d+\s*$/.test(text)) fail('22P02', `invalid input syntax for type ${typeName}: "${text}"`)
    const value = Number(text)
    if (value > 0xffff_ffff) fail('22003', `value "${text}" is out of range for type ${typeName}`)
    return value
  }
}

export const oidType: Type = {
  ...unsigned32,
  oid: 26,
  name: 'oid',
  displayName: 'oid',
  category: 'N',
  isPreferred: true,
  input: unsignedInput('oid'),
}

/** Transaction ids have no order: they wrap around. */
export const xidType: Type = {
  ...unsigned32,
  compare: undefined,
  oid: 28,
  name: 'xid',
  displayName: 'xid',
  category: 'U',
  input: unsignedInput('xid'),
}

export const cidType: Type = {
  ...unsigned32,
  compare: undefined,
  oid: 29,
  name: 'cid',
  displayName: 'cid',
  category: 'U',
  input: unsignedInput('cid'),
}

/** A relation's oid. Its text form is the relation's name, which only the catalog knows: sql converts it. */
export const regclassType: Type = {
  ...unsigned32,
  oid: 2205,
  name: 'regclass',
  displayName: 'regclass',
  category: 'N',
  input: unsignedInput('regclass'),
}

export const xid8Type: Type = {
  oid: 5069,
  name: 'xid8',
  displayName: 'xid8',
  length: 8,
  align: 8,
  category: 'U',
  compare: comparePrimitives,
  input: text => Number(text),
  output: value => String(value),
  write: writeInt8,
  read: readInt8,
}

export const lsnType: Type = {
  oid: 3220,
  name: 'pg_lsn',
  displayName: 'pg_lsn',
  length: 8,
  align: 8,
  category: 'U',
  compare: comparePrimitives,
  input(text) {
    const match = /^\s*([0-9a-f]{1,8})\/([0-9a-f]{1,8})\s*$/i.exec(text)
    if (!match) fail('22P02', `invalid input syntax for type pg_lsn: "${text}"`)
    return Number.parseInt(match[1], 16) * 0x1_0000_0000 + Number.parseInt(match[2], 16)
  },
  output: value => formatLsn(value as number),
  write: writeInt8,
  read: readInt8,
}

/** A row's place: block × 65536 + line pointer. */
export const tidType: Type = {
  oid: 27,
  name: 'tid',
  displayName: 'tid',
  length: 6,
  align: 2,
  category: 'U',
  compare: comparePrimitives,
  input(text) {
    const match = /^\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*$/.exec(text)
    if (!match) fail('22P02', `invalid input syntax for type tid: "${text}"`)
    return Number(match[1]) * 65536 + Number(match[2])
  },
  output: value => `(${Math.floor((value as number) / 65536)},${(value as number) % 65536})`,
}

/** What functions without a result return; it prints as nothing. */
export const voidType: Type = {
  oid: 2278,
  name: 'void',
  displayName: 'void',
  length: 4,
  align: 4,
  category: 'P',
  input: () => '',
  output: () => '',
}

/** A row that a function gives as one value: its text. */
export const recordType: Type = {
  oid: 2249,
  name: 'record',
  displayName: 'record',
  length: -1,
  align: 8,
  category: 'P',
  input: () => fail('0A000', 'input of anonymous composite types is not implemented'),
  output: value => String(value),
}

/** What functions such as concat take: a value of any type, as its text. */
export const anyType: Type = {
  oid: 2276,
  name: 'any',
  displayName: '"any"',
  length: 4,
  align: 4,
  category: 'P',
  input: text => text,
  output: value => String(value),
}
