// Type names as they are written: to the type and its modifier.

import type { TypeName } from '@pgsql/types'
import { numericModifier, numericType } from '../../catalog/types/numeric.ts'
import { bpcharType, varcharType } from '../../catalog/types/text.ts'
import type { Type } from '../../catalog/types/type.ts'
import { arrayTypeOf, typeByName } from '../../catalog/types/types.ts'
import { failAt } from '../source.ts'
import { stringOf } from './tree.ts'

/** Types of PostgreSQL that no table can have here yet. */
const notPlayed =
  /^(json|jsonb|jsonpath|uuid|bytea|inet|cidr|macaddr|macaddr8|time|timetz|money|xml|point|line|lseg|box|path|polygon|circle|bit|varbit|tsvector|tsquery|regtype|regproc|regprocedure|regnamespace|regrole|regoper|txid_snapshot|pg_snapshot|bytea|refcursor|.*range|.*multirange|record|cstring|oidvector)$/

export interface WrittenType {
  readonly type: Type
  readonly modifier: number
}

export function findType(name: TypeName): WrittenType {
  const location = name.location ?? -1
  const words = (name.names ?? []).map(stringOf)
  const word = words[words.length - 1]
  const type = words.length > 1 && words[0] !== 'pg_catalog' ? undefined : typeByName(word)
  if (!type) {
    if (notPlayed.test(word)) failAt(location, '0A000', `type ${word} is not played yet`)
    failAt(location, '42704', `type "${words.join('.')}" does not exist`)
  }
  if (name.setof || name.pct_type) failAt(location, '0A000', 'SETOF and %TYPE are not played yet')
  const modifier = readModifier(type, name)
  if (!name.arrayBounds || name.arrayBounds.length === 0) return { type, modifier }
  const array = arrayTypeOf(type)
  if (!array) failAt(location, '0A000', `arrays of ${type.displayName} are not played yet`)
  return { type: array, modifier: -1 }
}

function readModifier(type: Type, { typmods = [], location = -1 }: TypeName): number {
  const numbers = typmods.map(node => ('A_Const' in node ? (node.A_Const.ival?.ival ?? 0) : 0))
  if (type === varcharType || type === bpcharType) {
    if (numbers.length === 0) return -1
    const length = numbers[0]
    const name = type === varcharType ? 'varchar' : 'char'
    if (length < 1) failAt(location, '22023', `length for type ${name} must be at least 1`)
    if (length > 10485760) failAt(location, '22023', `length for type ${name} cannot exceed 10485760`)
    return length + 4
  }
  if (type === numericType && numbers.length > 0) {
    const [precision, scale = 0] = numbers
    if (precision < 1 || precision > 1000) {
      failAt(location, '22023', `NUMERIC precision ${precision} must be between 1 and 1000`)
    }
    if (scale < -1000 || scale > 1000)
      failAt(location, '22023', `NUMERIC scale ${scale} must be between -1000 and 1000`)
    return numericModifier(precision, scale)
  }
  if (numbers.length > 0) {
    if (/^(timestamp|interval)/.test(type.name))
      failAt(location, '0A000', `precision of type ${type.displayName} is not played yet`)
    failAt(location, '42601', `type modifier is not allowed for type "${type.name}"`)
  }
  return -1
}
