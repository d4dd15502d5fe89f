// What a backend's transaction has and does: ids, commands, snapshots, and its end in PostgreSQL's order. Mirrors the
// lower half of xact.c (StartTransaction to CleanupSubTransaction) and snapmgr.c. Which statement leads to what is in
// transaction-state.ts.

import type { Coroutine } from '../kernel/task.ts'
import { ExclusiveLock } from '../locks/lock-mode.ts'
import { type LockTag, transactionTag } from '../locks/lock-tag.ts'
import type { Process } from '../machine/process.ts'
import { fail } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { PendingStatistics } from '../statistics/pending-statistics.ts'
import type { TableChanges } from '../statistics/table-changes.ts'
import type { PendingSyncs } from '../storage/pending-syncs.ts'
import { isSameLocator, type RelationLocator } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { type EndOfTransaction, type OriginPosition, writeEndOfTransaction, xactInfo } from './commit-record.ts'
import { type InvalidationMessage, logInvalidations } from './invalidation.ts'
import { Level } from './level.ts'
import { prepare } from './prepare.ts'
import type { SerializableTransaction } from './serializable/serializable-transaction.ts'
import type { Snapshot } from './snapshot.ts'
import { logStandbyLocks } from './standby-locks.ts'
import { precedes } from './transaction-id.ts'
import type { Transactions } from './transactions.ts'

export type IsolationLevel = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'

/** Who wants to know of transactions: settings, cursors, the catalog's caches. Called in the order of registration. */
export interface TransactionListener {
  /** Before the commit record: may still fail. */
  preCommit?(): Coroutine
  /** Before PREPARE TRANSACTION: fails for what can't wait for another session. */
  prePrepare?(): void
  /** Locks are released. */
  ended?(committed: boolean): void
  /** `depth` of the subtransaction: the first is 2. */
  subtransactionStarted?(depth: number): void
  subtransactionEnded?(committed: boolean, depth: number): void
  /** Catalog changes of this transaction's last command, or of what was rolled back. */
  invalidated?(messages: readonly InvalidationMessage[]): void
}

export interface Commit {
  readonly xid: number
  /** The end of its commit record. */
  readonly lsn: number
  readonly asynchronous: boolean
}

export class RunningTransaction {
  readonly transactions: Transactions
  readonly me: Process
  readonly proc: Proc
  readonly listeners: TransactionListener[] = []
  /** What this process has counted and not yet reported. */
  readonly statistics: PendingStatistics
  isolation: IsolationLevel = 'read committed'
  readOnly = false
  deferrable = false
  /** When it began, in nanoseconds. */
  startedAt = 0
  /** What others know of it while it is serializable and watched. */
  serializable: SerializableTransaction | undefined
  /** What it repeats, if it is one of another server's. */
  origin: OriginPosition | undefined
  /** The last transaction of this backend that committed with an xid. */
  lastCommit: Commit | undefined
  protected level = new Level(undefined, 'default', false)
  private currentCommand = 0
  private commandUsed = false
  /** Commands that both inserted and deleted a tuple in this transaction, by combo id. */
  private readonly combos: { readonly min: number; readonly max: number }[] = []
  /** End of the last record that this transaction wrote; 0 if it wrote none. */
  private lastRecordEnd = 0
  /** wal_level minimal: what is not in the WAL, and must be safe before the commit is. */
  readonly pendingSyncs: PendingSyncs
  private synchronousCommitForced = false
  private forcesFlush = false
  private accessExclusiveLocks = false
  private firstSnapshot: Snapshot | undefined
  private snapshotTaken = false
  private active: { readonly snapshot: Snapshot; readonly depth: number }[] = []
  private readonly registered: Snapshot[] = []
  private announced = 0

  constructor(transactions: Transactions, me: Process, proc: Proc) {
    this.transactions = transactions
    this.statistics = new PendingStatistics(transactions.services.statistics, proc)
    this.pendingSyncs = transactions.services.storage.newPendingSyncs()
    this.me = me
    this.proc = proc
  }

