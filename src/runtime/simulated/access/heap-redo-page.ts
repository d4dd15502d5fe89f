// What the heap's records do to one page. Mirrors the middle of heap_redo and heap2_redo: what a record does not say of a
// page (hint bits) is set as the change itself would have. Which pages these are, and who stands in the way, is known to
// heap-redo.ts.

import { panic } from '../shared/error.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState, type Page, pageFlag } from '../storage/page.ts'
import { blockOf, u16, u32, type WalRecord } from '../wal/record.ts'
import { copyBytes } from '../wal/record-builder.ts'
import type { CleaningRecord } from './cleaning-record.ts'
import { heapFreeSpace } from './free-page.ts'
import { freezeTuple } from './freeze.ts'
import { setPrunable } from './heap-delete.ts'
import { deleteFlag, heapInfo, insertFlag, setInfobits, updateFlag } from './heap-records.ts'
import { tupleAt } from './heap-services.ts'
import {
  ComboCommandId,
  HeapTuple,
  HotUpdated,
  heapTupleHeaderSize,
  isXmaxLockedOnly,
  KeysUpdated,
  XmaxBits,
} from './heap-tuple.ts'
import { executePrune, truncateLines } from './prune.ts'
import { makeTid, type Tid, tidBlock, tidOffset } from './tid.ts'

/** Room on a page, in bytes, under which the free space map is told of it. */
export const littleRoom = 1638

/** Changes the page as the record says; gives the room that is left, for the map. */
export type PageChange = (buffer: Buffer, record: WalRecord) => number

export function insertTuple({ page, block }: Buffer, record: WalRecord): number {
  const offset = u16(record.data, 0)
  const data = blockOf(record, 0).data!
  if (record.info & heapInfo.initPage) page.initialize()
  const tuple = restoreTuple(page, offset, block, data, 0, data.length)
  tuple.xmin = record.xid
  tuple.next = makeTid(block, offset)
  if (record.data[2] & insertFlag.allVisibleCleared) page.flags &= ~pageFlag.allVisible
  return heapFreeSpace(page)
}

export function insertTuples({ page, block }: Buffer, record: WalRecord): number {
  const init = (record.info & heapInfo.initPage) !== 0
  if (init) page.initialize()
  const main = record.data
  const data = blockOf(record, 0).data!
  let at = 0
  for (let index = 0; index < u16(main, 2); index++) {
    const offset = init ? index + 1 : u16(main, 4 + index * 2)
    at += at % 2
    const end = at + 7 + u16(data, at)
    const tuple = restoreTuple(page, offset, block, data, at + 2, end)
    tuple.xmin = record.xid
    tuple.next = makeTid(block, offset)
    at = end
  }
  if (main[0] & insertFlag.allVisibleCleared) page.flags &= ~pageFlag.allVisible
  return heapFreeSpace(page)
}

export function deleteTuple(buffer: Buffer, record: WalRecord): number {
  const { page, block } = buffer
  const offset = u16(record.data, 4)
  const tuple = expectTuple(buffer, offset)
  resetXmax(tuple, u32(record.data, 0), record.data[6])
  tuple.mask2 &= ~HotUpdated
  setPrunable(page, record.xid)
  if (record.data[7] & deleteFlag.allVisibleCleared) page.flags &= ~pageFlag.allVisible
  tuple.next = makeTid(block, offset)
  return littleRoom
}

export function isHotUpdate(record: WalRecord): boolean {
  return (record.info & heapInfo.operationMask) === heapInfo.hotUpdate
}

/** The new version is on the same page. */
export function updateOnPage(buffer: Buffer, record: WalRecord): number {
  return putNewVersion(buffer, record, closeOldVersion(buffer, record))
}

/** The new version is on another page: this one had no room. */
export function leavePage(buffer: Buffer, record: WalRecord): number {
  closeOldVersion(buffer, record)
  buffer.page.flags |= pageFlag.full
  return littleRoom
}

/** The old version is on another page. */
export function enterPage(buffer: Buffer, record: WalRecord): number {
  return putNewVersion(buffer, record, undefined)
}

function newTidOf(record: WalRecord): Tid {
  return makeTid(blockOf(record, 0).block, u16(record.data, 12))
}

function closeOldVersion(buffer: Buffer, record: WalRecord): HeapTuple {
  const main = record.data
  const old = expectTuple(buffer, u16(main, 4))
  resetXmax(old, u32(main, 0), main[6])
  old.mask2 = isHotUpdate(record) ? old.mask2 | HotUpdated : old.mask2 & ~HotUpdated
  old.next = newTidOf(record)
  setPrunable(buffer.page, record.xid)
  if (main[7] & updateFlag.oldAllVisibleCleared) buffer.page.flags &= ~pageFlag.allVisible
  return old
}

function putNewVersion({ page }: Buffer, record: WalRecord, old: HeapTuple | undefined): number {
  if (record.info & heapInfo.initPage) page.initialize()
  const tid = newTidOf(record)
  const tuple = restoreVersion(page, record, blockOf(record, 0).data!, tid, old)
  tuple.xmin = record.xid
  tuple.xmax = u32(record.data, 8)
  tuple.next = tid
  if (record.data[7] & updateFlag.newAllVisibleCleared) page.flags &= ~pageFlag.allVisible
  return heapFreeSpace(page)
}

