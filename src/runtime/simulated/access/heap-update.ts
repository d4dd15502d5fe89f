// Updating a tuple: a new version, on the same page if it fits (then, if no index needs to know, heap-only), and the old
// one points to it. Mirrors heap_update and log_heap_update.

import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import { align8, pageFlag } from '../storage/page.ts'
import { visibility } from '../storage/visibility-map.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import type { RecordBuilder } from '../wal/record-builder.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { heapFreeSpace, pageForTuple } from './free-page.ts'
import { ChangingPage, type Clear, setCommandMax, tryClear, waitToChange } from './heap-change.ts'
import { setPrunable } from './heap-delete.ts'
import { isFirst, putTuple } from './heap-insert.ts'
import { appendHeader, heapInfo, infobitsOf, lockFlag, updateFlag } from './heap-records.ts'
import { cost, type HeapServices, isAllVisible } from './heap-services.ts'
import {
  type HeapTuple,
  HotUpdated,
  heapTupleHeaderSize,
  OnlyTuple,
  Updated,
  XmaxInvalid,
  XmaxIsMulti,
  XmaxKeyShareLock,
  XmaxLockOnly,
} from './heap-tuple.ts'
import { appendIdentity, type Identity, isLogicallyLogged, oldIdentity } from './logical-logging.ts'
import type { Relation } from './relation.ts'
import type { UpdateResult } from './results.ts'
import { type Tid, tidBlock, tidOffset } from './tid.ts'
import { hasEqualAttribute } from './tuple.ts'
import { type TupleLock, tupleLocks } from './tuple-lock-modes.ts'
import { TupleTurn } from './tuple-wait.ts'
import { multiXmaxBits, setXmax, type Xmax, xmaxWith } from './tuple-xmax.ts'

export function* updateTuple(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  tuple: HeapTuple,
): Coroutine<UpdateResult> {
  const xid = tx.xid()
  const page = yield* ChangingPage.pin(heap, tx, relation, tid)
  const changes = changedColumns(relation, page.tuple(), tuple)
  const lock = changes.key ? tupleLocks.exclusive : tupleLocks['no key exclusive']
  const turn = new TupleTurn(tx, relation, tid, lock)
  try {
    const found = tryClear(heap, tx, page) ?? (yield* waitToChange(heap, tx, page, lock, turn, 'update'))
    if (found.status !== 'clear') return found
    const old = page.tuple()
    // What the old version will bear, and what the new one inherits of those who have it locked.
    const xmax = xmaxWith(tx, old, xid, lock, true)
    beginVersion(tx, tuple, xid, inheritedXmax(tx, old, found))
    const { buffer } = page
    if (align8(tuple.length) <= heapFreeSpace(buffer.page)) {
      heap.transactions.serializable.checkConflictIn(tx, relation, tidBlock(tid), tidOffset(tid))
      return linkVersions(heap, tx, page, { tuple, xmax, xid, buffer, map: undefined, hot: !changes.indexed })
    }
    lockOldVersion(heap, tx, page, xid, lock)
    const free = yield* pageForTuple(heap, tx, relation, tuple.length)
    try {
      heap.transactions.serializable.checkConflictIn(tx, relation, tidBlock(tid), tidOffset(tid))
      return linkVersions(heap, tx, page, { tuple, xmax, xid, ...free, hot: false })
    } finally {
      heap.buffers.unpin(free.buffer)
      if (free.map) heap.buffers.unpin(free.map)
    }
  } finally {
    page.unpin()
    turn.end()
  }
}

/** Whether columns changed that an index uses, or those of a key that others may refer to. */
function changedColumns(relation: Relation, old: HeapTuple, tuple: HeapTuple): { indexed: boolean; key: boolean } {
  let indexed = false
  let key = false
  for (const index of relation.indexes) {
    for (const column of index.usedAttributes) {
      if ((indexed && !index.isKey) || hasEqualAttribute(old, tuple, relation.descriptor, column)) continue
      indexed = true
      key ||= index.isKey
    }
  }
  return { indexed, key }
}

