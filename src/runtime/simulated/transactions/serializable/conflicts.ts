// rw-conflicts: one transaction has not seen what another one changed, so it comes before it, whichever commits first.
// Two in a row, with the last to commit first, may close a circle: then one of them must fail. Mirrors the middle part
// of predicate.c.
//
//     reader in ──rw──► pivot ──rw──► writer out

import { fail } from '../../shared/error.ts'
import type { SerializableTransaction } from './serializable-transaction.ts'

export class Conflicts {
  private readonly capacity: number
  private count = 0

  /** `capacity`: how many can be known at once. */
  constructor(capacity: number) {
    this.capacity = capacity
  }

  exists(reader: SerializableTransaction, writer: SerializableTransaction): boolean {
    return !reader.isDoomed && !writer.isDoomed && reader.outConflicts.has(writer)
  }

  /** `mine` is one of the two: it fails, or the writer will, if this conflict makes one too many. */
  add(reader: SerializableTransaction, writer: SerializableTransaction, mine: SerializableTransaction): void {
    if (isDangerous(reader, writer)) this.fail(reader, writer, mine)
    this.takeOne('record a read/write conflict')
    reader.outConflicts.add(writer)
    writer.inConflicts.add(reader)
  }

  private fail(reader: SerializableTransaction, writer: SerializableTransaction, mine: SerializableTransaction): void {
    if (mine === writer) failToSerialize('Canceled on identification as a pivot, during write.')
    if (writer.isPrepared) failToSerialize(`Canceled on conflict out to pivot ${writer.xid}, during read.`)
    if (mine !== reader) throw new Error('a conflict between two others was found')
    writer.isDoomed = true
  }

  addPossiblyUnsafe(reader: SerializableTransaction, writer: SerializableTransaction): void {
    this.takeOne('record a potential read/write conflict')
    reader.possibleUnsafeConflicts.add(writer)
    writer.possibleUnsafeConflicts.add(reader)
  }

  private takeOne(what: string): void {
    if (this.count === this.capacity) {
      fail('53200', `not enough elements in RWConflictPool to ${what}`, {
        hint: 'You might need to run fewer transactions at a time or increase max_connections.',
      })
    }
    this.count++
  }

  remove(reader: SerializableTransaction, writer: SerializableTransaction): void {
    if (reader.outConflicts.delete(writer)) this.count--
    writer.inConflicts.delete(reader)
  }

  removePossiblyUnsafe(reader: SerializableTransaction, writer: SerializableTransaction): void {
    if (reader.possibleUnsafeConflicts.delete(writer)) this.count--
    writer.possibleUnsafeConflicts.delete(reader)
  }

  /** FlagSxactUnsafe: the read-only transaction's snapshot may show what no serial order would. */
  markUnsafe(reader: SerializableTransaction): void {
    reader.isUnsafe = true
    for (const writer of reader.possibleUnsafeConflicts) this.removePossiblyUnsafe(reader, writer)
  }

  /**
   * PreCommit_CheckForSerializationFailure: `mine` may be the writer out of pivots that have not ended. They must fail,
   * not it: what commits now is sure to be progress.
   */
  checkCommit(mine: SerializableTransaction): void {
    if (mine.isDoomed) failToSerialize('Canceled on identification as a pivot, during commit attempt.')
    for (const pivot of mine.inConflicts) {
      if (pivot.isCommitted || pivot.isDoomed) continue
      const closesCircle = [...pivot.inConflicts].some(
        far => far === mine || !(far.isCommitted || far.isReadOnly || far.isDoomed),
      )
      if (!closesCircle) continue
      if (pivot.isPrepared) {
        failToSerialize('Canceled on commit attempt with conflict in from prepared pivot.')
      }
      pivot.isDoomed = true
    }
  }
}

/** Whether a conflict from this reader to this writer completes a dangerous structure, with either as the pivot. */
function isDangerous(reader: SerializableTransaction, writer: SerializableTransaction): boolean {
  if (writer.isCommitted && (writer.hasConflictOut || writer.hasSummaryConflictOut)) return true
  if (writer.hasSummaryConflictOut) return true
  for (const out of writer.outConflicts) {
    // There is no anomaly if the reader or the pivot committed before the one that the pivot did not see, or if a
    // read-only reader did not see that one either.
    if (
      out.isPrepared &&
      (!reader.isCommitted || out.prepareNumber <= reader.commitNumber) &&
      (!writer.isCommitted || out.prepareNumber <= writer.commitNumber) &&
      (!reader.isReadOnly || out.prepareNumber <= reader.lastCommitBeforeSnapshot)
    ) {
      return true
    }
  }
  if (!writer.isPrepared || reader.isReadOnly) return false
  if (reader.hasSummaryConflictIn) return true
  for (const before of reader.inConflicts) {
    if (
      !before.isDoomed &&
      (!before.isCommitted || before.commitNumber >= writer.prepareNumber) &&
      (!before.isReadOnly || before.lastCommitBeforeSnapshot >= writer.prepareNumber)
    ) {
      return true
    }
  }
  return false
}

export function failToSerialize(reason: string): never {
  fail('40001', 'could not serialize access due to read/write dependencies among transactions', {
    detail: `Reason code: ${reason}`,
    hint: 'The transaction might succeed if retried.',
  })
}
