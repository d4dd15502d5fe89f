// Waiting for those who have a tuple: first for one's turn among those who wait for it (the tuple lock), then for the
// transactions in its xmax. Mirrors heap_acquire_tuplock, MultiXactIdWait and the messages of XactLockTableWait.

import type { Coroutine } from '../kernel/task.ts'
import { tupleTag } from '../locks/lock-tag.ts'
import { fail } from '../shared/error.ts'
import { memberStatus } from '../transactions/multixacts.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { type HeapTuple, isXmaxLockedOnly, LockMask, XmaxInvalid, XmaxIsMulti, XmaxLockOnly } from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'
import type { Relation } from './relation.ts'
import type { WaitPolicy } from './results.ts'
import { formatTid, type Tid, tidBlock, tidOffset } from './tid.ts'
import { doTupleLocksConflict, lockOfStatus, type TupleLock } from './tuple-lock-modes.ts'

/** What is being done with the tuple, as CONTEXT says it. */
export type Doing = 'updating' | 'deleting' | 'locking' | 'rechecking updated'

export function waitContext(doing: Doing, tid: Tid, relation: Relation): () => string {
  return () => `while ${doing} tuple ${formatTid(tid)} in relation "${relation.name}"`
}

/** One's turn at a tuple: kept until the tuple is changed or given up. */
export class TupleTurn {
  private readonly tx: TransactionState
  private readonly relation: Relation
  private readonly tid: Tid
  private readonly lock: TupleLock
  private held = false

  constructor(tx: TransactionState, relation: Relation, tid: Tid, lock: TupleLock) {
    this.tx = tx
    this.relation = relation
    this.tid = tid
    this.lock = lock
  }

  /** False if it can't be had at once, and the policy is to skip. */
  *take(policy: WaitPolicy): Coroutine<boolean> {
    if (this.held) return true
    const { locks } = this.tx.transactions.services
    const tag = this.tag()
    if (policy === 'block') yield* locks.acquire(this.tx.proc, tag, this.lock.heavyweight)
    else if (!locks.tryAcquire(this.tx.proc, tag, this.lock.heavyweight)) {
      if (policy === 'skip') return false
      failWithRowLocked(this.relation)
    }
    this.held = true
    return true
  }

  end(): void {
    if (this.held) this.tx.transactions.services.locks.release(this.tx.proc, this.tag(), this.lock.heavyweight)
    this.held = false
  }

  private tag() {
    const { database, id } = this.relation
    return tupleTag(database, id, tidBlock(this.tid), tidOffset(this.tid))
  }
}

export function failWithRowLocked(relation: Relation): never {
  fail('55P03', `could not obtain lock on row in relation "${relation.name}"`)
}

/** Whether members of the multixact, still running or committed, exclude the lock. */
export function conflictsWithMulti(
  tx: TransactionState,
  multi: number,
  lock: TupleLock,
): { readonly conflict: boolean; readonly isMember: boolean } {
  const { transactions } = tx
  let conflict = false
  let isMember = false
  for (const { xid, status } of transactions.multiXacts.members(multi)) {
    if (tx.isCurrent(xid)) {
      isMember = true
      continue
    }
    if (!doTupleLocksConflict(lockOfStatus(status), lock)) continue
    const isUpdate = status >= memberStatus.noKeyUpdate
    conflict ||= transactions.isInProgress(xid) || (isUpdate && transactions.didCommit(xid))
  }
  return { conflict, isMember }
}

/**
 * Waits for those members that exclude the lock. Gives how many of the others still run, oneself included; undefined
 * if it would have to wait and must not.
 */
export function* waitForMulti(
  tx: TransactionState,
  multi: number,
  lock: TupleLock,
  policy: WaitPolicy,
  context: () => string,
): Coroutine<number | undefined> {
  const { transactions } = tx
  let remaining = 0
  for (const { xid, status } of transactions.multiXacts.members(multi)) {
    if (tx.isCurrent(xid)) remaining++
    else if (!doTupleLocksConflict(lockOfStatus(status), lock)) {
      if (transactions.isInProgress(xid)) remaining++
    } else if (policy === 'block') yield* transactions.waitFor(tx.proc, xid, context)
    else if (!transactions.tryWaitFor(tx.proc, xid)) return undefined
  }
  return remaining
}

const interesting = XmaxIsMulti | XmaxLockOnly | LockMask

/** Whether somebody has changed who holds the tuple while one waited. */
export function hasXmaxChanged(tuple: HeapTuple, mask: number, xmax: number): boolean {
  return ((tuple.mask ^ mask) & interesting) !== 0 || tuple.xmax !== xmax
}

/** Whether xmax, though not marked so, only locked the tuple, or its update was rolled back. */
export function isOnlyLocked(tx: TransactionState, tuple: HeapTuple): boolean {
  const { transactions } = tx
  const { mask } = tuple
  if ((mask & XmaxInvalid) !== 0 || isXmaxLockedOnly(mask)) return true
  if ((mask & XmaxIsMulti) === 0) return false
  const updater = updaterOf(transactions, tuple.xmax)
  return !tx.isCurrent(updater) && !transactions.isInProgress(updater) && !transactions.didCommit(updater)
}