  // Ids and commands

  /** The current (sub)transaction's xid, given now if it has none. */
  xid(): number {
    return this.level.xid !== 0 ? this.level.xid : this.assignXid(this.level)
  }

  /** The same; 0 if it has none. */
  xidIfAny(): number {
    return this.level.xid
  }

  /** The top transaction's; 0 if it has none. */
  topXidIfAny(): number {
    return this.proc.xid
  }

  get depth(): number {
    return this.level.depth
  }

  /** Whether it is this transaction, or a subtransaction of it that was not rolled back. */
  isCurrent(xid: number): boolean {
    for (let level: Level | undefined = this.level; level; level = level.parent) {
      if (level.xid === xid) return xid !== 0
      if (level.children.length > 0 && level.children.includes(xid)) return true
    }
    return false
  }

  private assignXid(level: Level): number {
    if (this.transactions.inRecovery) fail('55000', 'cannot assign TransactionIds during recovery')
    const { parent } = level
    if (parent && parent.xid === 0) this.assignXid(parent)
    level.xid = this.transactions.assign(this.me, this.proc, parent?.xid ?? 0)
    if (!parent && this.serializable) this.transactions.serializable.register(this.serializable, level.xid)
    const inner = this.levelBelow(level)
    this.transactions.lockXid(this.proc, level.xid, inner?.lockMark)
    for (let each: Level | undefined = this.level; each && each !== level; each = each.parent) each.lockMark++
    return level.xid
  }

  private levelBelow(level: Level): Level | undefined {
    let below: Level | undefined
    for (let each: Level | undefined = this.level; each && each !== level; each = each.parent) below = each
    return below
  }

  /** The command's id; `used` says that it will be stored. */
  commandId(used: boolean): number {
    if (used) this.commandUsed = true
    return this.currentCommand
  }

  /** What was changed so far becomes visible to what follows. */
  commandCounterIncrement(): void {
    if (this.commandUsed) {
      this.currentCommand++
      this.commandUsed = false
    }
    const { invalidations } = this.level
    if (invalidations.length > this.announced) {
      const fresh = invalidations.slice(this.announced)
      this.announced = invalidations.length
      for (const listener of this.listeners) listener.invalidated?.(fresh)
    }
  }

  /** A number that stands for both commands, in a tuple that this transaction inserted and deleted. */
  comboCommandId(min: number, max: number): number {
    const known = this.combos.findIndex(combo => combo.min === min && combo.max === max)
    return known >= 0 ? known : this.combos.push({ min, max }) - 1
  }

  combo(id: number): { readonly min: number; readonly max: number } {
    return this.combos[id]
  }

  /** It wrote a record that ends at `lsn`: the commit must not be answered before that is flushed. 0: it wrote none. */
  wrote(lsn: number): void {
    if (lsn > 0) this.lastRecordEnd = lsn
  }

  // Snapshots

  protected get keepsSnapshot(): boolean {
    return this.isolation === 'repeatable read' || this.isolation === 'serializable'
  }

  /** GetTransactionSnapshot: a new one for each call, or the transaction's one from repeatable read on. */
  snapshot(): Snapshot {
    if (!this.keepsSnapshot) {
      this.snapshotTaken = true
      return this.latestSnapshot()
    }
    const first = this.firstSnapshot ?? this.keepSnapshot(this.takeFirstSnapshot())
    return { ...first, commandId: this.currentCommand }
  }

  private keepSnapshot(snapshot: Snapshot): Snapshot {
    this.firstSnapshot = snapshot
    this.snapshotTaken = true
    this.registered.push(snapshot)
    return snapshot
  }

