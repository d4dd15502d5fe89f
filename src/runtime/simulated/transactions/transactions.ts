// What all backends share of transactions, a part of shared memory: which xid is next, who runs, what a snapshot is,
// how far back somebody still looks. Mirrors varsup.c, and the snapshots and horizons of procarray.c. What a backend
// does with its transaction is in running-transaction.ts.

import type { Coroutine } from '../kernel/task.ts'
import type { LockManager } from '../locks/lock-manager.ts'
import { ExclusiveLock, ShareLock } from '../locks/lock-mode.ts'
import { transactionTag } from '../locks/lock-tag.ts'
import { RecoveryConflicts } from '../locks/recovery-conflicts.ts'
import type { Process } from '../machine/process.ts'
import type { ReplicationOrigins } from '../replication/replication-origins.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { Proc } from '../shared/proc.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import type { CumulativeStatistics } from '../statistics/cumulative-statistics.ts'
import { type CommitLog, transactionStatus } from '../storage/commit-log.ts'
import type { RelationStorage } from '../storage/relation-storage.ts'
import type { Wal } from '../wal/wal.ts'
import { Invalidations } from './invalidation.ts'
import { KnownAssigned } from './known-assigned.ts'
import { MultiXacts } from './multixacts.ts'
import { PreparedTransactions } from './prepared-transactions.ts'
import { SerializableTransactions } from './serializable/serializable-transactions.ts'
import type { Snapshot } from './snapshot.ts'
import { StandbyLocks } from './standby-locks.ts'
import { Subtransactions } from './subtransactions.ts'
import { earlier, FirstNormalXid, isNormal, later, nextXid, precedes, previousXid } from './transaction-id.ts'
import { XidLimits } from './xid-limits.ts'

export interface TransactionServices {
  readonly wal: Wal
  readonly commitLog: CommitLog
  readonly locks: LockManager
  readonly procArray: ProcArray
  readonly storage: RelationStorage
  readonly statistics: CumulativeStatistics
  readonly origins: ReplicationOrigins
  /** SyncRepWaitForLSN: returns when the commit at `lsn` is where synchronous_commit wants it. */
  readonly waitForSynchronousStandbys: (me: Process, proc: Proc, lsn: number) => Coroutine
}

const nobody: readonly number[] = []

export class Transactions {
  readonly environment: ServerEnvironment
  readonly services: TransactionServices
  readonly subtransactions = new Subtransactions()
  readonly multiXacts: MultiXacts
  readonly invalidations = new Invalidations()
  readonly knownAssigned = new KnownAssigned()
  readonly serializable: SerializableTransactions
  /** Of a standby: queries that are in replay's way, and what replay has locked. */
  readonly conflicts: RecoveryConflicts
  readonly standbyLocks: StandbyLocks
  /** The next to be given out. */
  nextXid = FirstNormalXid
  latestCompleted = FirstNormalXid - 1
  readonly limits: XidLimits
  /** What replication slots hold back; 0: nothing. */
  slotXmin = 0
  /** The same of catalogs, which logical decoding looks at as they were. */
  slotCatalogXmin = 0
  /** While WAL is replayed, transactions run elsewhere. */
  inRecovery = false
  /** Top-level and subtransactions that run here. */
  private readonly running = new Set<number>()
  readonly prepared: PreparedTransactions

  constructor(environment: ServerEnvironment, services: TransactionServices) {
    this.environment = environment
    this.services = services
    this.limits = new XidLimits(environment)
    this.prepared = new PreparedTransactions(environment)
    this.multiXacts = new MultiXacts(environment, services.wal)
    this.serializable = new SerializableTransactions(environment, () => this.nextXid)
    this.conflicts = new RecoveryConflicts(environment, services.procArray)
    this.standbyLocks = new StandbyLocks(services.locks, this.conflicts)
  }

  /** With what the checkpoint says, before redo. */
  start(next: number, inRecovery: boolean): void {
    this.nextXid = next
    this.latestCompleted = previousXid(next)
    this.inRecovery = inRecovery
    this.knownAssigned.start(next)
  }