function beginVersion(tx: TransactionState, tuple: HeapTuple, xid: number, xmax: Xmax): void {
  tuple.xmin = xid
  tuple.xmax = xmax.xid
  tuple.commandId = tx.commandId(true)
  tuple.mask |= Updated | xmax.mask
  tuple.mask2 |= xmax.mask2
}

/** Those who only lock the old version lock the new one too. */
function inheritedXmax(tx: TransactionState, old: HeapTuple, found: Clear): Xmax {
  const nobody = { xid: 0, mask: XmaxInvalid, mask2: 0 }
  if ((old.mask & XmaxInvalid) !== 0 || old.xmax === 0) return nobody
  if (found.checkedLockers && !found.lockersRemain) return nobody
  const { xmax } = old
  if ((old.mask & XmaxIsMulti) !== 0) return { xid: xmax, ...multiXmaxBits(tx.transactions, xmax) }
  return { xid: xmax, mask: XmaxKeyShareLock | XmaxLockOnly, mask2: 0 }
}

/** While another page is sought the old version is locked, and a crash must find it so: nobody else may change it. */
function lockOldVersion(
  heap: HeapServices,
  tx: TransactionState,
  page: ChangingPage,
  xid: number,
  lock: TupleLock,
): void {
  const { buffer, map, tid } = page
  const old = page.tuple()
  const xmax = xmaxWith(tx, old, xid, lock, false)
  old.mask2 &= ~HotUpdated
  setXmax(old, xmax)
  setCommandMax(tx, old, tx.commandId(true))
  old.next = tid
  const cleared = isAllVisible(buffer.page) && heap.visibilityMap.clear(map!, buffer.block, visibility.allFrozen)
  heap.buffers.markDirty(buffer)
  const record = heap.wal.begin(resourceManagers.heap, heapInfo.lock, xid)
  record.data.u32(xmax.xid)
  record.data.u16(tidOffset(tid))
  record.data.u8(infobitsOf(old.mask, old.mask2))
  record.data.u8(cleared ? lockFlag.allFrozenCleared : 0)
  record.block(0, buffer, registerFlag.standard)
  buffer.page.lsn = heap.wal.insert(tx.me, record)
}

interface NewVersion {
  readonly tuple: HeapTuple
  /** Of the old version. */
  readonly xmax: Xmax
  readonly xid: number
  /** Where the new one goes. */
  readonly buffer: Buffer
  readonly map: Buffer | undefined
  /** No index needs an entry for it. */
  readonly hot: boolean
}

function linkVersions(heap: HeapServices, tx: TransactionState, page: ChangingPage, version: NewVersion): UpdateResult {
  const { tuple, xmax, xid, buffer, hot } = version
  const oldPage = page.buffer.page
  const same = buffer === page.buffer
  if (!same) oldPage.flags |= pageFlag.full
  setPrunable(oldPage, xid)
  if (hot) tuple.mask2 |= OnlyTuple
  const offset = putTuple(buffer, tuple)
  if (offset === 0) throw new Error(`no room for a tuple on block ${buffer.block} of ${page.relation.name}`)
  const old = page.tuple()
  const identity = oldIdentity(heap, page.relation, old, tuple)
  old.mask2 = hot ? old.mask2 | HotUpdated : old.mask2 & ~HotUpdated
  setXmax(old, xmax)
  setCommandMax(tx, old, tx.commandId(true))
  old.next = tuple.tid
  const oldCleared = heap.clearAllVisible(page.buffer, page.map)
  const newCleared = !same && heap.clearAllVisible(buffer, version.map)
  heap.buffers.markDirty(page.buffer)
  heap.buffers.markDirty(buffer)
  const lsn = logUpdate(heap, tx, old, version, page.buffer, {
    identity,
    isLogical: isLogicallyLogged(heap, page.relation),
    flags: (oldCleared ? updateFlag.oldAllVisibleCleared : 0) | (newCleared ? updateFlag.newAllVisibleCleared : 0),
    offset,
  })
  oldPage.lsn = lsn
  buffer.page.lsn = lsn
  tx.wrote(lsn)
  count(tx, page.relation, hot, same)
  tx.me.charge(cost.change)
  return { status: 'ok', tid: tuple.tid, hot }
}

