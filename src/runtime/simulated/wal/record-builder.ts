// Collects the parts of a record that is about to be inserted, in buffers that serve again for the next one.
// Mirrors XLogBeginInsert, XLogRegisterBuffer, XLogRegisterData and XLogRegisterBufData of xloginsert.c.
//
// Between `wal.begin` and `wal.insert` nobody waits, so that one builder serves the whole server.

import type { RelationLocator } from './record.ts'

/** How a page is registered. */
export const registerFlag = {
  /** Log the page whole, whatever its LSN. */
  forceImage: 0x01,
  /** Don't log the page whole, even if it is the first change since the redo point. */
  noImage: 0x02,
  /** Redo makes the page anew, so that no image is needed. */
  willInit: 0x04 | 0x02,
  /** Standard layout: what lies between lower and upper needs no logging. */
  standard: 0x08,
  /** Keep the block's data even when its image is there. */
  keepData: 0x10,
} as const

/** What the WAL needs to know of a page; a buffer of the pool is one. */
export interface RegisteredPage {
  readonly locator: RelationLocator
  readonly fork: number
  readonly block: number
  /** False: what changes there is not in the WAL. */
  readonly needsWal: boolean
  readonly page: { readonly bytes: Uint8Array; readonly view: DataView; readonly lsn: number }
}

/** A buffer that grows: what is appended stays until it is emptied. Little-endian, as the record is. */
export class Bytes {
  bytes: Uint8Array
  view: DataView
  length = 0

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `count` bytes, of whatever content; gives where. `bytes` and `view` may be others afterwards. */
  reserve(count: number): number {
    const at = this.length
    if (at + count > this.bytes.length) this.grow(at + count)
    this.length = at + count
    return at
  }

  u8(value: number): void {
    const at = this.reserve(1)
    this.bytes[at] = value
  }

  u16(value: number): void {
    const at = this.reserve(2)
    this.view.setUint16(at, value, true)
  }

  u32(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value, true)
  }

  /** A non-negative integer up to 2^53. */
  u64(value: number): void {
    const at = this.reserve(8)
    this.view.setUint32(at, value, true)
    this.view.setUint32(at + 4, value / 0x1_0000_0000, true)
  }

  append(source: Uint8Array, from = 0, to = source.length): void {
    const at = this.reserve(to - from)
    copyBytes(source, from, to, this.bytes, at)
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    larger.set(this.bytes)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}

/** Copies; a short stretch byte by byte, which is faster than a view of it would be. */
export function copyBytes(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  if (to - from > 96) target.set(source.subarray(from, to), at)
  else for (let i = from; i < to; i++) target[at++] = source[i]
}

/** One registered page and what is logged about it. */
export class RegisteredBlock {
  page: RegisteredPage | undefined
  flags = 0
  readonly data = new Bytes(256)
  // Decided when the record is assembled.
  withImage = false
  withData = false
  holeOffset = 0
  holeLength = 0
}

export class RecordBuilder {
  resourceManager = 0
  info = 0
  xid = 0
  /** The replication origin whose change it repeats; 0: it is this server's own. */
  origin = 0
  /** The main data. */
  readonly data = new Bytes(256)
  /** By block id; one without a page is not in the record. */
  readonly blocks: RegisteredBlock[] = []
  /** One more than the highest block id in use. */
  blockCount = 0
  /** It is about a relation that needs no WAL, and will not be inserted. */
  isSkipped = false

  /** For Wal alone: callers say `wal.begin`. */
  start(resourceManager: number, info: number, xid: number): this {
    this.resourceManager = resourceManager
    this.info = info
    this.xid = xid
    this.origin = 0
    this.data.length = 0
    for (let id = 0; id < this.blockCount; id++) this.blocks[id].page = undefined
    this.blockCount = 0
    this.isSkipped = false
    return this
  }

  /** Registers a page under `id`; what is appended to the result is the block's data. */
  block(id: number, page: RegisteredPage, flags: number): Bytes {
    while (this.blocks.length <= id) this.blocks.push(new RegisteredBlock())
    const block = this.blocks[id]
    block.page = page
    this.isSkipped = !page.needsWal
    block.flags = flags
    block.data.length = 0
    if (id >= this.blockCount) this.blockCount = id + 1
    return block.data
  }
}