  /** Redo is done: what still looks as if it ran has crashed with the primary. */
  endRecovery(): void {
    this.inRecovery = false
    this.knownAssigned.clear()
    this.standbyLocks.releaseAll()
    this.conflicts.isHotStandby = false
    this.latestCompleted = previousXid(this.nextXid)
  }

  // Ids

  /** GetNewTransactionId. `top`: the transaction that it is part of; 0 if it is a top-level one itself. */
  assign(me: Process, proc: Proc, parent: number): number {
    const xid = this.nextXid
    this.limits.check(me, proc, xid)
    this.services.commitLog.extend(me, xid)
    this.nextXid = nextXid(xid)
    this.running.add(xid)
    if (parent === 0) proc.xid = xid
    else {
      proc.subxids.push(xid)
      this.subtransactions.setParent(xid, parent)
    }
    return xid
  }

  /** A replayed record was written by this transaction. */
  advancePast(xid: number): void {
    if (!isNormal(xid) || precedes(xid, this.nextXid)) return
    this.nextXid = nextXid(xid)
  }

  /** Every replayed record's xid passes here: on a standby it is known to run from now on. */
  observe(xid: number): void {
    if (!isNormal(xid)) return
    this.advancePast(xid)
    this.knownAssigned.observe(xid)
  }

  // Who runs

  isInProgress(xid: number): boolean {
    return this.running.has(xid) || (this.inRecovery && this.knownAssigned.has(xid))
  }

  /** By the commit log; ask `isInProgress` first. */
  didCommit(xid: number): boolean {
    if (!isNormal(xid)) return xid !== 0
    return this.services.commitLog.status(xid) === transactionStatus.committed
  }

  /** pg_xact_status. */
  statusOf(xid: number): 'in progress' | 'committed' | 'aborted' {
    if (this.isInProgress(xid)) return 'in progress'
    return this.didCommit(xid) ? 'committed' : 'aborted'
  }

  /** TransactionIdCommitTree and AbortTree: the whole tree in one step. `asyncLsn`: as in CommitLog. */
  mark(xid: number, subxids: readonly number[], committed: boolean, asyncLsn = 0): void {
    const { commitLog } = this.services
    const status = committed ? transactionStatus.committed : transactionStatus.aborted
    commitLog.setStatus(xid, status, asyncLsn)
    for (const subxid of subxids) commitLog.setStatus(subxid, status, asyncLsn)
  }

  /** ProcArrayEndTransaction: from now on everybody sees that it has ended. */
  ended(proc: Proc): void {
    if (proc.xid !== 0) {
      this.completed(proc.xid)
      for (const xid of proc.subxids) this.completed(xid)
      proc.xid = 0
      if (proc.subxids.length > 0) proc.subxids = []
    }
    proc.xmin = 0
    proc.localTransactionId = 0
    proc.inVacuum = false
    proc.preventsWraparound = false
  }

  /** A prepared transaction runs as this proc. */
  resume(proc: Proc, xid: number, subxids: readonly number[]): void {
    proc.xid = xid
    proc.subxids = [...subxids]
    for (const each of [xid, ...subxids]) this.running.add(each)
    for (const subxid of subxids) this.subtransactions.setParent(subxid, xid)
  }

  /** ProcArrayClearTransaction: the session is out of it, and it runs on. */
  handOver(proc: Proc): void {
    proc.xid = 0
    proc.subxids = []
    proc.xmin = 0
    proc.localTransactionId = 0
  }

  /** Subtransactions that were rolled back. */
  subtransactionsEnded(proc: Proc, xids: readonly number[]): void {
    for (const xid of xids) this.completed(xid)
    proc.subxids = proc.subxids.filter(xid => !xids.includes(xid))
  }

  /** One that ran elsewhere, by its record. */
  endedElsewhere(xid: number, subxids: readonly number[]): void {
    this.knownAssigned.ended(xid, subxids)
    this.latestCompleted = subxids.reduce(later, later(this.latestCompleted, xid))
  }

  private completed(xid: number): void {
    this.running.delete(xid)
    this.latestCompleted = later(this.latestCompleted, xid)
  }

