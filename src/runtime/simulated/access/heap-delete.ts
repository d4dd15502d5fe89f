// Deleting a tuple: it stays where it is, with who deleted it in xmax. Mirrors heap_delete.

import type { Coroutine } from '../kernel/task.ts'
import type { Page } from '../storage/page.ts'
import { earlier } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { ChangingPage, setCommandMax, tryClear, waitToChange } from './heap-change.ts'
import { deleteFlag, heapInfo, infobitsOf } from './heap-records.ts'
import { cost, type HeapServices } from './heap-services.ts'
import { HotUpdated } from './heap-tuple.ts'
import { appendIdentity, oldIdentity } from './logical-logging.ts'
import type { Relation } from './relation.ts'
import type { DeleteResult } from './results.ts'
import { type Tid, tidBlock, tidOffset } from './tid.ts'
import { tupleLocks } from './tuple-lock-modes.ts'
import { TupleTurn } from './tuple-wait.ts'
import { setXmax, xmaxWith } from './tuple-xmax.ts'

export function* deleteTuple(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
): Coroutine<DeleteResult> {
  const xid = tx.xid()
  const lock = tupleLocks.exclusive
  const page = yield* ChangingPage.pin(heap, tx, relation, tid)
  const turn = new TupleTurn(tx, relation, tid, lock)
  try {
    const found = tryClear(heap, tx, page) ?? (yield* waitToChange(heap, tx, page, lock, turn, 'delete'))
    if (found.status !== 'clear') return found
    heap.transactions.serializable.checkConflictIn(tx, relation, tidBlock(tid), tidOffset(tid))
    markDeleted(heap, tx, page, xid)
  } finally {
    page.unpin()
    turn.end()
  }
  tx.changesOf(relation.id).deleted++
  tx.me.charge(cost.change)
  return { status: 'ok' }
}

function markDeleted(heap: HeapServices, tx: TransactionState, page: ChangingPage, xid: number): void {
  const { buffer, tid } = page
  const tuple = page.tuple()
  const xmax = xmaxWith(tx, tuple, xid, tupleLocks.exclusive, true)
  const identity = oldIdentity(heap, page.relation, tuple)
  setPrunable(buffer.page, xid)
  const cleared = heap.clearAllVisible(buffer, page.map)
  setXmax(tuple, xmax)
  tuple.mask2 &= ~HotUpdated
  setCommandMax(tx, tuple, tx.commandId(true))
  tuple.next = tid
  heap.buffers.markDirty(buffer)
  const record = heap.wal.begin(resourceManagers.heap, heapInfo.delete, xid)
  record.origin = tx.proc.origin
  record.data.u32(xmax.xid)
  record.data.u16(tidOffset(tid))
  record.data.u8(infobitsOf(tuple.mask, tuple.mask2))
  const { containsOldTuple, containsOldKey } = deleteFlag
  const contains = identity ? (identity.isWhole ? containsOldTuple : containsOldKey) : 0
  record.data.u8((cleared ? deleteFlag.allVisibleCleared : 0) | contains)
  if (identity) appendIdentity(record.data, identity)
  record.block(0, buffer, registerFlag.standard)
  buffer.page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(buffer.page.lsn)
}

/** PageSetPrunable: from when `xid` is seen as ended by all, pruning may find something here. */
export function setPrunable(page: Page, xid: number): void {
  const { pruneXid } = page
  page.pruneXid = pruneXid === 0 ? xid : earlier(pruneXid, xid)
}
