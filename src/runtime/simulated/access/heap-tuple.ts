// A heap tuple where it stands in a page (or a copy of one): its header's fields, read and written in place. Mirrors
// htup_details.h. What its columns hold is read by tuple.ts.

import { makeTid, type Tid } from './tid.ts'
import type { ByteArea } from './tuple-descriptor.ts'

/** Bits of t_infomask. */
export const HasNull = 0x0001
export const HasVarWidth = 0x0002
export const XmaxKeyShareLock = 0x0010
export const ComboCommandId = 0x0020
export const XmaxExclusiveLock = 0x0040
export const XmaxLockOnly = 0x0080
export const XmaxShareLock = XmaxExclusiveLock | XmaxKeyShareLock
export const LockMask = XmaxShareLock | XmaxExclusiveLock | XmaxKeyShareLock
export const XminCommitted = 0x0100
export const XminInvalid = 0x0200
export const XminFrozen = XminCommitted | XminInvalid
export const XmaxCommitted = 0x0400
export const XmaxInvalid = 0x0800
export const XmaxIsMulti = 0x1000
export const Updated = 0x2000
export const XmaxBits = XmaxCommitted | XmaxInvalid | XmaxIsMulti | LockMask | XmaxLockOnly

/** Bits of t_infomask2; the low eleven are the number of columns. */
export const AttributeCountMask = 0x07ff
export const KeysUpdated = 0x2000
export const HotUpdated = 0x4000
export const OnlyTuple = 0x8000

/** The header without null bitmap, in bytes. */
export const heapTupleHeaderSize = 23

export class HeapTuple implements ByteArea {
  /** The page's, or the copy's. */
  bytes: Uint8Array
  view: DataView
  /** Where in it the header begins. */
  at: number
  /** In bytes, with the header. */
  length: number
  tid: Tid

  constructor(area: ByteArea, at: number, length: number, tid: Tid) {
    this.bytes = area.bytes
    this.view = area.view
    this.at = at
    this.length = length
    this.tid = tid
  }

  /** Points it at another place, so that one object serves a whole scan. */
  moveTo(area: ByteArea, at: number, length: number, block: number, offset: number): void {
    this.bytes = area.bytes
    this.view = area.view
    this.at = at
    this.length = length
    this.tid = makeTid(block, offset)
  }

  /** Its bytes alone, where they stand. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.at, this.at + this.length)
  }

  /** One with bytes of its own. */
  copy(): HeapTuple {
    const bytes = this.content.slice()
    return new HeapTuple({ bytes, view: new DataView(bytes.buffer) }, 0, this.length, this.tid)
  }

  /** As it was stored; frozen or not is in the mask. */
  get xmin(): number {
    return this.view.getUint32(this.at, true)
  }

  set xmin(xid: number) {
    this.view.setUint32(this.at, xid, true)
  }

  /** A transaction or a multixact, as the mask says. */
  get xmax(): number {
    return this.view.getUint32(this.at + 4, true)
  }

  set xmax(xid: number) {
    this.view.setUint32(this.at + 4, xid, true)
  }

  /** t_cid: cmin, cmax, or a combo of both. */
  get commandId(): number {
    return this.view.getUint32(this.at + 8, true)
  }

  set commandId(id: number) {
    this.view.setUint32(this.at + 8, id, true)
  }

  /** The next version, or itself. */
  get next(): Tid {
    const view = this.view
    const at = this.at + 12
    return makeTid(view.getUint16(at, true) * 0x1_0000 + view.getUint16(at + 2, true), view.getUint16(at + 4, true))
  }

  set next(tid: Tid) {
    const block = Math.floor(tid / 0x1_0000)
    this.view.setUint16(this.at + 12, block >>> 16, true)
    this.view.setUint16(this.at + 14, block & 0xffff, true)
    this.view.setUint16(this.at + 16, tid % 0x1_0000, true)
  }

  get mask2(): number {
    return this.view.getUint16(this.at + 18, true)
  }

  set mask2(bits: number) {
    this.view.setUint16(this.at + 18, bits, true)
  }

  get mask(): number {
    return this.view.getUint16(this.at + 20, true)
  }

  set mask(bits: number) {
    this.view.setUint16(this.at + 20, bits, true)
  }

  /** Where the columns begin, from the header's start. */
  get hoff(): number {
    return this.bytes[this.at + 22]
  }

  get attributeCount(): number {
    return this.mask2 & AttributeCountMask
  }

  get isXminFrozen(): boolean {
    return (this.mask & XminFrozen) === XminFrozen
  }

  get isHotUpdated(): boolean {
    const mask = this.mask
    return (this.mask2 & HotUpdated) !== 0 && (mask & XmaxInvalid) === 0 && (mask & XminFrozen) !== XminInvalid
  }

  get isHeapOnly(): boolean {
    return (this.mask2 & OnlyTuple) !== 0
  }
}

/** Whether xmax only locked the tuple. */
export function isXmaxLockedOnly(mask: number): boolean {
  return (mask & XmaxLockOnly) !== 0 || (mask & (XmaxIsMulti | LockMask)) === XmaxExclusiveLock
}
