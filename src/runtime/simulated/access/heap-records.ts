// The heap's WAL records: numbers, flags, and the packed forms of tuple headers. Mirrors heapam_xlog.h.

import type { Bytes } from '../wal/record-builder.ts'
import {
  type HeapTuple,
  heapTupleHeaderSize,
  KeysUpdated,
  XmaxExclusiveLock,
  XmaxIsMulti,
  XmaxKeyShareLock,
  XmaxLockOnly,
} from './heap-tuple.ts'

export const heapInfo = {
  insert: 0x00,
  delete: 0x10,
  update: 0x20,
  truncate: 0x30,
  hotUpdate: 0x40,
  confirm: 0x50,
  lock: 0x60,
  inplace: 0x70,
  operationMask: 0x70,
  /** The page is made anew, and this is its first tuple. */
  initPage: 0x80,
} as const

export const heap2Info = {
  // Until 16
  prune: 0x10,
  vacuum: 0x20,
  freezePage: 0x30,
  // Since 17
  pruneOnAccess: 0x10,
  pruneVacuumScan: 0x20,
  pruneVacuumCleanup: 0x30,
  visible: 0x40,
  multiInsert: 0x50,
  lockUpdated: 0x60,
} as const

export const insertFlag = { allVisibleCleared: 0x01, lastOfMultiInsert: 0x02, containsNewTuple: 0x08 } as const
export const deleteFlag = { allVisibleCleared: 0x01, containsOldTuple: 0x02, containsOldKey: 0x04 } as const
export const updateFlag = {
  oldAllVisibleCleared: 0x01,
  newAllVisibleCleared: 0x02,
  containsOldTuple: 0x04,
  containsOldKey: 0x08,
  containsNewTuple: 0x10,
  prefixFromOld: 0x20,
  suffixFromOld: 0x40,
} as const
/** Of a truncate: what was said with it. */
export const truncateFlag = { cascade: 0x01, restartSequences: 0x02 } as const
export const lockFlag = { allFrozenCleared: 0x01 } as const

const infobit = { isMulti: 1, lockOnly: 2, exclusiveLock: 4, keyShareLock: 8, keysUpdated: 0x10 } as const

/** What a record says of xmax: one byte for the bits of both masks. */
export function infobitsOf(mask: number, mask2: number): number {
  return (
    ((mask & XmaxIsMulti) !== 0 ? infobit.isMulti : 0) |
    ((mask & XmaxLockOnly) !== 0 ? infobit.lockOnly : 0) |
    ((mask & XmaxExclusiveLock) !== 0 ? infobit.exclusiveLock : 0) |
    ((mask & XmaxKeyShareLock) !== 0 ? infobit.keyShareLock : 0) |
    ((mask2 & KeysUpdated) !== 0 ? infobit.keysUpdated : 0)
  )
}

const infobitMask = XmaxIsMulti | XmaxLockOnly | XmaxKeyShareLock | XmaxExclusiveLock

export function setInfobits(tuple: HeapTuple, infobits: number): void {
  tuple.mask =
    (tuple.mask & ~infobitMask) |
    ((infobits & infobit.isMulti) !== 0 ? XmaxIsMulti : 0) |
    ((infobits & infobit.lockOnly) !== 0 ? XmaxLockOnly : 0) |
    ((infobits & infobit.exclusiveLock) !== 0 ? XmaxExclusiveLock : 0) |
    ((infobits & infobit.keyShareLock) !== 0 ? XmaxKeyShareLock : 0)
  tuple.mask2 = (tuple.mask2 & ~KeysUpdated) | ((infobits & infobit.keysUpdated) !== 0 ? KeysUpdated : 0)
}

/** xl_heap_header: what redo can't know of a new tuple's header. */
export function appendHeader(data: Bytes, tuple: HeapTuple): void {
  data.u16(tuple.mask2)
  data.u16(tuple.mask)
  data.u8(tuple.hoff)
}

/** The tuple without its fixed header. */
export function appendBody(data: Bytes, tuple: HeapTuple): void {
  data.append(tuple.bytes, tuple.at + heapTupleHeaderSize, tuple.at + tuple.length)
}
