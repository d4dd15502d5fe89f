// What decoding finds in the WAL of one transaction: its changes, in the order of their records, still as tuples.

import type { HeapTuple } from '../access/heap-tuple.ts'
import type { RelationLocator } from '../wal/record.ts'
import type { HistoricSnapshot } from './snapshot-builder.ts'

interface Common {
  /** Where its record begins. */
  readonly lsn: number
  /** By which the catalogs were as they are to be read for it. */
  readonly snapshot: HistoricSnapshot
}

export interface TupleChange extends Common {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly locator: RelationLocator
  readonly next: HeapTuple | undefined
  /** The whole old row, or its key alone; undefined: the key is as in `next`, or there is none. */
  readonly old: HeapTuple | undefined
  readonly isOldWhole: boolean
}

export interface TruncateChange extends Common {
  readonly kind: 'truncate'
  /** Oids. */
  readonly relations: readonly number[]
  readonly restartsSequences: boolean
}

/** Of pg_logical_emit_message. */
export interface MessageChange extends Common {
  readonly kind: 'message'
  readonly isTransactional: boolean
  readonly prefix: string
  readonly content: string
}

export type Change = TupleChange | TruncateChange | MessageChange
