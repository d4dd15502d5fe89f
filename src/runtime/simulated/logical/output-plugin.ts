// What decoding hands its output plugin: committed transactions, one after the other, with rows in place of tuples.
// Mirrors output_plugin.h.

import type { Datum } from '../access/tuple-descriptor.ts'
import type { Table } from '../catalog/relations.ts'
import type { MessageChange } from './changes.ts'
import type { HistoricCatalog } from './historic-catalog.ts'

export interface DecodedTransaction {
  readonly xid: number
  readonly firstLsn: number
  /** The beginning and the end of its commit record. */
  readonly commitLsn: number
  readonly endLsn: number
  /** In nanoseconds since the start of the run. */
  readonly committedAt: number
  /** The transaction came from another server, and is only passed on here. */
  readonly hasOrigin: boolean
}

export interface RowChange {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly lsn: number
  readonly table: Table
  readonly next: readonly Datum[] | undefined
  /** Of a key alone the other columns are null. */
  readonly old: readonly Datum[] | undefined
  readonly isOldWhole: boolean
}

export interface TableTruncation {
  readonly lsn: number
  readonly tables: readonly Table[]
  readonly restartsSequences: boolean
}

export interface OutputPlugin {
  begin(transaction: DecodedTransaction): void
  change(transaction: DecodedTransaction, change: RowChange, catalog: HistoricCatalog): void
  truncate(transaction: DecodedTransaction, truncation: TableTruncation, catalog: HistoricCatalog): void
  commit(transaction: DecodedTransaction): void
  /** `xid`: of who emitted it. */
  message(xid: number, message: MessageChange, end: number): void
}
