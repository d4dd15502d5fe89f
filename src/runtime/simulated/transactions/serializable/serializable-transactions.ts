// Serializable snapshot isolation: a serializable transaction sees one snapshot, as in repeatable read, and besides that
// everybody notes who has read and who has changed what. Where that could mean that no serial order explains what all
// have seen, one of them fails. The door to it: what reads, writes, and the ends of transactions call. Mirrors
// predicate.c; who can be forgotten, and when, is in known-transactions.ts.

import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import type { Proc } from '../../shared/proc.ts'
import { isRunningIn, type Snapshot } from '../snapshot.ts'
import { precedes } from '../transaction-id.ts'
import { failToSerialize } from './conflicts.ts'
import { KnownTransactions } from './known-transactions.ts'
import type { PredicateLockView } from './predicate-locks.ts'
import { pageTag, type ReadRelation, relationTag, tupleTag } from './predicate-tag.ts'
import { SerializableTransaction } from './serializable-transaction.ts'

/** Whose the transaction is that reads or writes. */
export interface Reader {
  serializable: SerializableTransaction | undefined
  readonly depth: number
}

const pivotReading = 'Canceled on identification as a pivot, during conflict out checking.'
const pivotWriting = 'Canceled on identification as a pivot, during conflict in checking.'

export class SerializableTransactions {
  private readonly known: KnownTransactions

  /** `nextXid`: the next to be given out. */
  constructor(environment: ServerEnvironment, nextXid: () => number) {
    this.known = new KnownTransactions(environment, nextXid)
  }

  // The course of a transaction

  /** With its snapshot; undefined if it needs no watching: it only reads, and nobody who writes runs. */
  begin(proc: Proc, snapshot: Snapshot, isReadOnly: boolean): SerializableTransaction | undefined {
    const { known } = this
    known.makeRoom()
    if (isReadOnly && known.writers === 0) return undefined
    const mine = new SerializableTransaction(proc, snapshot, isReadOnly, known.lastCommit)
    if (isReadOnly) {
      for (const other of known.all) {
        if (!other.isCommitted && !other.isDoomed && !other.isReadOnly) known.conflicts.addPossiblyUnsafe(mine, other)
      }
      if (mine.possibleUnsafeConflicts.size === 0) return undefined
    }
    known.add(mine)
    return mine
  }

  /** It got its top-level xid. */
  register(mine: SerializableTransaction, xid: number): void {
    mine.xid = xid
    this.known.byXid.set(xid, mine)
  }

  /** READ ONLY DEFERRABLE: waits until nobody can make its snapshot unsafe any more, or somebody has. */
  *waitUntilDecided(me: Process, mine: SerializableTransaction): Coroutine {
    mine.isWaiting = true
    while (mine.possibleUnsafeConflicts.size > 0 && !mine.isUnsafe) {
      yield* me.waitLatch({ waitEvent: 'SafeSnapshot' })
      me.latch.reset()
      yield* me.pause()
    }
    mine.isWaiting = false
  }

  /** Whom a session waits for in that: those that could still make its snapshot unsafe. */
  safeSnapshotBlockers(proc: Proc): readonly Proc[] {
    for (const each of this.known.all) {
      if (each.proc === proc && each.isWaiting) return [...each.possibleUnsafeConflicts].map(other => other.proc)
    }
    return []
  }

  /** The last moment at which it can fail. */
  preCommit(mine: SerializableTransaction): void {
    this.known.conflicts.checkCommit(mine)
    mine.prepareNumber = ++this.known.lastCommit
    mine.isPrepared = true
  }

  /** It has ended, or ('safe') needs no more watching although it goes on. */
  release(mine: SerializableTransaction, how: 'commit' | 'abort' | 'safe'): void {
    this.known.release(mine, how === 'commit')
  }

  // Reads

  /** Whether what the transaction reads of the relation is to be noted. */
  private watchesReads(tx: Reader, relation: ReadRelation): SerializableTransaction | undefined {
    const mine = tx.serializable
    if (!mine) return undefined
    if (mine.isSafe) {
      this.release(mine, 'safe')
      tx.serializable = undefined
      return undefined
    }
    return relation.isCatalog ? undefined : mine
  }

  readRelation(tx: Reader, relation: ReadRelation): void {
    const mine = this.watchesReads(tx, relation)
    if (mine) this.known.locks.acquire(mine, relationTag(relation))
  }

  readPage(tx: Reader, relation: ReadRelation, block: number): void {
    const mine = this.watchesReads(tx, relation)
    if (mine) this.known.locks.acquire(mine, pageTag(relation, block))
  }

