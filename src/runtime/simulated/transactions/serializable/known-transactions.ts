// The serializable transactions that matter: those that run, and of those that have ended the ones that somebody who
// still runs may not have seen. What the end of one means for the others, and who can be forgotten then. Mirrors
// ReleasePredicateLocks, ClearOldPredicateLocks and SummarizeOldestCommittedSxact of predicate.c.

import type { ServerEnvironment } from '../../shared/environment.ts'
import { maxBackends } from '../../shared/max-backends.ts'
import { earlier, precedes } from '../transaction-id.ts'
import { Conflicts } from './conflicts.ts'
import { OldCommitted } from './old-committed.ts'
import { PredicateLocks } from './predicate-locks.ts'
import { never, type SerializableTransaction } from './serializable-transaction.ts'

const transactionsPerProcess = 10
const conflictsPerTransaction = 5
/** Before the first commit of all. */
const firstCommit = 2

export class KnownTransactions {
  readonly all = new Set<SerializableTransaction>()
  readonly byXid = new Map<number, SerializableTransaction>()
  readonly old = new OldCommitted()
  readonly locks: PredicateLocks
  readonly conflicts: Conflicts
  /** How many run that were not declared read-only. */
  writers = 0
  /** The number of the last commit or of the last one that is sure to come. */
  lastCommit = firstCommit - 1
  /** The oldest xid that a running one may not have seen as ended; 0: none runs. */
  oldest = 0
  private readonly capacity: number
  private readonly nextXid: () => number
  /** Committed ones, in the order of their commits. */
  private readonly finished = new Set<SerializableTransaction>()
  /** Up to this commit only what a pivot has out is of interest; and up to which all the rest was cleared. */
  private clearable = 0
  private cleared = 0

  constructor(environment: ServerEnvironment, nextXid: () => number) {
    const { settings } = environment
    const processes = maxBackends(environment) + settings.get('max_prepared_transactions')
    this.nextXid = nextXid
    this.capacity = transactionsPerProcess * processes
    this.locks = new PredicateLocks(settings, processes)
    this.conflicts = new Conflicts(conflictsPerTransaction * this.capacity)
  }

  /** One more is to come: the oldest committed ones are summarised if there are too many. */
  makeRoom(): void {
    // One place is taken by what stands for all that were summarised.
    while (this.all.size >= this.capacity - 1) {
      const [oldest] = this.finished
      if (!oldest) throw new Error('there are more serializable transactions than processes')
      this.finished.delete(oldest)
      if (oldest.xid !== 0 && !oldest.isReadOnly) {
        this.old.add(oldest.xid, oldest.hasConflictOut ? oldest.earliestOutConflict : never)
      }
      for (const writer of oldest.outConflicts) writer.hasSummaryConflictIn = true
      for (const reader of oldest.inConflicts) reader.hasSummaryConflictOut = true
      this.forget(oldest)
    }
  }

  add(mine: SerializableTransaction): void {
    this.all.add(mine)
    if (!mine.isReadOnly) this.writers++
    if (this.oldest !== 0) return
    this.oldest = mine.snapshot.xmin
    this.old.forgetBefore(this.oldest)
  }

  release(mine: SerializableTransaction, commits: boolean): void {
    mine.finishedBefore = this.nextXid()
    if (commits) {
      mine.isCommitted = true
      mine.commitNumber = ++this.lastCommit
      if (!mine.hasWritten) mine.isReadOnly = true
    } else {
      mine.isDoomed = true
      mine.isRolledBack = true
      mine.isPrepared = false
    }
    if (mine.isDeclaredReadOnly) {
      for (const writer of mine.possibleUnsafeConflicts) this.conflicts.removePossiblyUnsafe(mine, writer)
    } else if (--this.writers === 0) this.clearable = this.lastCommit
    this.settleConflicts(mine, commits)
    if (!mine.isDeclaredReadOnly) this.tellReadOnly(mine, commits)
    if (commits) this.finished.add(mine)
    const wasOldest = mine.snapshot.xmin === this.oldest
    if (!commits) this.forget(mine)
    if (wasOldest) this.findOldest()
  }

  private settleConflicts(mine: SerializableTransaction, commits: boolean): void {
    const { conflicts } = this
    const keepsOut = commits && !mine.isReadOnly
    if (keepsOut && mine.hasSummaryConflictOut) {
      // Nobody knows any more when that one committed.
      mine.earliestOutConflict = firstCommit
      mine.hasConflictOut = true
    }
    for (const writer of mine.outConflicts) {
      if (keepsOut && writer.isCommitted) {
        mine.earliestOutConflict = Math.min(mine.earliestOutConflict, writer.prepareNumber)
        mine.hasConflictOut = true
      }
      const isOver = !commits || writer.isCommitted || writer.lastCommitBeforeSnapshot >= this.lastCommit
      if (isOver) conflicts.remove(mine, writer)
    }
    for (const reader of mine.inConflicts) {
      if (!commits || reader.isCommitted || reader.isReadOnly) conflicts.remove(reader, mine)
    }
  }

  /** Those that only read learn whether this writer has made their snapshots unsafe. */
  private tellReadOnly(mine: SerializableTransaction, commits: boolean): void {
    for (const reader of mine.possibleUnsafeConflicts) {
      const endangers =
        commits && mine.hasWritten && mine.hasConflictOut && mine.earliestOutConflict <= reader.lastCommitBeforeSnapshot
      if (endangers) this.conflicts.markUnsafe(reader)
      else {
        this.conflicts.removePossiblyUnsafe(reader, mine)
        if (reader.possibleUnsafeConflicts.size === 0) reader.isSafe = true
      }
      if (reader.isWaiting && (reader.isSafe || reader.isUnsafe)) reader.proc.process.latch.set(mine.proc.process.cause)
    }
  }

  /** The one whose snapshot was the oldest has ended: if no other is as old, some are of no interest any more. */
  private findOldest(): void {
    let oldest = 0
    for (const each of this.all) {
      if (each.isRolledBack || each.isCommitted) continue
      const { xmin } = each.snapshot
      oldest = oldest === 0 ? xmin : earlier(xmin, oldest)
    }
    if (oldest === this.oldest) return
    this.oldest = oldest
    this.old.forgetBefore(oldest)
    this.clearFinished()
  }

  private clearFinished(): void {
    for (const each of this.finished) {
      if (this.oldest === 0 || !precedes(this.oldest, each.finishedBefore)) {
        this.finished.delete(each)
        this.forget(each)
      } else if (each.commitNumber > this.cleared && each.commitNumber <= this.clearable) {
        // Who runs and may not have seen it only reads.
        this.cleared = each.commitNumber
        if (each.isReadOnly) {
          this.finished.delete(each)
          this.forget(each)
        } else {
          this.locks.releaseAll(each)
          for (const reader of each.inConflicts) this.conflicts.remove(reader, each)
        }
      } else return
    }
  }

  private forget(each: SerializableTransaction): void {
    this.locks.releaseAll(each)
    for (const writer of each.outConflicts) this.conflicts.remove(each, writer)
    for (const reader of each.inConflicts) this.conflicts.remove(reader, each)
    if (each.xid !== 0) this.byXid.delete(each.xid)
    this.all.delete(each)
  }
}
