// Locking a tuple without changing it: SELECT FOR UPDATE, NO KEY UPDATE, SHARE, KEY SHARE. Mirrors heap_lock_tuple, and
// heapam_tuple_lock's search for the newest version.

import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import { visibility } from '../storage/visibility-map.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { ChangingPage, failureOf } from './heap-change.ts'
import { lockUpdatedVersions } from './heap-lock-updated.ts'
import { heapInfo, infobitsOf, lockFlag } from './heap-records.ts'
import { cost, type HeapServices, isAllVisible, tupleAt } from './heap-services.ts'
import {
  type HeapTuple,
  HotUpdated,
  isXmaxLockedOnly,
  KeysUpdated,
  LockMask,
  XmaxExclusiveLock,
  XmaxInvalid,
  XmaxIsMulti,
  XmaxKeyShareLock,
  XmaxLockOnly,
} from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'
import type { Relation } from './relation.ts'
import type { Failure, LockResult, WaitPolicy } from './results.ts'
import { type Tid, tidBlock, tidOffset } from './tid.ts'
import { lockOfStatus, type TupleLock } from './tuple-lock-modes.ts'
import {
  conflictsWithMulti,
  failWithRowLocked,
  hasXmaxChanged,
  isOnlyLocked,
  TupleTurn,
  waitContext,
  waitForMulti,
} from './tuple-wait.ts'
import { setXmax, statusOf, xmaxWith } from './tuple-xmax.ts'
import { commandMin, type InProgress } from './visibility.ts'

type Outcome = 'locked' | 'held already' | { readonly status: 'would-block' } | Failure

/** `followsUpdates`: later versions of the tuple get the lock too. */
export function* lockTuple(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  lock: TupleLock,
  policy: WaitPolicy,
  followsUpdates: boolean,
): Coroutine<LockResult> {
  const page = yield* ChangingPage.pin(heap, tx, relation, tid)
  const turn = new TupleTurn(tx, relation, tid, lock)
  try {
    const outcome = yield* new TupleLocker(heap, tx, page, lock, policy, followsUpdates, turn).run()
    if (outcome === 'locked') markLocked(heap, tx, page, lock)
    if (outcome !== 'locked' && outcome !== 'held already') return outcome
    return { status: 'ok', tid, tuple: page.tuple().copy(), traversed: false }
  } finally {
    page.unpin()
    turn.end()
    tx.me.charge(cost.change)
  }
}

class TupleLocker {
  private readonly heap: HeapServices
  private readonly tx: TransactionState
  private readonly page: ChangingPage
  private readonly lock: TupleLock
  private readonly policy: WaitPolicy
  private readonly followsUpdates: boolean
  private readonly turn: TupleTurn
  private readonly context: () => string
  /** Whoever has a weaker lock already must not queue: the first in the queue may wait for it. */
  private skipsTurn = false

  constructor(
    heap: HeapServices,
    tx: TransactionState,
    page: ChangingPage,
    lock: TupleLock,
    policy: WaitPolicy,
    followsUpdates: boolean,
    turn: TupleTurn,
  ) {
    this.heap = heap
    this.tx = tx
    this.page = page
    this.lock = lock
    this.policy = policy
    this.followsUpdates = followsUpdates
    this.turn = turn
    this.context = waitContext('locking', page.tid, page.relation)
  }

  *run(): Coroutine<Outcome> {
    const { tx, page, heap } = this
    const commandId = tx.commandId(false)
    for (let first = true; ; first = false) {
      const tuple = page.tuple()
      const status = heap.visibility.forUpdate(tx, tuple, commandId, page.buffer)
      if (status === 'ok') return 'locked'
      if (status === 'invisible' || status === 'self-modified') return failureOf(tx, tuple, status)
      if (first && this.isHeldAlready(tuple)) return 'held already'
      const mustWait = this.mustWait(tuple)
      if (!mustWait) {
        const outcome = yield* this.withoutWaiting(tuple)
        if (outcome) return outcome
        continue
      }
      if (status !== 'being-modified') return failureOf(tx, tuple, status)
      const outcome = yield* this.wait(tuple)
      if (outcome) return outcome
    }
  }

  private isHeldAlready(tuple: HeapTuple): boolean {
    const { tx, lock } = this
    const { mask, mask2, xmax } = tuple
    if ((mask & XmaxIsMulti) === 0) {
      if (!tx.isCurrent(xmax)) return false
      const held = statusOf(mask, mask2)
      return lockOfStatus(held).strength >= lock.strength
    }
    for (const member of tx.transactions.multiXacts.members(xmax)) {
      if (!tx.isCurrent(member.xid)) continue
      if (lockOfStatus(member.status).strength >= lock.strength) return true
      this.skipsTurn = true
    }
    return false
  }

  /** Whether who has the tuple excludes the lock. */
  private mustWait(tuple: HeapTuple): boolean {
    const { tx, lock } = this
    const { mask, mask2, xmax } = tuple
    const isMulti = (mask & XmaxIsMulti) !== 0
    switch (lock.mode) {
      case 'key share':
        if ((mask2 & KeysUpdated) === 0) return false
        break
      case 'share':
        if (isXmaxLockedOnly(mask) && (mask & LockMask) !== XmaxExclusiveLock) return false
        break
      case 'no key exclusive':
        if (isMulti ? !conflictsWithMulti(tx, xmax, lock).conflict : (mask & LockMask) === XmaxKeyShareLock)
          return false
    }
    return isMulti || !tx.isCurrent(xmax)
  }