  /** XactLockTableInsert's other side: returns when the transaction, whole, has ended. */
  *waitFor(proc: Proc, xid: number, context?: () => string): Coroutine {
    const { locks } = this.services
    let waitedFor = xid
    for (;;) {
      const tag = transactionTag(waitedFor)
      yield* locks.acquire(proc, tag, ShareLock, context && { context })
      locks.release(proc, tag, ShareLock)
      if (!this.isInProgress(waitedFor)) return
      waitedFor = this.subtransactions.parentOf(waitedFor) || waitedFor
    }
  }

  /** The same without waiting: false if it still runs. */
  tryWaitFor(proc: Proc, xid: number): boolean {
    const { locks } = this.services
    let waitedFor = xid
    for (;;) {
      const tag = transactionTag(waitedFor)
      if (!locks.tryAcquire(proc, tag, ShareLock)) return false
      locks.release(proc, tag, ShareLock)
      if (!this.isInProgress(waitedFor)) return true
      waitedFor = this.subtransactions.parentOf(waitedFor) || waitedFor
    }
  }

  /** XactLockTableInsert. `before`: it belongs to the subtransaction whose locks end there. */
  lockXid(proc: Proc, xid: number, before: number | undefined): void {
    if (!this.services.locks.tryAcquire(proc, transactionTag(xid), ExclusiveLock, { before })) {
      throw new Error(`transaction ${xid} was locked before it began`)
    }
  }

  // Snapshots and horizons

  /** GetSnapshotData. Until it is given back, what it sees is kept. */
  takeSnapshot(proc: Proc, commandId: number): Snapshot {
    const xmax = nextXid(this.latestCompleted)
    if (this.inRecovery) return this.takeSnapshotInRecovery(proc, xmax, commandId)
    let xmin = proc.xid !== 0 ? earlier(proc.xid, xmax) : xmax
    let running: number[] | undefined
    for (const other of this.services.procArray.procs) {
      const xid = other.xid
      if (xid === 0 || other === proc || !precedes(xid, xmax)) continue
      xmin = earlier(xid, xmin)
      running ??= []
      running.push(xid)
      for (const subxid of other.subxids) running.push(subxid)
    }
    if (running && running.length > 1) running.sort((a, b) => a - b)
    if (proc.xmin === 0) proc.xmin = xmin
    return { xmin, xmax, running: running ?? nobody, commandId, takenInRecovery: false }
  }

  private takeSnapshotInRecovery(proc: Proc, xmax: number, commandId: number): Snapshot {
    const running = this.knownAssigned.runningBefore(xmax)
    const xmin = running.reduce(earlier, xmax)
    if (proc.xmin === 0) proc.xmin = xmin
    return { xmin, xmax, running, commandId, takenInRecovery: true }
  }

  /**
   * The oldest transaction that somebody may still see as running: rows that were deleted before it can go.
   * `database`: whose rows; 0 for shared catalogs.
   */
  oldestNonRemovable(database: number, isCatalog = false): number {
    let oldest = nextXid(this.latestCompleted)
    for (const proc of this.services.procArray.procs) {
      if (proc.xid !== 0) oldest = earlier(proc.xid, oldest)
      if (proc.xmin === 0 || proc.inVacuum) continue
      if (database !== 0 && proc.databaseId !== database && proc.databaseId !== 0) continue
      oldest = earlier(proc.xmin, oldest)
    }
    if (this.inRecovery) {
      const known = this.knownAssigned.oldest()
      if (known !== 0) oldest = earlier(known, oldest)
    }
    if (this.slotXmin !== 0) oldest = earlier(this.slotXmin, oldest)
    return isCatalog && this.slotCatalogXmin !== 0 ? earlier(this.slotCatalogXmin, oldest) : oldest
  }

  /** GetOldestSafeDecodingTransactionId: from here on nobody has removed rows of catalogs yet. */
  oldestSafeForDecoding(): number {
    let oldest = this.inRecovery ? this.nextXid : this.oldestRunning()
    if (this.slotXmin !== 0) oldest = earlier(this.slotXmin, oldest)
    return this.slotCatalogXmin === 0 ? oldest : earlier(this.slotCatalogXmin, oldest)
  }

  /** The oldest that runs, for checkpoints and running-xacts records. */
  oldestRunning(): number {
    let oldest = this.nextXid
    for (const proc of this.services.procArray.procs) if (proc.xid !== 0) oldest = earlier(proc.xid, oldest)
    return oldest
  }
}
