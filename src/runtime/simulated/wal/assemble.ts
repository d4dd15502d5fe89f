// Makes the bytes of a record from what was registered, and decides which pages it carries whole.
// Mirrors XLogRecordAssemble of xloginsert.c. The link to the previous record and the checksum come with insertion.

import {
  blockFlag,
  imageFlag,
  isSameLocator,
  longDataId,
  originId,
  pageSize,
  type RelationLocator,
  recordField,
  recordHeaderSize,
  shortDataId,
} from './record.ts'
import { type Bytes, type RecordBuilder, type RegisteredBlock, registerFlag } from './record-builder.ts'

const noRelation: RelationLocator = { tablespace: -1, database: -1, relation: -1 }

const pageLower = 12
const pageUpper = 14
const pageHeaderEnd = 24

/** Writes the record to `target` from its beginning; gives the number of whole pages in it. */
export function assemble(record: RecordBuilder, redoLsn: number, fullPageWrites: boolean, target: Bytes): number {
  let images = 0
  let previous = noRelation
  target.length = 0
  target.reserve(recordHeaderSize)
  for (let id = 0; id < record.blockCount; id++) {
    const block = record.blocks[id]
    if (!block.page) continue
    decide(block, redoLsn, fullPageWrites)
    if (block.withImage) images++
    writeBlockHeader(target, id, block, previous)
    previous = block.page.locator
  }
  if (record.origin !== 0) {
    target.u8(originId)
    target.u16(record.origin)
  }
  const dataLength = record.data.length
  if (dataLength > 255) {
    target.u8(longDataId)
    target.u32(dataLength)
  } else if (dataLength > 0) {
    target.u8(shortDataId)
    target.u8(dataLength)
  }
  for (let id = 0; id < record.blockCount; id++) {
    const block = record.blocks[id]
    if (!block.page) continue
    if (block.withImage) {
      const bytes = block.page.page.bytes
      target.append(bytes, 0, block.holeOffset)
      target.append(bytes, block.holeOffset + block.holeLength, pageSize)
    }
    if (block.withData) target.append(block.data.bytes, 0, block.data.length)
  }
  if (dataLength > 0) target.append(record.data.bytes, 0, dataLength)
  const view = target.view
  view.setUint32(recordField.totalLength, target.length, true)
  view.setUint32(recordField.xid, record.xid, true)
  view.setUint8(recordField.info, record.info)
  view.setUint8(recordField.resourceManager, record.resourceManager)
  view.setUint16(recordField.resourceManager + 1, 0, true)
  return images
}

function decide(block: RegisteredBlock, redoLsn: number, fullPageWrites: boolean): void {
  const { view, lsn } = block.page!.page
  const flags = block.flags
  if (flags & registerFlag.forceImage) block.withImage = true
  else if (flags & registerFlag.noImage || !fullPageWrites) block.withImage = false
  else block.withImage = lsn <= redoLsn
  block.withData = block.data.length > 0 && (!block.withImage || (flags & registerFlag.keepData) !== 0)
  block.holeOffset = 0
  block.holeLength = 0
  if (!block.withImage || !(flags & registerFlag.standard)) return
  const lower = view.getUint16(pageLower, true)
  const upper = view.getUint16(pageUpper, true)
  if (lower < pageHeaderEnd || upper <= lower || upper > pageSize) return
  block.holeOffset = lower
  block.holeLength = upper - lower
}

function writeBlockHeader(target: Bytes, id: number, block: RegisteredBlock, previous: RelationLocator): void {
  const { locator, fork, block: number } = block.page!
  const sameRelation = isSameLocator(locator, previous)
  let flags = fork
  if ((block.flags & registerFlag.willInit) === registerFlag.willInit) flags |= blockFlag.willInit
  if (block.withImage) flags |= blockFlag.hasImage
  if (block.withData) flags |= blockFlag.hasData
  if (sameRelation) flags |= blockFlag.sameRelation
  target.u8(id)
  target.u8(flags)
  target.u16(block.withData ? block.data.length : 0)
  if (block.withImage) {
    target.u16(pageSize - block.holeLength)
    target.u16(block.holeOffset)
    target.u8(imageFlag.apply | (block.holeLength > 0 ? imageFlag.hasHole : 0))
  }
  if (!sameRelation) appendLocator(target, locator)
  target.u32(number)
}

/** Twelve bytes: tablespace, database, relation. */
export function appendLocator(target: Bytes, locator: RelationLocator): void {
  target.u32(locator.tablespace)
  target.u32(locator.database)
  target.u32(locator.relation)
}