  /** Undefined: somebody came in between, look again. */
  private *withoutWaiting(tuple: HeapTuple): Coroutine<Outcome | undefined> {
    const { page } = this
    const { mask, xmax } = tuple
    // A key share lock of an updated tuple must hold for the versions that came after.
    if (this.lock.mode === 'key share' && !isXmaxLockedOnly(mask) && this.followsUpdates) {
      const failure = yield* lockUpdatedVersions(this.heap, this.tx, page.relation, tuple, this.lock)
      if (failure) return failure
      yield* page.pinMap()
      if (hasXmaxChanged(page.tuple(), mask, xmax)) return undefined
    }
    return 'locked'
  }

  private *wait(tuple: HeapTuple): Coroutine<Outcome | undefined> {
    const { tx, page, lock, policy, heap } = this
    const { mask, xmax } = tuple
    const wouldBlock = { status: 'would-block' } as const
    const updated = tuple.copy()
    if (!this.skipsTurn && !(yield* this.turn.take(policy))) return wouldBlock
    const waited = (mask & XmaxIsMulti) !== 0 ? yield* this.waitForMembers(xmax) : yield* this.waitForOne(xmax)
    if (!waited) {
      if (policy === 'skip') return wouldBlock
      failWithRowLocked(page.relation)
    }
    if (this.followsUpdates && !isXmaxLockedOnly(mask)) {
      const failure = yield* lockUpdatedVersions(heap, tx, page.relation, updated, lock)
      if (failure) return failure
    }
    yield* page.pinMap()
    const now = page.tuple()
    if (hasXmaxChanged(now, mask, xmax)) return undefined
    if ((mask & XmaxIsMulti) === 0) heap.visibility.noteXmaxEnded(tx, now, page.buffer)
    if ((now.mask & XmaxInvalid) !== 0 || isOnlyLocked(tx, now)) return 'locked'
    return failureOf(tx, now, now.next === page.tid ? 'deleted' : 'updated')
  }

  private *waitForMembers(multi: number): Coroutine<boolean> {
    return (yield* waitForMulti(this.tx, multi, this.lock, this.policy, this.context)) !== undefined
  }

  private *waitForOne(xid: number): Coroutine<boolean> {
    const { tx } = this
    if (this.policy !== 'block') return tx.transactions.tryWaitFor(tx.proc, xid)
    yield* tx.transactions.waitFor(tx.proc, xid, this.context)
    return true
  }
}

function markLocked(heap: HeapServices, tx: TransactionState, page: ChangingPage, lock: TupleLock): void {
  const { buffer, map, tid } = page
  const tuple = page.tuple()
  const xid = tx.xid()
  const xmax = xmaxWith(tx, tuple, xid, lock, false)
  setXmax(tuple, xmax)
  if ((xmax.mask & XmaxLockOnly) !== 0) {
    tuple.mask2 &= ~HotUpdated
    tuple.next = tid
  }
  const cleared = isAllVisible(buffer.page) && heap.visibilityMap.clear(map!, buffer.block, visibility.allFrozen)
  heap.buffers.markDirty(buffer)
  const record = heap.wal.begin(resourceManagers.heap, heapInfo.lock, xid)
  record.data.u32(xmax.xid)
  record.data.u16(tidOffset(tid))
  record.data.u8(infobitsOf(tuple.mask, tuple.mask2))
  record.data.u8(cleared ? lockFlag.allFrozenCleared : 0)
  record.block(0, buffer, registerFlag.standard)
  buffer.page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(buffer.page.lsn)
}

/** Locks the newest version of what stood at `tid`; fails as `deleted` if the newest is gone. */
export function* lockLatestVersion(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  lock: TupleLock,
  policy: WaitPolicy,
  followsUpdates: boolean,
): Coroutine<LockResult> {
  let target = tid
  let traversed = false
  for (;;) {
    const result = yield* lockTuple(heap, tx, relation, target, lock, policy, followsUpdates)
    if (result.status === 'ok') return { ...result, traversed }
    if (result.status !== 'updated') return result
    traversed = true
    const next = yield* nextVersion(heap, tx, relation, result.next, result.xmax, policy)
    if (typeof next !== 'number') return next
    target = next
  }
}

/** The version that `xmax` made of the tuple, or a later one, that can be looked at: waits for who has it. */
function* nextVersion(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  first: Tid,
  xmax: number,
  policy: WaitPolicy,
): Coroutine<Tid | LockResult> {
  const inProgress: InProgress = { xmin: 0, xmax: 0 }
  let tid = first
  let previous = xmax
  for (;;) {
    const buffer = yield* heap.pin(tx.me, relation, tidBlock(tid))
    const tuple = tupleAt(buffer, tidOffset(tid))
    const visible = tuple !== undefined && heap.visibility.dirty(tx, tuple, buffer, inProgress)
    heap.buffers.unpin(buffer)
    const deleted = { status: 'deleted', next: tid, xmax: previous, commandId: -1 } as const
    if (!tuple || tuple.xmin !== previous) return deleted
    if (visible) {
      if (inProgress.xmax === 0) {
        const min = tx.isCurrent(previous) ? commandMin(tx, tuple) : -1
        if (min >= tx.commandId(false)) return { status: 'self-modified', next: tid, xmax: previous, commandId: min }
        return tid
      }
      const waiting = inProgress.xmax
      if (policy === 'block') {
        yield* tx.transactions.waitFor(tx.proc, waiting, waitContext('rechecking updated', tid, relation))
      } else if (!tx.transactions.tryWaitFor(tx.proc, waiting)) {
        if (policy === 'skip') return { status: 'would-block' }
        failWithRowLocked(relation)
      }
      continue
    }
    if (tuple.next === tid) return deleted
    previous = (tuple.mask & XmaxIsMulti) !== 0 ? updaterOf(tx.transactions, tuple.xmax) : tuple.xmax
    if (previous === 0) fail('XX000', `tuple ${tid} was updated by nobody`)
    tid = tuple.next
  }
}
