// What is kept of a prepared transaction until somebody ends it: in its WAL record, and in a file if a checkpoint comes
// before that. Mirrors xl_xact_prepare of xact.h and the records of twophase_rmgr.h, byte for byte.
//
//   header 72 bytes, gid, subtransactions, files (commit, abort), statistics to be dropped, invalidations,
//   then records of 8 bytes and what they say: a lock (20), counts of a table (56), the end; each part filled up to 8
//
// Simpler on purpose: the oldest multixact that it may be part of is not kept (16 bytes of one that changed or locked rows).

import { locksOf, type TakenLock, writeLock } from '../locks/lock-tag-bytes.ts'
import { nanosecondsOf, timestampOf } from '../shared/timestamp.ts'
import type { RowCounts } from '../statistics/table-changes.ts'
import { appendLocator } from '../wal/assemble.ts'
import type { RelationLocator } from '../wal/record.ts'
import { Bytes } from '../wal/record-builder.ts'
import { type InvalidationMessage, readMessage, writeMessage } from './invalidation.ts'

export interface PreparedState {
  readonly gid: string
  readonly xid: number
  readonly database: number
  /** The role's oid. */
  readonly owner: number
  /** Nanoseconds since the start of the run. */
  readonly preparedAt: number
  readonly subxids: readonly number[]
  readonly filesAtCommit: readonly RelationLocator[]
  readonly filesAtAbort: readonly RelationLocator[]
  /** Relations whose statistics go at the commit. */
  readonly dropped: readonly number[]
  readonly invalidations: readonly InvalidationMessage[]
  readonly locks: readonly TakenLock[]
  readonly counts: readonly PreparedCounts[]
}

/** What it did to a table's rows; `before` it was truncated, if it was. */
export interface PreparedCounts {
  readonly relation: number
  readonly now: RowCounts
  readonly before: RowCounts | undefined
}

const magic = 0x57f9_4534
const headerSize = 72
const part = { end: 0, lock: 1, statistics: 2 } as const
const relationKind = 2

export function encodePrepared(state: PreparedState): Uint8Array {
  const out = new Bytes(512)
  const gid = new TextEncoder().encode(`${state.gid}\0`)
  writeHeader(out, state, gid.length)
  out.append(gid, 0, gid.length)
  fill(out)
  list(out, state.subxids, xid => out.u32(xid))
  for (const files of [state.filesAtCommit, state.filesAtAbort]) {
    list(out, files, locator => appendLocator(out, locator))
  }
  list(out, state.dropped, relation => {
    out.u32(relationKind)
    out.u32(state.database)
    out.u32(relation)
  })
  list(out, state.invalidations, message => writeMessage(out, message))
  for (const lock of state.locks) {
    partHeader(out, 20, part.lock)
    writeLock(out, lock)
    fill(out)
  }
  for (const counts of state.counts) {
    partHeader(out, 56, part.statistics)
    writeCounts(out, counts)
  }
  partHeader(out, 0, part.end)
  const bytes = out.bytes.slice(0, out.length)
  new DataView(bytes.buffer).setUint32(4, bytes.length + crcSize, true)
  return bytes
}

/** The state file ends with a checksum, which the length counts in the record as well. */
const crcSize = 4

function writeHeader(out: Bytes, state: PreparedState, gidLength: number): void {
  out.u32(magic)
  out.u32(0)
  out.u32(state.xid)
  out.u32(state.database)
  out.u64(timestampOf(state.preparedAt))
  out.u32(state.owner)
  out.u32(state.subxids.length)
  out.u32(state.filesAtCommit.length)
  out.u32(state.filesAtAbort.length)
  out.u32(state.dropped.length)
  out.u32(0)
  out.u32(state.invalidations.length)
  out.u8(0)
  out.u8(0)
  out.u16(gidLength)
  out.u64(0)
  out.u64(0)
}

function list<T>(out: Bytes, items: readonly T[], write: (item: T) => void): void {
  for (const item of items) write(item)
  fill(out)
}

function fill(out: Bytes): void {
  while (out.length % 8 !== 0) out.u8(0)
}

function partHeader(out: Bytes, length: number, kind: number): void {
  out.u32(length)
  out.u8(kind)
  out.u8(0)
  out.u16(0)
}

function writeCounts(out: Bytes, { relation, now, before }: PreparedCounts): void {
  for (const counts of [now, before]) {
    out.u64(counts?.inserted ?? 0)
    out.u64(counts?.updated ?? 0)
    out.u64(counts?.deleted ?? 0)
  }
  out.u32(relation)
  out.u8(0)
  out.u8(before ? 1 : 0)
  out.u16(0)
}

/** Undefined: these are not the bytes of a prepared transaction. */
export function decodePrepared(bytes: Uint8Array): PreparedState | undefined {
  if (bytes.length < headerSize) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== bytes.length + crcSize) return undefined
  const reader = new Reader(view)
  const word = (at: number) => view.getUint32(at, true)
  const gidLength = view.getUint16(54, true)
  const gid = new TextDecoder().decode(bytes.subarray(headerSize, headerSize + gidLength - 1))
  reader.skip(headerSize + gidLength)
  const file = () => ({ tablespace: reader.word(), database: reader.word(), relation: reader.word() })
  const subxids = reader.list(word(28), () => reader.word())
  const filesAtCommit = reader.list(word(32), file)
  const filesAtAbort = reader.list(word(36), file)
  const dropped = reader.list(word(40), file).map(each => each.relation)
  const invalidations = reader.list(word(48), () => readMessage(() => reader.word()))
  return {
    gid,
    xid: word(8),
    database: word(12),
    owner: word(24),
    preparedAt: nanosecondsOf(word(20) * 0x1_0000_0000 + word(16)),
    subxids,
    filesAtCommit,
    filesAtAbort,
    dropped,
    invalidations,
    ...readParts(reader),
  }
}

function readParts(reader: Reader): Pick<PreparedState, 'locks' | 'counts'> {
  const locks: TakenLock[] = []
  const counts: PreparedCounts[] = []
  for (;;) {
    const length = reader.word()
    const kind = reader.word() & 0xff
    if (kind === part.end) return { locks, counts }
    if (kind === part.lock) locks.push(...locksOf(reader.view, reader.at))
    else counts.push(readCounts(reader.view, reader.at))
    reader.skip(length)
  }
}

function readCounts(view: DataView, at: number): PreparedCounts {
  const number = (index: number) => view.getUint32(at + 8 * index, true)
  const three = (index: number) => ({
    inserted: number(index),
    updated: number(index + 1),
    deleted: number(index + 2),
  })
  const wasTruncated = view.getUint8(at + 53) !== 0
  return { relation: view.getUint32(at + 48, true), now: three(0), before: wasTruncated ? three(3) : undefined }
}

class Reader {
  readonly view: DataView
  at = 0

  constructor(view: DataView) {
    this.view = view
  }

  word(): number {
    this.at += 4
    return this.view.getUint32(this.at - 4, true)
  }

  /** Also over what fills it up. */
  skip(length: number): void {
    this.at += length
    this.at += -this.at & 7
  }

  list<T>(count: number, read: () => T): T[] {
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read())
    this.at += -this.at & 7
    return items
  }
}
