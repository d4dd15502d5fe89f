// The columns of a heap or index tuple, and how their values stand in its bytes. The types' own knowledge is handed in
// by the catalog.

/** The value of a column as the executor has it; null is SQL's null. What else it may be is the type's affair. */
export type Datum = unknown

/** Bytes, seen two ways; a page is one. */
export interface ByteArea {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/**
 * How a type's values stand in tuples; the catalog's types are such. A type of fixed length has `write` and `read`, one
 * of variable length `toBytes` and `fromBytes`; numbers are little-endian.
 */
export interface StoredType {
  /** In bytes; -1 if each value has its own, behind PostgreSQL's length word. */
  readonly length: number
  readonly align: 1 | 2 | 4 | 8
  write?(view: DataView, offset: number, value: Datum): void
  read?(view: DataView, offset: number): Datum
  /** Without length word. */
  toBytes?(value: Datum): Uint8Array
  /** Keeps no reference to the bytes. */
  fromBytes?(bytes: Uint8Array): Datum
}

export interface Attribute {
  readonly name: string
  /** The type's OID. */
  readonly typeId: number
  readonly type: StoredType
  readonly dropped?: boolean
  /** What rows that were written before the column was added have in it. */
  readonly missing?: Datum
}

export interface TupleDescriptor {
  readonly attributes: readonly Attribute[]
}
