// Whether a snapshot sees a tuple, and what stands against changing it. Mirrors heapam_visibility.c: what was learnt of
// xmin and xmax from the commit log is written into the tuple as hint bits, so that nobody must ask again.

import type { Buffer } from '../storage/buffer.ts'
import type { BufferPool } from '../storage/buffer-pool.ts'
import type { CommitLog } from '../storage/commit-log.ts'
import type { RunningTransaction } from '../transactions/running-transaction.ts'
import { isRunningIn, type Snapshot } from '../transactions/snapshot.ts'
import { precedes } from '../transactions/transaction-id.ts'
import type { Transactions } from '../transactions/transactions.ts'
import type { Wal } from '../wal/wal.ts'
import {
  ComboCommandId,
  type HeapTuple,
  isXmaxLockedOnly,
  XmaxCommitted,
  XmaxInvalid,
  XmaxIsMulti,
  XminCommitted,
  XminFrozen,
  XminInvalid,
} from './heap-tuple.ts'
import { isMultiRunning, updaterOf } from './multixact-members.ts'

export type UpdateStatus = 'ok' | 'invisible' | 'self-modified' | 'updated' | 'deleted' | 'being-modified'

export type VacuumStatus = 'dead' | 'recently dead' | 'live' | 'insert in progress' | 'delete in progress'

/** Of a dirty look: transactions that have not ended and concern the tuple; 0 if there are none. */
export interface InProgress {
  xmin: number
  xmax: number
}

export class Visibility {
  /** Who deleted a tuple that `forVacuum` found recently dead. */
  deadAfter = 0
  private readonly transactions: Transactions
  private readonly buffers: BufferPool
  private readonly commitLog: CommitLog
  private readonly wal: Wal

  constructor(transactions: Transactions, buffers: BufferPool) {
    this.transactions = transactions
    this.buffers = buffers
    this.commitLog = transactions.services.commitLog
    this.wal = transactions.services.wal
  }

  /** HeapTupleSatisfiesMVCC. */
  inSnapshot(tx: RunningTransaction, tuple: HeapTuple, snapshot: Snapshot, buffer: Buffer): boolean {
    const { mask } = tuple
    if ((mask & XminCommitted) === 0) {
      if ((mask & XminInvalid) !== 0) return false
      const { xmin } = tuple
      if (tx.isCurrent(xmin)) return this.ownInSnapshot(tx, tuple, snapshot, buffer)
      if (isRunningIn(xmin, snapshot)) return false
      if (!this.transactions.didCommit(xmin)) {
        this.setHint(tx, tuple, buffer, XminInvalid, 0)
        return false
      }
      this.setHint(tx, tuple, buffer, XminCommitted, xmin)
    } else if ((mask & XminFrozen) !== XminFrozen && isRunningIn(tuple.xmin, snapshot)) return false
    if ((mask & XmaxInvalid) !== 0 || isXmaxLockedOnly(mask)) return true
    if ((mask & XmaxIsMulti) !== 0) {
      const updater = updaterOf(this.transactions, tuple.xmax)
      if (tx.isCurrent(updater)) return commandMax(tx, tuple) >= snapshot.commandId
      return isRunningIn(updater, snapshot) || !this.transactions.didCommit(updater)
    }
    const { xmax } = tuple
    if ((mask & XmaxCommitted) !== 0) return isRunningIn(xmax, snapshot)
    if (tx.isCurrent(xmax)) return commandMax(tx, tuple) >= snapshot.commandId
    if (isRunningIn(xmax, snapshot)) return true
    const committed = this.transactions.didCommit(xmax)
    this.setHint(tx, tuple, buffer, committed ? XmaxCommitted : XmaxInvalid, committed ? xmax : 0)
    return !committed
  }

  /** One that this transaction inserted. */
  private ownInSnapshot(tx: RunningTransaction, tuple: HeapTuple, snapshot: Snapshot, buffer: Buffer): boolean {
    const { mask } = tuple
    if (commandMin(tx, tuple) >= snapshot.commandId) return false
    if ((mask & XmaxInvalid) !== 0 || isXmaxLockedOnly(mask)) return true
    if ((mask & XmaxIsMulti) !== 0) {
      return !tx.isCurrent(updaterOf(this.transactions, tuple.xmax)) || commandMax(tx, tuple) >= snapshot.commandId
    }
    if (!tx.isCurrent(tuple.xmax)) {
      // The subtransaction that deleted it was rolled back.
      this.setHint(tx, tuple, buffer, XmaxInvalid, 0)
      return true
    }
    return commandMax(tx, tuple) >= snapshot.commandId
  }

