// What stands in a tuple's xmax when one more transaction locks or changes it: that transaction alone, or a multixact of
// all who still matter. Mirrors compute_new_xmax_infomask and MultiXactIdExpand.

import { type Member, memberStatus } from '../transactions/multixacts.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import type { Transactions } from '../transactions/transactions.ts'
import {
  type HeapTuple,
  isXmaxLockedOnly,
  KeysUpdated,
  LockMask,
  XmaxBits,
  XmaxCommitted,
  XmaxExclusiveLock,
  XmaxInvalid,
  XmaxIsMulti,
  XmaxKeyShareLock,
  XmaxLockOnly,
  XmaxShareLock,
} from './heap-tuple.ts'
import { isMultiRunning, updaterOf } from './multixact-members.ts'
import { lockOfStatus, type TupleLock } from './tuple-lock-modes.ts'

/** The bits belong to the tuple's two masks. */
export interface Xmax {
  readonly xid: number
  readonly mask: number
  readonly mask2: number
}

/** `xid` comes to what the tuple's xmax says now. `isUpdate`: it changes or deletes the tuple. */
export function xmaxWith(
  tx: TransactionState,
  tuple: HeapTuple,
  xid: number,
  lock: TupleLock,
  isUpdate: boolean,
): Xmax {
  const { transactions } = tx
  const { mask, mask2, xmax } = tuple
  if ((mask & XmaxInvalid) !== 0) return alone(xid, lock, isUpdate)
  const status = isUpdate ? lock.updateStatus : lock.lockStatus
  const lockedOnly = isXmaxLockedOnly(mask)
  if ((mask & XmaxIsMulti) !== 0) {
    const matters =
      isMultiRunning(transactions, xmax) || (!lockedOnly && transactions.didCommit(updaterOf(transactions, xmax)))
    return matters ? expanded(tx, xmax, xid, status) : alone(xid, lock, isUpdate)
  }
  if ((mask & XmaxCommitted) === 0) {
    if (transactions.isInProgress(xmax)) {
      const old = statusOf(mask, mask2)
      if (xmax !== xid)
        return together(tx, [
          { xid: xmax, status: old },
          { xid, status },
        ])
      const held = lockOfStatus(old)
      return alone(xid, held.strength > lock.strength ? held : lock, isUpdate)
    }
    if (lockedOnly || !transactions.didCommit(xmax)) return alone(xid, lock, isUpdate)
  }
  const old = (mask2 & KeysUpdated) !== 0 ? memberStatus.update : memberStatus.noKeyUpdate
  return together(tx, [
    { xid: xmax, status: old },
    { xid, status },
  ])
}

function alone(xid: number, lock: TupleLock, isUpdate: boolean): Xmax {
  if (!isUpdate) return { xid, mask: lock.mask, mask2: lock.mask2 }
  return { xid, mask: 0, mask2: lock.mask2 }
}

/** What a single transaction in xmax does with the tuple, as its bits say. */
export function statusOf(mask: number, mask2: number): number {
  const keys = (mask2 & KeysUpdated) !== 0
  if (!isXmaxLockedOnly(mask)) return keys ? memberStatus.update : memberStatus.noKeyUpdate
  const locks = mask & LockMask
  if (locks === XmaxKeyShareLock) return memberStatus.forKeyShare
  if (locks === XmaxShareLock) return memberStatus.forShare
  return keys ? memberStatus.forUpdate : memberStatus.forNoKeyUpdate
}

function together(tx: TransactionState, members: readonly Member[]): Xmax {
  const xid = tx.transactions.multiXacts.create(tx.me, tx.proc, members)
  return { xid, ...multiXmaxBits(tx.transactions, xid) }
}

function expanded(tx: TransactionState, multi: number, xid: number, status: number): Xmax {
  const { transactions } = tx
  const members = transactions.multiXacts.members(multi)
  if (members.some(member => member.xid === xid && member.status === status)) {
    return { xid: multi, ...multiXmaxBits(transactions, multi) }
  }
  const matter = members.filter(
    member =>
      transactions.isInProgress(member.xid) ||
      (member.status >= memberStatus.noKeyUpdate && transactions.didCommit(member.xid)),
  )
  return together(tx, [...matter, { xid, status }])
}

/** GetMultiXactIdHintBits. */
export function multiXmaxBits(transactions: Transactions, multi: number): { mask: number; mask2: number } {
  let mask2 = 0
  let changes = false
  let strength = 0
  for (const { status } of transactions.multiXacts.members(multi)) {
    strength = Math.max(strength, lockOfStatus(status).strength)
    if (status === memberStatus.forUpdate || status === memberStatus.update) mask2 |= KeysUpdated
    if (status >= memberStatus.noKeyUpdate) changes = true
  }
  const locks = strength >= 2 ? XmaxExclusiveLock : strength === 1 ? XmaxShareLock : XmaxKeyShareLock
  return { mask: XmaxIsMulti | locks | (changes ? 0 : XmaxLockOnly), mask2 }
}

/** Puts it into the tuple in place of what was there. */
export function setXmax(tuple: HeapTuple, xmax: Xmax): void {
  tuple.mask = (tuple.mask & ~XmaxBits) | xmax.mask
  tuple.mask2 = (tuple.mask2 & ~KeysUpdated) | xmax.mask2
  tuple.xmax = xmax.xid
}
