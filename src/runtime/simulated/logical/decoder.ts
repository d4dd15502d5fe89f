// Decodes the WAL from a slot's restart_lsn on: reads record after record, and hands each transaction to the output
// plugin when it has committed. Mirrors decode.c, logical.c and ReorderBufferReplay.

import { heap2Info, heapInfo } from '../access/heap-records.ts'
import type { HeapTuple } from '../access/heap-tuple.ts'
import { deformTuple } from '../access/tuple.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import { Table } from '../catalog/relations.ts'
import type { Coroutine } from '../kernel/task.ts'
import { readRunningTransactions } from '../recovery/running-transactions.ts'
import { type LogicalSlot, offerRestart, offerXmin } from '../replication/logical-slot.ts'
import type { ReplicationSlot } from '../replication/slot.ts'
import { type EndOfTransaction, readEndOfTransaction, xactInfo } from '../transactions/commit-record.ts'
import type { Snapshot } from '../transactions/snapshot.ts'
import { standbyInfo } from '../transactions/standby-info.ts'
import { WalReader } from '../wal/reader.ts'
import { resourceManagerInfoMask, viewOf, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Change, TupleChange } from './changes.ts'
import {
  decodeDelete,
  decodeInsert,
  decodeMultiInsert,
  decodeTruncate,
  decodeUpdate,
  heapOperation,
} from './decode-heap.ts'
import { type HistoricCatalog, readHistoricCatalog } from './historic-catalog.ts'
import { messageDatabase, readMessage } from './logical-message.ts'
import type { DecodedTransaction, OutputPlugin } from './output-plugin.ts'
import { ReadableWal } from './readable-wal.ts'
import { type BufferedTransaction, ReorderBuffer } from './reorder-buffer.ts'
import type { Decoding } from './services.ts'
import { type HistoricSnapshot, SnapshotBuilder } from './snapshot-builder.ts'

/** Of one record, and of one row that is handed out, in nanoseconds. */
const recordCost = 400
const rowCost = 1500

export class LogicalDecoder {
  private readonly decoding: Decoding
  private readonly slot: ReplicationSlot
  private readonly logical: LogicalSlot
  /** Undefined while a new slot looks for its beginning. */
  private readonly plugin: OutputPlugin | undefined
  private readonly reader: WalReader
  private readonly buffer = new ReorderBuffer()
  private readonly builder: SnapshotBuilder
  private catalog: { readonly snapshot: HistoricSnapshot; readonly catalog: HistoricCatalog } | undefined

  /** `startAt`: transactions that committed before are passed over. `isFull`: see SnapshotBuilder. */
  constructor(
    decoding: Decoding,
    slot: ReplicationSlot,
    plugin: OutputPlugin | undefined,
    startAt: number,
    isFull = false,
  ) {
    const { environment, services } = decoding
    this.decoding = decoding
    this.slot = slot
    this.logical = slot.logical!
    this.plugin = plugin
    this.builder = new SnapshotBuilder(decoding, startAt, isFull)
    this.reader = new WalReader(environment.version, new ReadableWal(environment, services))
    this.reader.begin(slot.restartLsn)
  }

  /** Where the last record that was read ends. */
  get position(): number {
    return this.reader.end
  }

  get isConsistent(): boolean {
    return this.builder.isConsistent
  }

  /** As queries see what had been committed where the slot begins. */
  initialSnapshot(): Snapshot {
    return this.builder.initialSnapshot()
  }

  /** Reads one record; false: there is none that is flushed. */
  *step(): Coroutine<boolean> {
    const { me } = this.decoding
    const record = yield* this.reader.next(me)
    if (!record) return false
    me.charge(recordCost)
    yield* this.decode(record)
    yield* me.pause()
    return true
  }

  private *decode(record: WalRecord): Coroutine {
    const info = record.info & resourceManagerInfoMask
    if (record.xid !== 0) this.buffer.touch(record.xid, record.start)
    switch (record.resourceManager) {
      case resourceManagers.xlog:
        if (info === xlogInfo.checkpointShutdown || info === xlogInfo.endOfRecovery) yield* this.save(record.start)
        return
      case resourceManagers.standby:
        if (info === standbyInfo.runningTransactions) yield* this.whoRuns(record)
        return
      case resourceManagers.transaction:
        return yield* this.decodeEnd(record)
      case resourceManagers.heap:
      case resourceManagers.heap2:
        if (this.builder.reads(record.xid)) this.decodeRows(record)
        return
      case resourceManagers.logicalMessage:
        return this.decodeMessage(record)
    }
  }

  private *save(lsn: number): Coroutine {
    yield* this.builder.save(lsn)
    this.buffer.restartLsn = this.builder.lastSaved
  }

  private *whoRuns(record: WalRecord): Coroutine {
    const running = readRunningTransactions(record)
    const isSettled = yield* this.builder.running(record.start, running)
    this.buffer.restartLsn = this.builder.lastSaved
    if (!isSettled) return
    const { buffer, logical, slot } = this
    offerXmin(logical, slot.catalogXmin, buffer.oldestXmin ?? running.oldestRunning, record.start)
    const { oldest } = buffer
    const restart = oldest ? oldest.restartLsn : buffer.restartLsn
    if (restart > 0) offerRestart(logical, slot.restartLsn, restart, record.start)
    buffer.forgetBefore(running.oldestRunning)
  }

