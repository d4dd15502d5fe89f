// What a type is: its place in pg_type, its text form, its order, and its bytes in a tuple.
//
// Values: null; boolean; number (int2, int4, oid, float8, timestamps in microseconds since 2000-01-01, pg_lsn, xid);
// int8 is a number while it is a safe integer, else a bigint, so that equal values are always `===`;
// strings for the text types; Numeric; Interval.

import type { Datum, StoredType } from '../../access/tuple-descriptor.ts'
import type { Interval } from './interval.ts'
import type { Numeric } from './numeric.ts'

export type Value = null | boolean | number | bigint | string | Numeric | Interval | readonly Value[]

/** PostgreSQL's pg_type.typcategory: boolean, date/time, network address, numeric, pseudo, string, timespan, user-defined, array, unknown, internal. */
export type Category = 'B' | 'D' | 'I' | 'N' | 'P' | 'S' | 'T' | 'U' | 'A' | 'X' | 'Z'

export interface Type extends StoredType {
  readonly oid: number
  /** pg_type.typname. */
  readonly name: string
  /** What format_type prints and error messages say. */
  readonly displayName: string
  readonly category: Category
  readonly isPreferred?: boolean
  /** Text to value; fails with 22P02 and its like. */
  readonly input: (text: string) => Value
  readonly output: (value: Value) => string
  /** Order of two non-null values; missing if the type has no btree operator class. */
  readonly compare?: (a: Datum, b: Datum) => number
  /** A primitive that is equal exactly for equal values; missing if the value itself is one. */
  readonly key?: (value: Value) => string | number
  /** Fits a value to a type modifier (varchar(n), numeric(p,s)); `isExplicit` for casts, which cut silently. */
  readonly applyModifier?: (value: Value, modifier: number, isExplicit: boolean) => Value
}

/** Orders numbers, bigints, strings by code unit, booleans. */
export function comparePrimitives(a: Datum, b: Datum): number {
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
}
