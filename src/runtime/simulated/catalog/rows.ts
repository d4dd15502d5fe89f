// The catalog rows that describe a relation: what CREATE writes, and what bootstrap lays down for the catalogs
// themselves.

import type { Datum } from '../access/tuple-descriptor.ts'
import { bootstrapRole, btreeAccessMethod, heapAccessMethod, pgAttribute, pgClass } from './tables.ts'
import { int2ArrayType } from './types/array.ts'
import type { Type } from './types/type.ts'

export interface ColumnDefinition {
  readonly name: string
  readonly type: Type
  /** typmod; -1 if it has none. */
  readonly modifier: number
  readonly notNull: boolean
  readonly hasDefault: boolean
  /** '' no, 'a' always, 'd' by default. */
  readonly identity: '' | 'a' | 'd'
}

const alignCodes: Readonly<Record<number, string>> = { 1: 'c', 2: 's', 4: 'i', 8: 'd' }

export interface ClassFields {
  readonly oid: number
  readonly name: string
  readonly namespace: number
  readonly kind: 'r' | 'i' | 'S' | 'v'
  readonly fileNode: number
  /** 0 or missing: that of the database. */
  readonly tablespace?: number
  readonly columnCount: number
  readonly isUnlogged?: boolean
  readonly checkCount?: number
  readonly hasIndex?: boolean
  readonly frozenXid?: number
  readonly options?: readonly string[]
}

export function classRow(fields: ClassFields): Datum[] {
  const isTable = fields.kind === 'r'
  return pgClass.row({
    oid: fields.oid,
    relname: fields.name,
    relnamespace: fields.namespace,
    relowner: bootstrapRole,
    relam: isTable ? heapAccessMethod : fields.kind === 'i' ? btreeAccessMethod : 0,
    relfilenode: fields.fileNode,
    reltablespace: fields.tablespace ?? 0,
    // -1: never analysed.
    reltuples: fields.kind === 'S' ? 1 : isTable ? -1 : 0,
    relpages: fields.kind === 'S' ? 1 : 0,
    relhasindex: fields.hasIndex ?? false,
    relpersistence: fields.isUnlogged ? 'u' : 'p',
    relkind: fields.kind,
    relnatts: fields.columnCount,
    relchecks: fields.checkCount ?? 0,
    relispopulated: true,
    relreplident: isTable ? 'd' : 'n',
    relfrozenxid: fields.frozenXid ?? 0,
    relminmxid: isTable ? 1 : 0,
    reloptions: fields.options && fields.options.length > 0 ? fields.options : null,
  })
}

/** `number` counts from 1. */
export function attributeRow(relation: number, number: number, column: ColumnDefinition): Datum[] {
  const { type } = column
  const isVariable = type.length < 0
  return pgAttribute.row({
    attrelid: relation,
    attname: column.name,
    atttypid: type.oid,
    attstattarget: -1,
    attlen: type.length,
    attnum: number,
    attcacheoff: -1,
    atttypmod: column.modifier,
    attbyval: !isVariable && type.length <= 8,
    attalign: alignCodes[type.align],
    attstorage: !isVariable ? 'p' : type.name === 'numeric' ? 'm' : type === int2ArrayType ? 'p' : 'x',
    attnotnull: column.notNull,
    atthasdef: column.hasDefault,
    attidentity: column.identity,
    attislocal: true,
    attcollation: type.category === 'S' ? 100 : 0,
  })
}