  private takeFirstSnapshot(): Snapshot {
    if (this.isolation !== 'serializable') return this.latestSnapshot()
    const { inRecovery, serializable } = this.transactions
    if (inRecovery) {
      fail('0A000', 'cannot use serializable mode in a hot standby', {
        detail: '"default_transaction_isolation" is set to "serializable".',
        hint: `You can use "SET default_transaction_isolation = 'repeatable read'" to change the default.`,
      })
    }
    const snapshot = this.latestSnapshot()
    this.serializable = serializable.begin(this.proc, snapshot, this.readOnly)
    return snapshot
  }

  /** Whether it must wait for its snapshot, which will be safe then: SERIALIZABLE READ ONLY DEFERRABLE. */
  get awaitsSafeSnapshot(): boolean {
    return this.isolation === 'serializable' && this.readOnly && this.deferrable && !this.firstSnapshot
  }

  /** Takes snapshots until one of them turns out to be safe. */
  *takeSafeSnapshot(): Coroutine {
    const { serializable } = this.transactions
    for (;;) {
      const snapshot = this.takeFirstSnapshot()
      const mine = this.serializable
      if (mine) {
        yield* serializable.waitUntilDecided(this.me, mine)
        serializable.release(mine, 'safe')
        this.serializable = undefined
        if (mine.isUnsafe) continue
      }
      this.keepSnapshot(snapshot)
      return
    }
  }

  latestSnapshot(): Snapshot {
    return this.transactions.takeSnapshot(this.proc, this.currentCommand)
  }

  /** Whether SET TRANSACTION ISOLATION LEVEL comes too late. */
  protected get hasSnapshot(): boolean {
    return this.snapshotTaken
  }

  /** While it is pushed it holds back the vacuum horizon. */
  pushActiveSnapshot(snapshot: Snapshot): void {
    this.active.push({ snapshot, depth: this.level.depth })
  }

  popActiveSnapshot(): void {
    this.active.pop()
    this.giveSnapshotsBack()
  }

  /** RegisterSnapshot: it holds back the vacuum horizon until it is given back, or the transaction ends. */
  registerSnapshot(snapshot: Snapshot): void {
    this.registered.push(snapshot)
  }

  unregisterSnapshot(snapshot: Snapshot): void {
    const place = this.registered.indexOf(snapshot)
    if (place < 0) return
    this.registered.splice(place, 1)
    this.giveSnapshotsBack()
  }

  /** SnapshotResetXmin: the horizon may move on to the oldest snapshot that is left. */
  private giveSnapshotsBack(): void {
    if (this.active.length > 0) return
    let oldest = 0
    for (const { xmin } of this.registered) if (oldest === 0 || precedes(xmin, oldest)) oldest = xmin
    this.proc.xmin = oldest
  }

  // Parallel workers

  /** StartParallelWorkerTransaction: it is, and sees, what the leader's transaction is and sees. */
  joinLeader(leader: RunningTransaction, { xmin }: Snapshot): void {
    const { proc } = this
    this.level = leader.level
    this.currentCommand = leader.currentCommand
    this.combos.push(...leader.combos)
    this.isolation = leader.isolation
    this.readOnly = leader.readOnly
    this.serializable = leader.serializable
    this.startedAt = leader.startedAt
    proc.transactionStartedAt = leader.startedAt
    proc.localTransactionId = ++this.lastLocalId
    proc.xmin = xmin
  }

  /** EndParallelWorkerTransaction: what it was goes on without it. */
  leaveLeader(): void {
    this.level = new Level(undefined, 'default', false)
    this.serializable = undefined
    this.proc.localTransactionId = 0
    this.proc.xmin = 0
  }

  // What goes with its commit or rollback

  /** Others hear of it at the commit. */
  invalidate(message: InvalidationMessage): void {
    this.level.invalidations.push(message)
  }

  /** Removes the relation's files when this transaction commits, or rolls back. */
  removeFiles(locator: RelationLocator, at: 'commit' | 'abort'): void {
    ;(at === 'commit' ? this.level.filesAtCommit : this.level.filesAtAbort).push(locator)
  }