  /** HeapTupleSatisfiesUpdate: whether a command of this transaction may change it now. */
  forUpdate(tx: RunningTransaction, tuple: HeapTuple, commandId: number, buffer: Buffer): UpdateStatus {
    const { mask } = tuple
    if ((mask & XminCommitted) === 0) {
      if ((mask & XminInvalid) !== 0) return 'invisible'
      const { xmin } = tuple
      if (tx.isCurrent(xmin)) return this.ownForUpdate(tx, tuple, commandId, buffer)
      if (this.transactions.isInProgress(xmin)) return 'invisible'
      if (!this.transactions.didCommit(xmin)) {
        this.setHint(tx, tuple, buffer, XminInvalid, 0)
        return 'invisible'
      }
      this.setHint(tx, tuple, buffer, XminCommitted, xmin)
    }
    if ((mask & XmaxInvalid) !== 0) return 'ok'
    const lockedOnly = isXmaxLockedOnly(mask)
    if ((mask & XmaxCommitted) !== 0) return lockedOnly ? 'ok' : changedHow(tuple)
    if ((mask & XmaxIsMulti) !== 0) return this.multiForUpdate(tx, tuple, commandId, buffer)
    const { xmax } = tuple
    if (tx.isCurrent(xmax)) {
      if (lockedOnly) return 'being-modified'
      return commandMax(tx, tuple) >= commandId ? 'self-modified' : 'invisible'
    }
    if (this.transactions.isInProgress(xmax)) return 'being-modified'
    if (lockedOnly || !this.transactions.didCommit(xmax)) {
      this.setHint(tx, tuple, buffer, XmaxInvalid, 0)
      return 'ok'
    }
    this.setHint(tx, tuple, buffer, XmaxCommitted, xmax)
    return changedHow(tuple)
  }

  private ownForUpdate(tx: RunningTransaction, tuple: HeapTuple, commandId: number, buffer: Buffer): UpdateStatus {
    const { mask, xmax } = tuple
    if (commandMin(tx, tuple) >= commandId) return 'invisible'
    if ((mask & XmaxInvalid) !== 0) return 'ok'
    const isMulti = (mask & XmaxIsMulti) !== 0
    if (isXmaxLockedOnly(mask)) {
      const running = isMulti ? isMultiRunning(this.transactions, xmax) : this.transactions.isInProgress(xmax)
      return running ? 'being-modified' : 'ok'
    }
    if (!tx.isCurrent(isMulti ? updaterOf(this.transactions, xmax) : xmax)) {
      if (isMulti) return isMultiRunning(this.transactions, xmax) ? 'being-modified' : 'ok'
      this.setHint(tx, tuple, buffer, XmaxInvalid, 0)
      return 'ok'
    }
    return commandMax(tx, tuple) >= commandId ? 'self-modified' : 'invisible'
  }

  private multiForUpdate(tx: RunningTransaction, tuple: HeapTuple, commandId: number, buffer: Buffer): UpdateStatus {
    const { xmax } = tuple
    const updater = isXmaxLockedOnly(tuple.mask) ? 0 : updaterOf(this.transactions, xmax)
    if (updater !== 0 && tx.isCurrent(updater)) {
      return commandMax(tx, tuple) >= commandId ? 'self-modified' : 'invisible'
    }
    if (isMultiRunning(this.transactions, xmax)) return 'being-modified'
    if (updater !== 0 && this.transactions.didCommit(updater)) return changedHow(tuple)
    this.setHint(tx, tuple, buffer, XmaxInvalid, 0)
    return 'ok'
  }

  /**
   * HeapTupleSatisfiesDirty: whether it is there if all who have not ended are taken to have committed; `inProgress`
   * gets those that the answer hangs on.
   */
  dirty(tx: RunningTransaction, tuple: HeapTuple, buffer: Buffer, inProgress: InProgress): boolean {
    const { mask } = tuple
    inProgress.xmin = 0
    inProgress.xmax = 0
    if ((mask & XminCommitted) === 0) {
      if ((mask & XminInvalid) !== 0) return false
      const { xmin } = tuple
      if (tx.isCurrent(xmin)) return this.ownDirty(tx, tuple, buffer)
      if (this.transactions.isInProgress(xmin)) {
        inProgress.xmin = xmin
        return true
      }
      if (!this.transactions.didCommit(xmin)) {
        this.setHint(tx, tuple, buffer, XminInvalid, 0)
        return false
      }
      this.setHint(tx, tuple, buffer, XminCommitted, xmin)
    }
    if ((mask & XmaxInvalid) !== 0) return true
    const lockedOnly = isXmaxLockedOnly(mask)
    if ((mask & XmaxCommitted) !== 0) return lockedOnly
    if ((mask & XmaxIsMulti) !== 0) {
      if (lockedOnly) return true
      const updater = updaterOf(this.transactions, tuple.xmax)
      if (tx.isCurrent(updater)) return false
      if (!this.transactions.isInProgress(updater)) return !this.transactions.didCommit(updater)
      inProgress.xmax = updater
      return true
    }
    const { xmax } = tuple
    if (tx.isCurrent(xmax)) return lockedOnly
    if (this.transactions.isInProgress(xmax)) {
      if (!lockedOnly) inProgress.xmax = xmax
      return true
    }
    const committed = !lockedOnly && this.transactions.didCommit(xmax)
    this.setHint(tx, tuple, buffer, committed ? XmaxCommitted : XmaxInvalid, committed ? xmax : 0)
    return !committed
  }

