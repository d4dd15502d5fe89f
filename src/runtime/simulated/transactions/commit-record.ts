// The records of commits and aborts. Mirrors xl_xact_commit and xl_xact_abort of xact.h.
//
//   time 8 bytes, then, if there is more: flags 4, database 8, subtransactions, files, invalidations (counts 4 each),
//   the prepared xid 4, the origin's position and time 8 each

import { nanosecondsOf, timestampOf } from '../shared/timestamp.ts'
import { appendLocator } from '../wal/assemble.ts'
import { readOnce } from '../wal/read-once.ts'
import { defaultTablespace, type RelationLocator, type WalRecord } from '../wal/record.ts'
import type { RecordBuilder } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { type InvalidationMessage, readMessage, writeMessage } from './invalidation.ts'

export const xactInfo = {
  commit: 0x00,
  prepare: 0x10,
  abort: 0x20,
  commitPrepared: 0x30,
  abortPrepared: 0x40,
  operationMask: 0x70,
  hasFlags: 0x80,
} as const

/** Whether the record ends a transaction, and how. */
export function endOf(info: number): 'commit' | 'abort' | undefined {
  const operation = info & xactInfo.operationMask
  if (operation === xactInfo.commit || operation === xactInfo.commitPrepared) return 'commit'
  return operation === xactInfo.abort || operation === xactInfo.abortPrepared ? 'abort' : undefined
}

const flag = {
  database: 0x01,
  subtransactions: 0x02,
  files: 0x04,
  invalidations: 0x08,
  prepared: 0x10,
  origin: 0x20,
  applyFeedback: 0x2000_0000,
  forceSynchronous: 0x8000_0000,
  accessExclusiveLocks: 0x40,
} as const

/** Of a transaction that repeats one of another server: where that one's commit ends there, and when it was. */
export interface OriginPosition {
  readonly lsn: number
  readonly time: number
}

export interface EndOfTransaction {
  /** Nanoseconds since the start of the run. */
  readonly time: number
  readonly subxids: readonly number[]
  readonly database: number
  /** Relations whose files go with it. */
  readonly files: readonly RelationLocator[]
  readonly invalidations: readonly InvalidationMessage[]
  /** The committer waits until a standby has replayed it. */
  readonly applyFeedback: boolean
  /** Files outside of any relation came or went with it: whoever replays it flushes it before going on. */
  readonly forcesFlush: boolean
  /** It held AccessExclusiveLocks that a standby must release. */
  readonly accessExclusiveLocks: boolean
  /** The prepared transaction that it ends; 0: it ends the record's own. */
  readonly preparedXid: number
  readonly origin: OriginPosition | undefined
}

/** Writes the main data; true if the info byte must say that there are flags. */
export function writeEndOfTransaction(end: EndOfTransaction, record: RecordBuilder): boolean {
  const { data } = record
  writeTime(data, end.time)
  let flags = 0
  if (end.invalidations.length > 0) flags |= flag.database | flag.invalidations
  if (end.subxids.length > 0) flags |= flag.subtransactions
  if (end.files.length > 0) flags |= flag.files
  if (end.applyFeedback) flags |= flag.applyFeedback
  if (end.forcesFlush) flags |= flag.forceSynchronous
  if (end.accessExclusiveLocks) flags |= flag.accessExclusiveLocks
  if (end.preparedXid !== 0) flags |= flag.prepared
  if (end.origin) flags |= flag.origin
  if (flags === 0) return false
  data.u32(flags >>> 0)
  if (flags & flag.database) {
    data.u32(end.database)
    data.u32(defaultTablespace)
  }
  if (flags & flag.subtransactions) {
    data.u32(end.subxids.length)
    for (const xid of end.subxids) data.u32(xid)
  }
  if (flags & flag.files) {
    data.u32(end.files.length)
    for (const locator of end.files) appendLocator(data, locator)
  }
  if (flags & flag.invalidations) {
    data.u32(end.invalidations.length)
    for (const message of end.invalidations) writeMessage(data, message)
  }
  if (flags & flag.prepared) data.u32(end.preparedXid)
  if (end.origin) {
    data.u64(end.origin.lsn)
    writeTime(data, end.origin.time)
  }
  return true
}

/** The transaction's end that the record tells; undefined for all other records. */
export function endOfTransaction(record: WalRecord): EndOfTransaction | undefined {
  return record.resourceManager === resourceManagers.transaction && endOf(record.info) ? readEnd(record) : undefined
}

const readEnd = readOnce(({ info, data }) => readEndOfTransaction(info, data))

export function readEndOfTransaction(info: number, data: Uint8Array): EndOfTransaction {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let at = 8
  const next = (): number => {
    at += 4
    return view.getUint32(at - 4, true)
  }
  const list = <T>(read: () => T): T[] => {
    const items: T[] = []
    for (let count = next(); count > 0; count--) items.push(read())
    return items
  }
  const flags = info & xactInfo.hasFlags ? next() : 0
  const database = flags & flag.database ? next() : 0
  if (flags & flag.database) at += 4
  const subxids = flags & flag.subtransactions ? list(next) : []
  const files = flags & flag.files ? list(() => readFile(next)) : []
  const invalidations = flags & flag.invalidations ? list(() => readMessage(next)) : []
  const preparedXid = flags & flag.prepared ? next() : 0
  const origin = flags & flag.origin ? { lsn: readU64(view, at), time: readTime(view, at + 8) } : undefined
  return {
    time: readTime(view, 0),
    subxids,
    database,
    files,
    invalidations,
    applyFeedback: (flags & flag.applyFeedback) !== 0,
    forcesFlush: (flags & flag.forceSynchronous) !== 0,
    accessExclusiveLocks: (flags & flag.accessExclusiveLocks) !== 0,
    preparedXid,
    origin,
  }
}

function readFile(next: () => number): RelationLocator {
  return { tablespace: next(), database: next(), relation: next() }
}

function writeTime(data: { u64(value: number): void }, time: number): void {
  data.u64(timestampOf(time))
}

function readTime(view: DataView, at: number): number {
  return nanosecondsOf(readU64(view, at))
}

function readU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true)
}
