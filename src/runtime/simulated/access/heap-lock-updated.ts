// A lock of a tuple that was updated holds for the versions that came after, too: whoever wants to change one of them
// must find it. Mirrors heap_lock_updated_tuple_rec and test_lockmode_for_conflict.

import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import { visibility } from '../storage/visibility-map.ts'
import { memberStatus } from '../transactions/multixacts.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { failureOf } from './heap-change.ts'
import { heap2Info, infobitsOf, lockFlag } from './heap-records.ts'
import { type HeapServices, isAllVisible, tupleAt } from './heap-services.ts'
import { type HeapTuple, XmaxInvalid, XmaxIsMulti } from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'
import type { Relation } from './relation.ts'
import type { Failure } from './results.ts'
import { formatTid, type Tid, tidBlock, tidOffset } from './tid.ts'
import { doTupleLocksConflict, lockOfStatus, type TupleLock } from './tuple-lock-modes.ts'
import { isOnlyLocked } from './tuple-wait.ts'
import { setXmax, statusOf, xmaxWith } from './tuple-xmax.ts'

/** Locks the versions after `tuple`; the failure if one of them was changed in a way that excludes the lock. */
export function* lockUpdatedVersions(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tuple: HeapTuple,
  lock: TupleLock,
): Coroutine<Failure | undefined> {
  const { transactions } = tx
  let from = tuple.tid
  let tid = tuple.next
  let previous = changerOf(tx, tuple)
  while (tid !== from) {
    const buffer = yield* heap.pin(tx.me, relation, tidBlock(tid))
    try {
      const map = yield* heap.pinMap(tx.me, relation, buffer)
      try {
        const version = tupleAt(buffer, tidOffset(tid))
        if (!version || version.xmin !== previous) return undefined
        if (!transactions.isInProgress(version.xmin) && !transactions.didCommit(version.xmin)) return undefined
        const found = yield* lockVersion(heap, tx, relation, buffer, map, tid, lock)
        if (found) return found
        const now = tupleAt(buffer, tidOffset(tid))!
        if (isOnlyLocked(tx, now)) return undefined
        previous = changerOf(tx, now)
        from = tid
        tid = now.next
      } finally {
        if (map) heap.buffers.unpin(map)
      }
    } finally {
      heap.buffers.unpin(buffer)
    }
  }
  return undefined
}

function changerOf(tx: TransactionState, tuple: HeapTuple): number {
  return (tuple.mask & XmaxIsMulti) !== 0 ? updaterOf(tx.transactions, tuple.xmax) : tuple.xmax
}

function* lockVersion(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  buffer: Buffer,
  map: Buffer | undefined,
  tid: Tid,
  lock: TupleLock,
): Coroutine<Failure | undefined> {
  const { transactions } = tx
  for (;;) {
    const version = tupleAt(buffer, tidOffset(tid))!
    const verdict = judge(tx, version, lock)
    if (verdict === 'locked already') return undefined
    if (verdict === 'excluded') return failureOf(tx, version, version.next === tid ? 'deleted' : 'updated')
    if (verdict === 'free') {
      markVersion(heap, tx, buffer, map, version, lock)
      return undefined
    }
    const context = () => `while locking updated version ${formatTid(tid)} of tuple in relation "${relation.name}"`
    yield* transactions.waitFor(tx.proc, verdict, context)
  }
}

/** Whom to wait for, by xid; or that nobody stands in the way, or who can't be waited away does. */
function judge(
  tx: TransactionState,
  version: HeapTuple,
  lock: TupleLock,
): number | 'free' | 'locked already' | 'excluded' {
  const { transactions } = tx
  const { mask, mask2, xmax } = version
  if ((mask & XmaxInvalid) !== 0) return 'free'
  const members =
    (mask & XmaxIsMulti) !== 0 ? transactions.multiXacts.members(xmax) : [{ xid: xmax, status: statusOf(mask, mask2) }]
  for (const { xid, status } of members) {
    const held = lockOfStatus(status)
    if (tx.isCurrent(xid)) return 'locked already'
    if (!doTupleLocksConflict(held, lock)) continue
    if (transactions.isInProgress(xid)) return xid
    if (status >= memberStatus.noKeyUpdate && transactions.didCommit(xid)) return 'excluded'
  }
  return 'free'
}

function markVersion(
  heap: HeapServices,
  tx: TransactionState,
  buffer: Buffer,
  map: Buffer | undefined,
  version: HeapTuple,
  lock: TupleLock,
): void {
  const xid = tx.xid()
  const xmax = xmaxWith(tx, version, xid, lock, false)
  setXmax(version, xmax)
  const cleared =
    map !== undefined && isAllVisible(buffer.page) && heap.visibilityMap.clear(map, buffer.block, visibility.allFrozen)
  heap.buffers.markDirty(buffer)
  const record = heap.wal.begin(resourceManagers.heap2, heap2Info.lockUpdated, xid)
  record.data.u32(xmax.xid)
  record.data.u16(tidOffset(version.tid))
  record.data.u8(infobitsOf(version.mask, version.mask2))
  record.data.u8(cleared ? lockFlag.allFrozenCleared : 0)
  record.block(0, buffer, registerFlag.standard)
  buffer.page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(buffer.page.lsn)
}
