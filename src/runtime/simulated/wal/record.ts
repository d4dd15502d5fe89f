// The layout of a WAL record, and what a decoded one looks like. Mirrors xlogrecord.h.
//
//   header      24 bytes: total length, xid, previous record, info, resource manager, CRC
//   per block   id, fork and flags, data length; an image's header; the relation, unless it is the one before; the block
//   main data   a short (2 bytes) or long (5 bytes) header
//   then the images and data of the blocks, in order, then the main data

/** Where a relation's files are. `database` is 0 for the shared catalogs, whose tablespace is pg_global. */
export interface RelationLocator {
  readonly tablespace: number
  readonly database: number
  /** The relfilenode. */
  readonly relation: number
}

export function isSameLocator(a: RelationLocator, b: RelationLocator): boolean {
  return a.relation === b.relation && a.database === b.database && a.tablespace === b.tablespace
}

export const forks = { main: 0, freeSpaceMap: 1, visibilityMap: 2, init: 3 } as const

export const defaultTablespace = 1663
export const globalTablespace = 1664

export const recordHeaderSize = 24
export const pageSize = 8192

/** Byte offsets within the header. */
export const recordField = { totalLength: 0, xid: 4, previous: 8, info: 16, resourceManager: 17, crc: 20 } as const

export const maxBlockId = 32
export const shortDataId = 255
export const longDataId = 254
export const originId = 253
export const topLevelXidId = 252

/** With the fork number in a block's second byte. */
export const blockFlag = { forkMask: 0x0f, hasImage: 0x10, hasData: 0x20, willInit: 0x40, sameRelation: 0x80 } as const

export const imageFlag = { hasHole: 1, apply: 2 } as const

/** The low half of the info byte belongs to the WAL, the high half to the resource manager. */
export const resourceManagerInfoMask = 0xf0

/** Records of the resource manager XLOG that the WAL itself writes or looks for. */
export const xlogInfo = {
  checkpointShutdown: 0x00,
  checkpointOnline: 0x10,
  noop: 0x20,
  nextOid: 0x30,
  switch: 0x40,
  backupEnd: 0x50,
  parameterChange: 0x60,
  restorePoint: 0x70,
  fullPageWritesChange: 0x80,
  endOfRecovery: 0x90,
  fullPageImageForHint: 0xa0,
  fullPageImage: 0xb0,
  overwriteContrecord: 0xd0,
  checkpointRedo: 0xe0,
} as const

export interface WalBlock {
  readonly id: number
  readonly locator: RelationLocator
  readonly fork: number
  readonly block: number
  /** The whole page, its hole filled with zeros. */
  readonly image: Uint8Array | undefined
  /** Whether redo puts the image in place. */
  readonly applyImage: boolean
  /** Redo makes the page anew, whatever it was. */
  readonly willInit: boolean
  readonly data: Uint8Array | undefined
}

export interface WalRecord {
  readonly start: number
  /** Where the next record may begin, a page header aside. */
  readonly end: number
  /** Length in bytes, as pg_waldump prints it: without alignment and page headers. */
  readonly length: number
  /** Start of the record before. */
  readonly previous: number
  /** 0 if no transaction wrote it. */
  readonly xid: number
  readonly resourceManager: number
  /** All eight bits. */
  readonly info: number
  /** The replication origin whose change it repeats; 0: none. */
  readonly origin: number
  readonly blocks: readonly WalBlock[]
  /** The main data. */
  readonly data: Uint8Array
}

/** The block that a record must have; for redo. */
export function blockOf(record: WalRecord, id: number): WalBlock {
  const block = record.blocks.find(each => each.id === id)
  if (!block) throw new Error(`the record at ${record.start} has no block ${id}`)
  return block
}

/** A number of two bytes, without a view of them: records are small, and a view is an object. */
export function u16(data: Uint8Array, at: number): number {
  return data[at] | (data[at + 1] << 8)
}

/** A number of four bytes, unsigned. */
export function u32(data: Uint8Array, at: number): number {
  return (u16(data, at) | (u16(data, at + 2) << 16)) >>> 0
}

/** A view of just these bytes. */
export function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength)
}