  /** Whether the file is of this level of the transaction: nobody else can see it, and it goes when the level is rolled back. */
  hasMade(locator: RelationLocator): boolean {
    return this.level.filesAtAbort.some(each => isSameLocator(each, locator))
  }

  /** Counts of rows that this level of the transaction changed. */
  changesOf(relation: number): TableChanges {
    return this.level.changesOf(relation)
  }

  /** The same of all levels that are open. */
  openChangesOf(relation: number): { readonly inserted: number; readonly updated: number; readonly deleted: number } {
    const sum = { inserted: 0, updated: 0, deleted: 0 }
    for (let level: Level | undefined = this.level; level; level = level.parent) {
      const changes = level.changes?.get(relation)
      if (!changes) continue
      sum.inserted += changes.inserted
      sum.updated += changes.updated
      sum.deleted += changes.deleted
    }
    return sum
  }

  /** What is counted of the relation goes when the transaction commits. */
  dropsStatistics(relation: number): void {
    this.level.dropped.push(relation)
  }

  /** Makes the commit synchronous whatever the setting says, as some DDL does. */
  forceSynchronousCommit(): void {
    this.synchronousCommitForced = true
  }

  /** The same, and the commit is as urgent where it is replayed: databases and tablespaces are made and dropped so. */
  forceSynchronousReplay(): void {
    this.synchronousCommitForced = true
    this.forcesFlush = true
  }

  /** Whose AccessExclusiveLock on a relation this will be: standbys are told, and told of its end. */
  prepareAccessExclusiveLock(): void {
    if (!this.transactions.services.wal.isMinimal) this.xid()
  }

  /** LogAccessExclusiveLock */
  tookAccessExclusiveLock({ database, relation }: LockTag): void {
    const { wal } = this.transactions.services
    if (wal.isMinimal) return
    this.accessExclusiveLocks = true
    const xid = this.xid()
    this.wrote(logStandbyLocks(this.me, wal, [{ xid, database, relation }], xid))
  }

  // The top transaction's course

  protected startTransaction(): void {
    const { proc } = this
    this.level = new Level(undefined, 'default', false)
    this.currentCommand = 0
    this.commandUsed = false
    this.announced = 0
    this.startedAt = this.me.now()
    proc.transactionStartedAt = this.startedAt
    proc.localTransactionId = ++this.lastLocalId
    const { settings } = proc
    this.isolation = settings.get('default_transaction_isolation') as IsolationLevel
    this.readOnly = settings.get('default_transaction_read_only') || this.transactions.inRecovery
    this.deferrable = settings.get('default_transaction_deferrable')
  }

  private lastLocalId = 0

  /** smgrDoPendingSyncs; what the commit removes needs none. */
  private *performPendingSyncs({ xid, filesAtCommit }: Level): Coroutine {
    this.pendingSyncs.remove(filesAtCommit)
    this.wrote(yield* this.pendingSyncs.perform(this.me, this.proc.settings.get('wal_skip_threshold'), xid))
  }

  protected *commitTransaction(): Coroutine {
    if (!this.pendingSyncs.isEmpty) yield* this.performPendingSyncs(this.level)
    for (const listener of this.listeners) if (listener.preCommit) yield* listener.preCommit()
    const { level, proc } = this
    const { services, serializable } = this.transactions
    if (this.serializable) serializable.preCommit(this.serializable)
    const { invalidations, filesAtCommit } = level
    yield* this.recordCommit()
    this.transactions.ended(proc)
    if (invalidations.length > 0) this.transactions.invalidations.send(invalidations)
    services.locks.releaseAll(proc, 'transaction')
    if (this.serializable) serializable.release(this.serializable, 'commit')
    this.settle(level, true)
    this.forget()
    for (const listener of this.listeners) listener.ended?.(true)
    for (const locator of filesAtCommit) services.storage.drop(locator)
  }

