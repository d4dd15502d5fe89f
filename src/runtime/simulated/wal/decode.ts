// Takes a record's bytes apart. Mirrors DecodeXLogRecord of xlogreader.c, which has checked them before.

import { getLsn } from './page-header.ts'
import {
  blockFlag,
  imageFlag,
  longDataId,
  maxBlockId,
  originId,
  pageSize,
  type RelationLocator,
  recordField,
  recordHeaderSize,
  shortDataId,
  topLevelXidId,
  type WalBlock,
  type WalRecord,
} from './record.ts'

/** A block's header, before its image and data are known. */
interface BlockHeader {
  readonly id: number
  readonly flags: number
  readonly dataLength: number
  readonly imageLength: number
  readonly holeOffset: number
  readonly imageFlags: number
  readonly locator: RelationLocator
  readonly block: number
}

const noBytes = new Uint8Array(0)

/** `start` and `end` are the record's places in the log. The result refers to `bytes`. */
export function decodeRecord(bytes: Uint8Array, view: DataView, start: number, end: number): WalRecord {
  const headers: BlockHeader[] = []
  let dataLength = 0
  let origin = 0
  let at = recordHeaderSize
  // The headers end where the bytes that they announce fill the rest of the record.
  for (let announced = 0; bytes.length - at > announced; ) {
    const id = bytes[at]
    if (id === shortDataId) {
      dataLength = bytes[at + 1]
      at += 2
      break
    }
    if (id === longDataId) {
      dataLength = view.getUint32(at + 1, true)
      at += 5
      break
    }
    if (id === originId) {
      origin = view.getUint16(at + 1, true)
      at += 3
    } else if (id === topLevelXidId) at += 5
    else if (id <= maxBlockId) {
      const header = readBlockHeader(view, at, headers.at(-1)?.locator)
      headers.push(header)
      announced += header.imageLength + header.dataLength
      at += blockHeaderSize(header)
    } else throw new Error(`invalid block ID ${id} in a record whose checksum is right`)
  }
  const blocks: WalBlock[] = []
  for (const header of headers) {
    const imageEnd = at + header.imageLength
    blocks.push(blockOf(header, bytes.subarray(at, imageEnd), bytes.subarray(imageEnd, imageEnd + header.dataLength)))
    at = imageEnd + header.dataLength
  }
  return {
    start,
    end,
    length: bytes.length,
    previous: getLsn(view, recordField.previous),
    xid: view.getUint32(recordField.xid, true),
    resourceManager: bytes[recordField.resourceManager],
    info: bytes[recordField.info],
    origin,
    blocks,
    data: dataLength > 0 ? bytes.subarray(at, at + dataLength) : noBytes,
  }
}

function readBlockHeader(view: DataView, from: number, previous: RelationLocator | undefined): BlockHeader {
  const flags = view.getUint8(from + 1)
  const hasImage = (flags & blockFlag.hasImage) !== 0
  let at = from + (hasImage ? 9 : 4)
  let locator = previous
  if (!(flags & blockFlag.sameRelation)) {
    locator = readLocator(view, at)
    at += 12
  }
  return {
    id: view.getUint8(from),
    flags,
    dataLength: view.getUint16(from + 2, true),
    imageLength: hasImage ? view.getUint16(from + 4, true) : 0,
    holeOffset: hasImage ? view.getUint16(from + 6, true) : 0,
    imageFlags: hasImage ? view.getUint8(from + 8) : 0,
    locator: locator!,
    block: view.getUint32(at, true),
  }
}

function blockHeaderSize(header: BlockHeader): number {
  return 8 + (header.flags & blockFlag.hasImage ? 5 : 0) + (header.flags & blockFlag.sameRelation ? 0 : 12)
}

/** From the twelve bytes that `appendLocator` writes. */
export function readLocator(view: DataView, at: number): RelationLocator {
  return {
    tablespace: view.getUint32(at, true),
    database: view.getUint32(at + 4, true),
    relation: view.getUint32(at + 8, true),
  }
}

function blockOf(header: BlockHeader, imageBytes: Uint8Array, data: Uint8Array): WalBlock {
  return {
    id: header.id,
    locator: header.locator,
    fork: header.flags & blockFlag.forkMask,
    block: header.block,
    applyImage: (header.imageFlags & imageFlag.apply) !== 0,
    willInit: (header.flags & blockFlag.willInit) !== 0,
    image: header.flags & blockFlag.hasImage ? restoreImage(imageBytes, header) : undefined,
    data: header.flags & blockFlag.hasData ? data : undefined,
  }
}

function restoreImage(bytes: Uint8Array, header: BlockHeader): Uint8Array {
  const page = new Uint8Array(pageSize)
  const before = header.imageFlags & imageFlag.hasHole ? header.holeOffset : 0
  page.set(bytes.subarray(0, before))
  page.set(bytes.subarray(before), pageSize - (bytes.length - before))
  return page
}
