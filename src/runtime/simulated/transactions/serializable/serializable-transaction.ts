// What is known of one serializable transaction, by all: it stays after its commit as long as transactions run that
// began before it. Mirrors SERIALIZABLEXACT of predicate_internals.h.

import type { Proc } from '../../shared/proc.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Target } from './predicate-locks.ts'

/** Commits of serializable transactions are numbered; what has not committed comes after all that have. */
export const never = Number.POSITIVE_INFINITY

/** A target that it has locked, or a coarser one of which it has locked parts. */
export interface LocalLock {
  held: boolean
  /** How many finer locks it has below. */
  children: number
}

export class SerializableTransaction {
  readonly proc: Proc
  /** As pg_locks shows it. */
  readonly virtualTransaction: string
  readonly snapshot: Snapshot
  /** Its top-level xid; 0 until it writes. */
  xid: number
  /** The last commit that it could see. */
  readonly lastCommitBeforeSnapshot: number
  /** It has passed its last check: nothing can make it fail any more. */
  isPrepared = false
  prepareNumber = never
  isCommitted = false
  commitNumber = never
  isRolledBack = false
  /** Somebody has decided that it must fail; it will notice. */
  isDoomed = false
  /** Declared so, or committed without a write. */
  isReadOnly: boolean
  readonly isDeclaredReadOnly: boolean
  hasWritten = false
  /** The next xid when it ended. */
  finishedBefore = 0
  /** Who changed what it did not see: rw-conflicts out. */
  readonly outConflicts = new Set<SerializableTransaction>()
  /** Who did not see what it changed: rw-conflicts in. */
  readonly inConflicts = new Set<SerializableTransaction>()
  /** Of a read-only one: writers that could still make its snapshot unsafe; of a writer: those read-only ones. */
  readonly possibleUnsafeConflicts = new Set<SerializableTransaction>()
  /** It had a conflict out to one that committed before it; the earliest of those. */
  hasConflictOut = false
  earliestOutConflict = never
  /** The same with transactions of which only a summary is left. */
  hasSummaryConflictIn = false
  hasSummaryConflictOut = false
  /** READ ONLY: nothing that still runs can make what it reads wrong; or something has. */
  isSafe = false
  isUnsafe = false
  /** READ ONLY DEFERRABLE: it waits to know which. */
  isWaiting = false
  readonly targets = new Set<Target>()
  /** By the tag's key. */
  readonly local = new Map<string, LocalLock>()

  constructor(proc: Proc, snapshot: Snapshot, isReadOnly: boolean, lastCommit: number) {
    this.proc = proc
    this.virtualTransaction = `${proc.backendId}/${proc.localTransactionId}`
    this.snapshot = snapshot
    this.xid = proc.xid
    this.isReadOnly = isReadOnly
    this.isDeclaredReadOnly = isReadOnly
    this.lastCommitBeforeSnapshot = lastCommit
  }
}