  /** A tuple that it sees and has not written itself. */
  readTuple(tx: Reader, relation: ReadRelation, block: number, offset: number): void {
    const mine = this.watchesReads(tx, relation)
    if (!mine || this.known.locks.isHeld(mine, relationTag(relation))) return
    this.known.locks.acquire(mine, tupleTag(relation, block, offset))
  }

  /** Before a tuple is looked at for conflicts: whether that is needed. Fails if the transaction must not go on. */
  checksReads(tx: Reader, relation: ReadRelation): boolean {
    const mine = this.watchesReads(tx, relation)
    if (mine?.isDoomed) failToSerialize(pivotReading)
    return mine !== undefined
  }

  /**
   * It reads a tuple that the top-level transaction `xid` has made or deleted, and does not see that: it comes before
   * the other, if that one is serializable too.
   */
  checkConflictOut(mine: SerializableTransaction, xid: number): void {
    const { known } = this
    if (xid === mine.xid) return
    const writer = known.byXid.get(xid)
    if (!writer) return this.checkOldConflictOut(mine, xid)
    if (writer === mine || writer.isDoomed) return
    if (writer.hasSummaryConflictOut) {
      if (writer.isPrepared) failToSerialize('Canceled on conflict out to old pivot.')
      writer.isDoomed = true
      return
    }
    // A reader that only reads appears to have run first, unless the writer is known to come before somebody older.
    const comesFirst = !writer.hasConflictOut || mine.lastCommitBeforeSnapshot < writer.earliestOutConflict
    if (mine.isReadOnly && writer.isCommitted && comesFirst) return
    if (!isRunningIn(xid, mine.snapshot) || known.conflicts.exists(mine, writer)) return
    known.conflicts.add(mine, writer, mine)
  }

  private checkOldConflictOut(mine: SerializableTransaction, xid: number): void {
    const earliest = this.known.old.earliestOutConflictOf(xid)
    if (earliest === undefined) return
    if (Number.isFinite(earliest) && (!mine.isReadOnly || earliest <= mine.lastCommitBeforeSnapshot)) {
      failToSerialize(`Canceled on conflict out to old pivot ${xid}.`)
    }
    if (mine.hasSummaryConflictIn || mine.inConflicts.size > 0) {
      failToSerialize(`Canceled on identification as a pivot, with conflict out to old committed transaction ${xid}.`)
    }
    mine.hasSummaryConflictOut = true
  }

  // Writes

  /** It is about to insert (no place), or to change the tuple or the index page there: who has read that? */
  checkConflictIn(tx: Reader, relation: ReadRelation, block?: number, offset?: number): void {
    const mine = tx.serializable
    if (!mine || relation.isCatalog) return
    if (mine.isDoomed) failToSerialize(pivotWriting)
    mine.hasWritten = true
    if (block !== undefined) {
      // From the finest to the coarsest: what is promoted meanwhile is not missed.
      if (offset !== undefined) {
        const tag = tupleTag(relation, block, offset)
        this.checkReaders(mine, this.known.locks.holdersOf(tag))
        // The lock stays if a rollback to a savepoint could undo the write.
        if (tx.depth === 1) this.known.locks.giveUp(mine, tag)
      }
      this.checkReaders(mine, this.known.locks.holdersOf(pageTag(relation, block)))
    }
    this.checkReaders(mine, this.known.locks.holdersOf(relationTag(relation)))
  }

  private checkReaders(mine: SerializableTransaction, readers: readonly SerializableTransaction[]): void {
    const { conflicts } = this.known
    for (const reader of readers) {
      if (reader === mine || reader.isDoomed || conflicts.exists(reader, mine)) continue
      if (reader.isCommitted && !precedes(mine.snapshot.xmin, reader.finishedBefore)) continue
      conflicts.add(reader, mine, mine)
    }
  }

  /** TRUNCATE, DROP TABLE: all rows go at once, whoever has read one. */
  checkTableConflictIn(tx: Reader, table: ReadRelation): void {
    const mine = tx.serializable
    if (!mine || table.isCatalog) return
    mine.hasWritten = true
    const { conflicts, locks } = this.known
    for (const reader of locks.holdersIn(table)) {
      if (reader !== mine && !conflicts.exists(reader, mine)) conflicts.add(reader, mine, mine)
    }
  }

  /** Whoever splits an index page, serializable or not. */
  pageSplit(index: ReadRelation, from: number, to: number): void {
    if (this.known.oldest === 0 || index.isCatalog) return
    this.known.locks.copy(pageTag(index, from), pageTag(index, to))
  }

  indexDropped(index: ReadRelation, table: number): void {
    if (this.known.oldest !== 0) this.known.locks.moveToTable(index, table)
  }

  // For pg_locks

  list(): PredicateLockView[] {
    return this.known.locks.list()
  }
}