  /** RecordTransactionCommit: the record, its flush, the commit log, the standbys. */
  /** PrepareTransaction: the session is out of it; it goes on, and holds what it held. */
  protected *prepareTransaction(gid: string): Coroutine {
    if (this.serializable) fail('0A000', 'PREPARE TRANSACTION of a serializable transaction is not played yet')
    this.xid()
    if (!this.pendingSyncs.isEmpty) yield* this.performPendingSyncs(this.level)
    for (const listener of this.listeners) {
      listener.prePrepare?.()
      if (listener.preCommit) yield* listener.preCommit()
    }
    const { level } = this
    yield* prepare(this.transactions, this, level, gid)
    this.forget()
    if (level.invalidations.length > 0) this.tellInvalidated(level.invalidations)
    for (const listener of this.listeners) listener.ended?.(true)
  }

  private *recordCommit(): Coroutine {
    const { level, me, proc } = this
    const { wal, waitForSynchronousStandbys } = this.transactions.services
    const { xid } = level
    if (xid === 0) {
      if (level.invalidations.length > 0 && !wal.isMinimal) {
        this.lastRecordEnd = logInvalidations(me, wal, proc.databaseId, level.invalidations)
      }
      // Pruning leaves records without an xid; nobody needs to wait for them.
      if (this.lastRecordEnd !== 0) wal.setAsyncCommitLsn(this.lastRecordEnd)
      return
    }
    const synchronous = proc.settings.get('synchronous_commit')
    // With nothing but unlogged tables changed nothing is lost with the commit: they are empty after a crash.
    const hasWritten = this.lastRecordEnd !== 0
    const waits = hasWritten && synchronous !== 'off'
    proc.delaysCheckpoint = true
    const lsn = this.writeEnd(xactInfo.commit, level, synchronous === 'remote_apply')
    const asynchronous = !waits && !this.synchronousCommitForced && level.filesAtCommit.length === 0
    if (asynchronous) wal.setAsyncCommitLsn(lsn)
    else yield* wal.flush(me, lsn)
    this.transactions.mark(xid, level.children, true, asynchronous ? lsn : 0)
    proc.delaysCheckpoint = false
    this.lastCommit = { xid, lsn, asynchronous }
    const { trace } = this.transactions.environment
    if (trace.wants('transaction.committed')) {
      trace.emit('transaction.committed', me.place, { xid, lsn, asynchronous }, me.cause)
    }
    if (hasWritten) yield* waitForSynchronousStandbys(me, proc, lsn)
  }

  private writeEnd(operation: number, level: Level, applyFeedback: boolean): number {
    const { wal } = this.transactions.services
    const isCommit = operation === xactInfo.commit
    const end: EndOfTransaction = {
      time: this.me.now(),
      subxids: level.children,
      database: this.proc.databaseId,
      files: isCommit ? level.filesAtCommit : level.filesAtAbort,
      invalidations: isCommit && !wal.isMinimal ? level.invalidations : [],
      applyFeedback: isCommit && applyFeedback,
      forcesFlush: isCommit && this.forcesFlush,
      accessExclusiveLocks: this.accessExclusiveLocks,
      preparedXid: 0,
      origin: this.origin,
    }
    const record = wal.begin(resourceManagers.transaction, operation, level.xid)
    if (writeEndOfTransaction(end, record)) record.info |= xactInfo.hasFlags
    record.origin = this.proc.origin
    const lsn = wal.insert(this.me, record)
    const { trace } = this.transactions.environment
    if (isCommit && trace.wants('transaction.logged')) {
      trace.emit('transaction.logged', this.me.place, { xid: level.xid, lsn }, this.me.cause)
    }
    if (isCommit && this.origin) {
      this.transactions.services.origins.advance(this.proc.origin, this.origin.lsn, lsn)
    }
    return lsn
  }