function count(tx: TransactionState, relation: Relation, hot: boolean, samePage: boolean): void {
  tx.changesOf(relation.id).updated++
  if (hot) tx.statistics.of(relation.id).hotUpdated++
  else if (!samePage) tx.statistics.of(relation.id).newPageUpdated++
}

function logUpdate(
  heap: HeapServices,
  tx: TransactionState,
  old: HeapTuple,
  version: NewVersion,
  oldBuffer: Buffer,
  known: {
    readonly flags: number
    readonly offset: number
    readonly isLogical: boolean
    readonly identity: Identity | undefined
  },
): number {
  const { tuple, buffer, hot, xid } = version
  const { wal } = heap
  const same = buffer === oldBuffer
  const first = !same && isFirst(buffer.page, known.offset)
  const info = (hot ? heapInfo.hotUpdate : heapInfo.update) | (first ? heapInfo.initPage : 0)
  // A page that will be logged whole has no use for savings.
  const needsImage = wal.fullPageWrites && buffer.page.lsn <= wal.redoLsn
  const saves = same && !needsImage && !known.isLogical
  const { prefix, suffix } = saves ? commonEnds(old, tuple) : { prefix: 0, suffix: 0 }
  const record = wal.begin(resourceManagers.heap, info, xid)
  record.origin = tx.proc.origin
  record.data.u32(version.xmax.xid)
  record.data.u16(tidOffset(old.tid))
  record.data.u8(infobitsOf(old.mask, old.mask2))
  record.data.u8(
    known.flags |
      (prefix > 0 ? updateFlag.prefixFromOld : 0) |
      (suffix > 0 ? updateFlag.suffixFromOld : 0) |
      (known.isLogical ? updateFlag.containsNewTuple : 0) |
      (known.identity ? (known.identity.isWhole ? updateFlag.containsOldTuple : updateFlag.containsOldKey) : 0),
  )
  record.data.u32(tuple.xmax)
  record.data.u16(known.offset)
  if (known.identity) appendIdentity(record.data, known.identity)
  const blockFlags = (first ? registerFlag.willInit : 0) | (known.isLogical ? registerFlag.keepData : 0)
  appendVersion(record, version, blockFlags, prefix, suffix)
  if (!same) record.block(1, oldBuffer, registerFlag.standard)
  return wal.insert(tx.me, record)
}

function appendVersion(
  record: RecordBuilder,
  version: NewVersion,
  blockFlags: number,
  prefix: number,
  suffix: number,
): void {
  const { tuple, buffer } = version
  const data = record.block(0, buffer, registerFlag.standard | blockFlags)
  if (prefix > 0) data.u16(prefix)
  if (suffix > 0) data.u16(suffix)
  appendHeader(data, tuple)
  const end = tuple.at + tuple.length - suffix
  const columns = tuple.at + tuple.hoff
  data.append(tuple.bytes, tuple.at + heapTupleHeaderSize, prefix > 0 ? columns : end)
  if (prefix > 0) data.append(tuple.bytes, columns + prefix, end)
}

/** How many bytes of the columns both versions have in common at either end; under three it isn't worth saying. */
function commonEnds(old: HeapTuple, tuple: HeapTuple): { prefix: number; suffix: number } {
  const oldStart = old.at + old.hoff
  const newStart = tuple.at + tuple.hoff
  const oldLength = old.length - old.hoff
  const newLength = tuple.length - tuple.hoff
  const limit = Math.min(oldLength, newLength)
  let prefix = 0
  while (prefix < limit && old.bytes[oldStart + prefix] === tuple.bytes[newStart + prefix]) prefix++
  if (prefix < 3) prefix = 0
  let suffix = 0
  const oldEnd = oldStart + oldLength - 1
  const newEnd = newStart + newLength - 1
  while (suffix < limit - prefix && old.bytes[oldEnd - suffix] === tuple.bytes[newEnd - suffix]) suffix++
  return { prefix, suffix: suffix < 3 ? 0 : suffix }
}