  private ownDirty(tx: RunningTransaction, tuple: HeapTuple, buffer: Buffer): boolean {
    const { mask } = tuple
    if ((mask & XmaxInvalid) !== 0 || isXmaxLockedOnly(mask)) return true
    if ((mask & XmaxIsMulti) !== 0) return !tx.isCurrent(updaterOf(this.transactions, tuple.xmax))
    if (tx.isCurrent(tuple.xmax)) return false
    this.setHint(tx, tuple, buffer, XmaxInvalid, 0)
    return true
  }

  /** HeapTupleSatisfiesVacuumHorizon: `recently dead` leaves in `deadAfter` who must be seen as ended by everybody. */
  forVacuum(tx: RunningTransaction, tuple: HeapTuple, buffer: Buffer): VacuumStatus {
    const { mask, xmax } = tuple
    const isMulti = (mask & XmaxIsMulti) !== 0
    const lockedOnly = isXmaxLockedOnly(mask)
    if ((mask & XminCommitted) === 0) {
      if ((mask & XminInvalid) !== 0) return 'dead'
      const { xmin } = tuple
      if (this.transactions.isInProgress(xmin)) {
        if (!tx.isCurrent(xmin) || (mask & XmaxInvalid) !== 0 || lockedOnly) return 'insert in progress'
        const deleter = isMulti ? updaterOf(this.transactions, xmax) : xmax
        return tx.isCurrent(deleter) ? 'delete in progress' : 'insert in progress'
      }
      if (!this.transactions.didCommit(xmin)) {
        this.setHint(tx, tuple, buffer, XminInvalid, 0)
        return 'dead'
      }
      this.setHint(tx, tuple, buffer, XminCommitted, xmin)
    }
    if ((mask & XmaxInvalid) !== 0) return 'live'
    if (lockedOnly) {
      const running = isMulti ? isMultiRunning(this.transactions, xmax) : this.transactions.isInProgress(xmax)
      if ((mask & XmaxCommitted) === 0 && !running) this.setHint(tx, tuple, buffer, XmaxInvalid, 0)
      return 'live'
    }
    const deleter = isMulti ? updaterOf(this.transactions, xmax) : xmax
    if (isMulti || (mask & XmaxCommitted) === 0) {
      if (this.transactions.isInProgress(deleter)) return 'delete in progress'
      if (!this.transactions.didCommit(deleter)) {
        if (!isMulti || !isMultiRunning(this.transactions, xmax)) this.setHint(tx, tuple, buffer, XmaxInvalid, 0)
        return 'live'
      }
      if (!isMulti) this.setHint(tx, tuple, buffer, XmaxCommitted, deleter)
    }
    this.deadAfter = deleter
    return 'recently dead'
  }

  /** UpdateXmaxHintBits: notes what became of xmax, which was waited for. */
  noteXmaxEnded(tx: RunningTransaction, tuple: HeapTuple, buffer: Buffer): void {
    const { mask, xmax } = tuple
    if ((mask & (XmaxCommitted | XmaxInvalid)) !== 0) return
    const committed = !isXmaxLockedOnly(mask) && this.transactions.didCommit(xmax)
    this.setHint(tx, tuple, buffer, committed ? XmaxCommitted : XmaxInvalid, committed ? xmax : 0)
  }

  /** HeapTupleIsSurelyDead, by hint bits alone: nobody will ever see it. `oldest`: the oldest that is not removable. */
  isSurelyDead(tuple: HeapTuple, oldest: number): boolean {
    const { mask } = tuple
    if ((mask & XminCommitted) === 0) return (mask & XminInvalid) !== 0
    if ((mask & (XmaxCommitted | XmaxIsMulti | XmaxInvalid)) !== XmaxCommitted || isXmaxLockedOnly(mask)) return false
    return precedes(tuple.xmax, oldest)
  }

  /**
   * SetHintBits. `xid` is who is said to have committed: while its commit record may still be lost in a crash, and the
   * page could reach the disk before it, the hint must not be set.
   */
  private setHint(tx: RunningTransaction, tuple: HeapTuple, buffer: Buffer, bits: number, xid: number): void {
    if (xid !== 0) {
      const lsn = this.commitLog.commitLsn(xid)
      if (lsn !== 0 && this.wal.needsFlush(lsn) && buffer.page.lsn < lsn) return
    }
    tuple.mask |= bits
    this.buffers.markDirtyHint(tx.me, buffer)
  }
}

function changedHow(tuple: HeapTuple): 'updated' | 'deleted' {
  return tuple.next === tuple.tid ? 'deleted' : 'updated'
}

/** The command of this transaction that inserted it. */
export function commandMin(tx: RunningTransaction, tuple: HeapTuple): number {
  return (tuple.mask & ComboCommandId) === 0 ? tuple.commandId : tx.combo(tuple.commandId).min
}

/** The command of this transaction that deleted it. */
export function commandMax(tx: RunningTransaction, tuple: HeapTuple): number {
  return (tuple.mask & ComboCommandId) === 0 ? tuple.commandId : tx.combo(tuple.commandId).max
}
