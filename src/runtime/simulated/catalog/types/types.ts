// All types, by oid and by name. A new one is one file and one line here.

import type { ArrayType } from './array.ts'
import { int2ArrayType, int2vectorType, int4ArrayType, oidArrayType, textArrayType } from './array.ts'
import { booleanType } from './boolean.ts'
import { float4Type, float8Type } from './float.ts'
import {
  cidType,
  lsnType,
  oidType,
  recordType,
  regclassType,
  tidType,
  voidType,
  xid8Type,
  xidType,
} from './identifiers.ts'
import { int2Type, int4Type, int8Type } from './integer.ts'
import { intervalType } from './interval.ts'
import { inetType } from './network.ts'
import { numericPrecisionAndScale, numericType } from './numeric.ts'
import { bpcharType, charType, nameType, nodeTreeType, textType, unknownType, varcharType } from './text.ts'
import { dateType, timestampType, timestamptzType } from './timestamp.ts'
import type { Type } from './type.ts'

export const types: readonly Type[] = [
  booleanType,
  charType,
  nameType,
  int8Type,
  int2Type,
  int2vectorType,
  int4Type,
  textType,
  oidType,
  tidType,
  xidType,
  cidType,
  nodeTreeType,
  float4Type,
  float8Type,
  inetType,
  unknownType,
  int2ArrayType,
  int4ArrayType,
  textArrayType,
  oidArrayType,
  bpcharType,
  varcharType,
  dateType,
  timestampType,
  timestamptzType,
  intervalType,
  numericType,
  regclassType,
  recordType,
  voidType,
  lsnType,
  xid8Type,
]

const byOid = new Map(types.map(type => [type.oid, type]))
const byName = new Map(types.map(type => [type.name, type]))

export function typeByOid(oid: number): Type | undefined {
  return byOid.get(oid)
}

/** By pg_type.typname; the grammar has turned SQL's names (integer, decimal) into these. */
export function typeByName(name: string): Type | undefined {
  return byName.get(name)
}

export function arrayTypeOf(element: Type): ArrayType | undefined {
  return types.find(
    (type): type is ArrayType => 'element' in type && type.element === element && type.name.startsWith('_'),
  )
}

export function isArrayType(type: Type): type is ArrayType {
  return 'element' in type
}

/** As format_type prints it, with its modifier. */
export function formatType(type: Type, modifier = -1): string {
  if (modifier < 0) return type.displayName
  if (type === numericType) {
    const { precision, scale } = numericPrecisionAndScale(modifier)
    return `numeric(${precision},${scale})`
  }
  return type === varcharType || type === bpcharType ? `${type.displayName}(${modifier - 4})` : type.displayName
}
