// What the access methods need to know of a table, index or sequence. The catalog makes these and keeps them current.

import type { LockTag } from '../locks/lock-tag.ts'
import type { RelationLocator } from '../wal/record.ts'
import type { Datum, TupleDescriptor } from './tuple-descriptor.ts'

/** By what the WAL of wal_level logical names a row that was updated or deleted. */
export interface ReplicaIdentity {
  /** The whole row. */
  readonly isFull: boolean
  /** Columns of the key, 0-based; none: rows can't be named. */
  readonly attributes: readonly number[]
}

export interface Relation {
  /** Its OID. */
  readonly id: number
  /** OID of its database; 0 for a shared catalog. */
  readonly database: number
  readonly name: string
  readonly kind: 'table' | 'index' | 'sequence' | 'toast' | 'view'
  /** Its files; truncate and rewriting give it new ones. */
  readonly locator: RelationLocator
  readonly lockTag: LockTag
  readonly descriptor: TupleDescriptor
  /** Percent, of heap pages by insert and of leaf pages by index builds. */
  readonly fillFactor: number
  readonly isCatalog: boolean
  /** Its changes are not in the WAL, and a crash empties it. */
  readonly isUnlogged?: boolean
  /** It will take a table's place, and what comes in is that table's already: nobody decodes it. */
  readonly isRewrite?: boolean
  /** Of a table. */
  readonly replicaIdentity?: ReplicaIdentity
  /** Its indexes, in the order in which they are to be maintained (by OID). */
  readonly indexes: readonly Index[]
}

export interface Index extends Relation {
  readonly kind: 'index'
  readonly table: Relation
  readonly isUnique: boolean
  readonly isPrimary: boolean
  /** Null keys conflict too (NULLS NOT DISTINCT, 15). */
  readonly nullsNotDistinct: boolean
  /** A unique index that a foreign key or replica identity may rest on: unique, not partial, on plain columns. */
  readonly isKey: boolean
  /** One for each key column. */
  readonly columns: readonly IndexColumn[]
  /** All columns (0-based) of the table that key, expressions and predicate read: changing them forbids a HOT update. */
  readonly usedAttributes: readonly number[]
  /** As messages show a key: (aid)=(1). */
  describeKey(key: readonly Datum[]): string
}

export interface IndexColumn {
  /** The table's column, 0-based; -1 for an expression. */
  readonly attribute: number
  /** Orders two values that are not null: negative, zero, positive; ascending, whatever `descending` says. */
  compare(a: Datum, b: Datum): number
  readonly descending: boolean
  readonly nullsFirst: boolean
}