  private decodeRows(record: WalRecord): void {
    if (changedDatabase(record) !== this.logical.database) return
    const changes = rowsOf(record, this.builder.snapshot)
    for (const change of changes) this.buffer.add(record.xid, change)
  }

  private decodeMessage(record: WalRecord): void {
    if (messageDatabase(record) !== this.logical.database) return
    const message = readMessage(record)
    const change = { kind: 'message', lsn: record.start, snapshot: this.builder.snapshot, ...message } as const
    if (message.isTransactional) {
      if (this.builder.reads(record.xid)) this.buffer.add(record.xid, change)
    } else if (this.isConsistent && !this.builder.skips(record.start)) {
      this.plugin?.message(record.xid, change, record.end)
    }
  }

  private *decodeEnd(record: WalRecord): Coroutine {
    const operation = record.info & xactInfo.operationMask
    if (operation !== xactInfo.commit && operation !== xactInfo.abort) return
    const end = readEndOfTransaction(record.info, record.data)
    const transaction = this.buffer.take(record.xid, end.subxids)
    if (operation === xactInfo.abort) return
    const changesCatalogs = end.invalidations.length > 0
    this.builder.commit(record.start, record.xid, end.subxids, changesCatalogs)
    if (!transaction || !this.plugin || !this.isConsistent || this.builder.skips(record.start)) return
    if (!transaction.baseSnapshot && !changesCatalogs) return
    if (changesCatalogs && end.database !== this.logical.database) return
    yield* this.replay(this.plugin, transaction, record, { end, changesCatalogs })
  }

  private *replay(
    plugin: OutputPlugin,
    transaction: BufferedTransaction,
    record: WalRecord,
    about: { readonly end: EndOfTransaction; readonly changesCatalogs: boolean },
  ): Coroutine {
    const { end } = about
    const decoded: DecodedTransaction = {
      xid: transaction.xid,
      firstLsn: transaction.firstLsn,
      commitLsn: record.start,
      endLsn: record.end,
      committedAt: end.time,
      hasOrigin: record.origin !== 0,
    }
    const own = about.changesCatalogs ? new Set([record.xid, ...end.subxids]) : undefined
    plugin.begin(decoded)
    for (const change of transaction.changes) {
      this.decoding.me.charge(rowCost)
      if (change.kind === 'message') {
        plugin.message(transaction.xid, change, change.lsn)
        continue
      }
      handOut(plugin, decoded, change, yield* this.catalogOf(change.snapshot, own))
    }
    plugin.commit(decoded)
    // What a transaction saw of its own catalog changes is nobody else's.
    if (own) this.catalog = undefined
  }

  private *catalogOf(snapshot: HistoricSnapshot, own: ReadonlySet<number> | undefined): Coroutine<HistoricCatalog> {
    if (this.catalog?.snapshot !== snapshot) {
      this.catalog = { snapshot, catalog: yield* readHistoricCatalog(this.decoding, snapshot, own) }
    }
    return this.catalog.catalog
  }
}

/** A truncation names its database and no block. */
function changedDatabase({ blocks, data }: WalRecord): number {
  return blocks.length > 0 ? blocks[0].locator.database : viewOf(data).getUint32(0, true)
}

function rowsOf(record: WalRecord, snapshot: HistoricSnapshot): Change[] {
  const operation = heapOperation(record)
  if (record.resourceManager === resourceManagers.heap2) {
    return operation === heap2Info.multiInsert ? decodeMultiInsert(record, snapshot) : []
  }
  const change = rowOf(record, operation, snapshot)
  return change ? [change] : []
}

function rowOf(record: WalRecord, operation: number, snapshot: HistoricSnapshot): Change | undefined {
  switch (operation) {
    case heapInfo.insert:
      return decodeInsert(record, snapshot)
    case heapInfo.update:
    case heapInfo.hotUpdate:
      return decodeUpdate(record, snapshot)
    case heapInfo.delete:
      return decodeDelete(record, snapshot)
    case heapInfo.truncate:
      return decodeTruncate(record, snapshot)
  }
}

function handOut(
  plugin: OutputPlugin,
  transaction: DecodedTransaction,
  change: Exclude<Change, { kind: 'message' }>,
  catalog: HistoricCatalog,
): void {
  if (change.kind === 'truncate') {
    const { lsn, relations, restartsSequences } = change
    const tables = relations.map(oid => catalog.image.byOid(oid)).filter(each => each instanceof Table)
    if (tables.length > 0) plugin.truncate(transaction, { lsn, tables, restartsSequences }, catalog)
    return
  }
  const table = catalog.tableOf(change.locator)
  if (!table) return
  plugin.change(transaction, rowChange(change, table), catalog)
}

function rowChange({ kind, lsn, next, old, isOldWhole }: TupleChange, table: Table) {
  return { kind, lsn, table, isOldWhole, next: next && rowFrom(next, table), old: old && rowFrom(old, table) }
}

function rowFrom(tuple: HeapTuple, table: Table): Datum[] {
  const values: Datum[] = []
  deformTuple(tuple, table.descriptor, values, table.columns.length)
  return values
}