  protected abortTransaction(): void {
    const { level, proc } = this
    const { services, serializable } = this.transactions
    this.recordAbort(level)
    this.transactions.ended(proc)
    services.locks.releaseAll(proc, 'transaction')
    if (this.serializable) serializable.release(this.serializable, 'abort')
    this.settle(level, false)
    this.forget()
    level.isCleanedUp = true
    if (level.invalidations.length > 0) this.tellInvalidated(level.invalidations)
    for (const listener of this.listeners) listener.ended?.(false)
    if (!this.pendingSyncs.isEmpty) this.pendingSyncs.remove(level.filesAtAbort)
    for (const locator of level.filesAtAbort) services.storage.drop(locator)
  }

  /** RecordTransactionAbort: nobody waits for it, a crash would say the same. */
  private recordAbort(level: Level): void {
    const { xid } = level
    if (xid === 0) return
    const { wal } = this.transactions.services
    const lsn = this.writeEnd(xactInfo.abort, level, false)
    if (level.depth === 1) wal.setAsyncCommitLsn(lsn)
    this.transactions.mark(xid, level.children, false)
    if (level.depth > 1) this.transactions.subtransactionsEnded(this.proc, [xid, ...level.children])
    const { trace } = this.transactions.environment
    if (trace.wants('transaction.aborted')) trace.emit('transaction.aborted', this.me.place, { xid }, this.me.cause)
  }

  /** AtEOXact_PgStat: whether the rows are live or dead is known now. */
  private settle(level: Level, committed: boolean): void {
    const { statistics } = this
    statistics.transactionEnded(committed)
    if (level.changes) for (const [relation, changes] of level.changes) statistics.settle(relation, changes, committed)
    if (committed) for (const relation of level.dropped) statistics.dropped(relation)
  }

  private tellInvalidated(messages: readonly InvalidationMessage[]): void {
    for (const listener of this.listeners) listener.invalidated?.(messages)
  }

  private forget(): void {
    // Setting a length is a call out of the compiled code.
    if (this.combos.length > 0) this.combos.length = 0
    this.lastRecordEnd = 0
    this.synchronousCommitForced = false
    this.forcesFlush = false
    this.accessExclusiveLocks = false
    this.firstSnapshot = undefined
    this.serializable = undefined
    this.origin = undefined
    this.snapshotTaken = false
    if (this.active.length > 0) this.active = []
    if (this.registered.length > 0) this.registered.length = 0
    this.transactions.multiXacts.forgetSets(this.proc)
  }

  // Subtransactions

  protected startSubtransaction(): void {
    this.announced = 0
    this.level.lockMark = this.transactions.services.locks.mark(this.proc)
    for (const listener of this.listeners) listener.subtransactionStarted?.(this.level.depth)
  }

  protected commitSubtransaction(): void {
    const { level, proc } = this
    this.commandCounterIncrement()
    // Who waits for it goes on to wait for its parent.
    if (level.xid !== 0) this.transactions.services.locks.release(proc, transactionTag(level.xid), ExclusiveLock)
    level.mergeIntoParent()
    this.level = level.parent!
    this.announced = this.level.invalidations.length
    this.readOnly = level.wasReadOnly
    for (const listener of this.listeners) listener.subtransactionEnded?.(true, level.depth)
  }

  protected abortSubtransaction(): void {
    const { level } = this
    if (level.isCleanedUp) return
    level.isCleanedUp = true
    const { services } = this.transactions
    this.recordAbort(level)
    services.locks.releaseSince(this.proc, level.lockMark)
    for (const [relation, changes] of level.changes ?? []) this.statistics.settle(relation, changes, false)
    this.active = this.active.filter(each => each.depth < level.depth)
    this.giveSnapshotsBack()
    this.readOnly = level.wasReadOnly
    if (level.invalidations.length > 0) this.tellInvalidated(level.invalidations)
    for (const listener of this.listeners) listener.subtransactionEnded?.(false, level.depth)
    if (!this.pendingSyncs.isEmpty) this.pendingSyncs.remove(level.filesAtAbort)
    for (const locator of level.filesAtAbort) services.storage.drop(locator)
  }

  protected cleanupSubtransaction(): void {
    this.level = this.level.parent!
    this.announced = this.level.invalidations.length
  }
}