export function overwriteTuple(buffer: Buffer, record: WalRecord): number {
  const tuple = expectTuple(buffer, u16(record.data, 0))
  tuple.bytes.set(blockOf(record, 0).data!, tuple.at + tuple.hoff)
  return littleRoom
}

export function lockTuple(buffer: Buffer, record: WalRecord): number {
  const offset = u16(record.data, 4)
  const tuple = lockVersion(buffer, record, offset)
  if (isXmaxLockedOnly(tuple.mask)) {
    tuple.mask2 &= ~HotUpdated
    tuple.next = makeTid(buffer.block, offset)
  }
  tuple.commandId = 0
  tuple.mask &= ~ComboCommandId
  return littleRoom
}

/** A later version of a row that somebody locks: where it leads to stays. */
export function lockUpdatedTuple(buffer: Buffer, record: WalRecord): number {
  lockVersion(buffer, record, u16(record.data, 4))
  return littleRoom
}

function lockVersion(buffer: Buffer, record: WalRecord, offset: number): HeapTuple {
  const tuple = expectTuple(buffer, offset)
  tuple.mask &= ~XmaxBits
  tuple.mask2 &= ~KeysUpdated
  setInfobits(tuple, record.data[6])
  tuple.xmax = u32(record.data, 0)
  return tuple
}

export function cleanPage(buffer: Buffer, cleaning: CleaningRecord): void {
  const { page } = buffer
  const { redirected, dead, unused, plans } = cleaning
  if (cleaning.cleaner === 'vacuum cleanup') {
    for (const offset of unused) page.setLine(offset, 0, lineState.unused, 0)
    truncateLines(page)
  } else if (redirected.length + dead.length + unused.length > 0) executePrune(page, redirected, dead, unused)
  for (const plan of plans) for (const offset of plan.offsets) freezeTuple(expectTuple(buffer, offset), plan)
}

function expectTuple(buffer: Buffer, offset: number): HeapTuple {
  const tuple = tupleAt(buffer, offset)
  if (!tuple) panic('XX000', 'invalid lp')
  return tuple
}

function resetXmax(tuple: HeapTuple, xmax: number, infobits: number): void {
  tuple.mask &= ~XmaxBits
  tuple.mask2 &= ~KeysUpdated
  setInfobits(tuple, infobits)
  tuple.xmax = xmax
  tuple.commandId = 0
  tuple.mask &= ~ComboCommandId
}

/** Puts a tuple on the page from its packed header at `at` and the bytes after it. */
function restoreTuple(page: Page, offset: number, block: number, data: Uint8Array, at: number, end: number): HeapTuple {
  const length = heapTupleHeaderSize + (end - at - 5)
  const tuple = placeTuple(page, offset, block, length)
  copyHeader(tuple, data, at)
  copyBytes(data, at + 5, end, page.bytes, tuple.at + heapTupleHeaderSize)
  return tuple
}

function placeTuple(page: Page, offset: number, block: number, length: number): HeapTuple {
  if (offset > page.lineCount + 1) panic('XX000', 'invalid max offset number')
  if (page.addItem(length, offset) === 0) panic('XX000', 'failed to add tuple')
  const tuple = new HeapTuple(page, page.itemOffset(offset), length, makeTid(block, offset))
  page.bytes.fill(0, tuple.at, tuple.at + heapTupleHeaderSize)
  return tuple
}

function copyHeader(tuple: HeapTuple, data: Uint8Array, at: number): void {
  tuple.mask2 = u16(data, at)
  tuple.mask = u16(data, at + 2)
  tuple.bytes[tuple.at + 22] = data[at + 4]
}

/** The new version of an update: what both ends have in common with the old one is taken from there. */
function restoreVersion(
  page: Page,
  record: WalRecord,
  data: Uint8Array,
  tid: Tid,
  old: HeapTuple | undefined,
): HeapTuple {
  const flags = record.data[7]
  const prefix = flags & updateFlag.prefixFromOld ? u16(data, 0) : 0
  const suffixAt = flags & updateFlag.prefixFromOld ? 2 : 0
  const suffix = flags & updateFlag.suffixFromOld ? u16(data, suffixAt) : 0
  const header = suffixAt + (flags & updateFlag.suffixFromOld ? 2 : 0)
  let at = header + 5
  const length = heapTupleHeaderSize + prefix + (data.length - at) + suffix
  const tuple = placeTuple(page, tidOffset(tid), tidBlock(tid), length)
  copyHeader(tuple, data, header)
  const { bytes } = page
  let to = tuple.at + heapTupleHeaderSize
  if (prefix > 0) {
    const bitmap = tuple.hoff - heapTupleHeaderSize
    copyBytes(data, at, at + bitmap, bytes, to)
    at += bitmap
    to += bitmap
    copyBytes(old!.bytes, old!.at + old!.hoff, old!.at + old!.hoff + prefix, bytes, to)
    to += prefix
  }
  copyBytes(data, at, data.length, bytes, to)
  to += data.length - at
  if (suffix > 0) copyBytes(old!.bytes, old!.at + old!.length - suffix, old!.at + old!.length, bytes, to)
  return tuple
}
