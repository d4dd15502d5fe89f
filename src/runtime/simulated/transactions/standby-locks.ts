// AccessExclusiveLocks are in the WAL: a standby's startup process takes them too, for the transaction that runs on the
// primary, and keeps them until it meets that transaction's end. Only they exclude what a standby's sessions may do.
// Mirrors the RecoveryLockLists of standby.c, and xl_standby_locks.

import type { Coroutine } from '../kernel/task.ts'
import type { LockManager } from '../locks/lock-manager.ts'
import { AccessExclusiveLock } from '../locks/lock-mode.ts'
import { relationTag } from '../locks/lock-tag.ts'
import type { RecoveryConflicts } from '../locks/recovery-conflicts.ts'
import type { Process } from '../machine/process.ts'
import type { Proc } from '../shared/proc.ts'
import type { WalRecord } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import { standbyInfo } from './standby-info.ts'
import { precedes } from './transaction-id.ts'

export interface StandbyLock {
  readonly xid: number
  readonly database: number
  readonly relation: number
}

/**
 * LogAccessExclusiveLocks: count 4 bytes, then transaction, database and relation of each; gives the record's end. `xid`:
 * whose record it is.
 */
export function logStandbyLocks(me: Process, wal: Wal, locks: readonly StandbyLock[], xid = 0): number {
  const record = wal.begin(resourceManagers.standby, standbyInfo.lock, xid)
  record.data.u32(locks.length)
  for (const { xid, database, relation } of locks) {
    record.data.u32(xid)
    record.data.u32(database)
    record.data.u32(relation)
  }
  return wal.insert(me, record, false)
}

export function readStandbyLocks({ data }: WalRecord): StandbyLock[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Array.from({ length: view.getUint32(0, true) }, (_, index) => ({
    xid: view.getUint32(4 + 12 * index, true),
    database: view.getUint32(8 + 12 * index, true),
    relation: view.getUint32(12 + 12 * index, true),
  }))
}

/** GetRunningTransactionLocks: what a standby that begins now must know of. */
export function runningLocks(locks: LockManager): StandbyLock[] {
  return locks.list().flatMap(({ tag, proc, mode, granted }) => {
    const isTold = granted && mode === AccessExclusiveLock && tag.type === 'relation' && proc.xid !== 0
    return isTold ? [{ xid: proc.xid, database: tag.database, relation: tag.relation }] : []
  })
}

export class StandbyLocks {
  /** The startup process's. */
  owner: Proc | undefined
  private readonly locks: LockManager
  private readonly conflicts: RecoveryConflicts
  private readonly byXid = new Map<number, StandbyLock[]>()

  constructor(locks: LockManager, conflicts: RecoveryConflicts) {
    this.locks = locks
    this.conflicts = conflicts
  }

  /** Waits for those who hold the relation, or has them cancelled. */
  *acquire(lock: StandbyLock): Coroutine {
    const held = this.byXid.get(lock.xid) ?? []
    if (held.some(each => each.relation === lock.relation && each.database === lock.database)) return
    this.byXid.set(lock.xid, [...held, lock])
    const tag = relationTag(lock.database, lock.relation)
    const options = { session: true, recovery: this.conflicts }
    if (this.locks.tryAcquire(this.owner!, tag, AccessExclusiveLock, options)) return
    yield* this.locks.acquire(this.owner!, tag, AccessExclusiveLock, options)
  }

  /** The transaction has ended. */
  release(xid: number, subxids: readonly number[]): void {
    if (this.byXid.size === 0) return
    for (const each of [xid, ...subxids]) this.releaseOf(each)
  }

  /** Those before `oldest` that are not prepared have ended without a word. */
  releaseBefore(oldest: number): void {
    for (const xid of [...this.byXid.keys()]) if (precedes(xid, oldest)) this.releaseOf(xid)
  }

  releaseAll(): void {
    for (const xid of [...this.byXid.keys()]) this.releaseOf(xid)
  }

  private releaseOf(xid: number): void {
    for (const { database, relation } of this.byXid.get(xid) ?? []) {
      this.locks.release(this.owner!, relationTag(database, relation), AccessExclusiveLock, { session: true })
    }
    this.byXid.delete(xid)
  }
}
