// Which transaction a serializable reader has not seen, by a tuple that it looks at: whoever made it, or has deleted it
// since. Mirrors HeapCheckForSerializableConflictOut.

import type { Buffer } from '../storage/buffer.ts'
import { precedes } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import type { HeapServices } from './heap-services.ts'
import { type HeapTuple, XmaxIsMulti } from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'
import type { Relation } from './relation.ts'
import { tidBlock, tidOffset } from './tid.ts'

/** `isVisible`: the reader sees the tuple. Fails where the reader must not go on. */
export function checkConflictOut(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tuple: HeapTuple,
  buffer: Buffer,
  isVisible: boolean,
): void {
  const { serializable, subtransactions } = heap.transactions
  if (!serializable.checksReads(tx, relation)) return
  const mine = tx.serializable!
  const { xmin } = mine.snapshot
  let xid = unseenBy(heap, tx, tuple, buffer, isVisible)
  if (xid === 0 || precedes(xid, xmin)) return
  for (let parent = subtransactions.parentOf(xid); parent !== 0; parent = subtransactions.parentOf(xid)) xid = parent
  if (xid === tx.topXidIfAny() || precedes(xid, xmin)) return
  serializable.checkConflictOut(mine, xid)
}

/** Its maker, or who has deleted it; 0: the reader sees all there is. */
function unseenBy(
  heap: HeapServices,
  tx: TransactionState,
  tuple: HeapTuple,
  buffer: Buffer,
  isVisible: boolean,
): number {
  switch (heap.visibility.forVacuum(tx, tuple, buffer)) {
    case 'dead':
      return 0
    case 'live':
      return isVisible ? 0 : tuple.xmin
    case 'insert in progress':
      return tuple.xmin
    case 'recently dead':
    case 'delete in progress':
      if (!isVisible) return tuple.xmin
      return (tuple.mask & XmaxIsMulti) !== 0 ? updaterOf(heap.transactions, tuple.xmax) : tuple.xmax
  }
}

/** A tuple that it sees by itself, and not as a part of the whole table. */
export function noteRead(heap: HeapServices, tx: TransactionState, relation: Relation, tuple: HeapTuple): void {
  if (tx.isCurrent(tuple.xmin)) return
  heap.transactions.serializable.readTuple(tx, relation, tidBlock(tuple.tid), tidOffset(tuple.tid))
}
