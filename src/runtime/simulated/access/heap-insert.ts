// New tuples, one at a time or a page full at once. Mirrors heap_insert and heap_multi_insert.

import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import { align8, type Page } from '../storage/page.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { heapFreeSpace, pageForTuple, reservedSpace, tryPageForTuple } from './free-page.ts'
import { appendBody, appendHeader, heap2Info, heapInfo, insertFlag } from './heap-records.ts'
import { cost, type HeapServices } from './heap-services.ts'
import { type HeapTuple, heapTupleHeaderSize, HeapTuple as Tuple, XmaxInvalid } from './heap-tuple.ts'
import { isLogicallyLogged } from './logical-logging.ts'
import type { Relation } from './relation.ts'
import { makeTid, type Tid } from './tid.ts'

/** Gives the new tuple its header; the columns are there already. */
export function beginTuple(tuple: HeapTuple, xid: number, commandId: number): void {
  tuple.xmin = xid
  tuple.xmax = 0
  tuple.commandId = commandId
  tuple.mask |= XmaxInvalid
}

/** RelationPutHeapTuple: copies it to the page, where it points to itself; gives its line, 0 if there is no room. */
export function putTuple(buffer: Buffer, tuple: HeapTuple): number {
  const { page } = buffer
  const offset = page.addItem(tuple.length)
  if (offset === 0) return 0
  const at = page.itemOffset(offset)
  const { bytes } = page
  const source = tuple.bytes
  for (let from = tuple.at, to = at, end = at + tuple.length; to < end; ) bytes[to++] = source[from++]
  tuple.tid = makeTid(buffer.block, offset)
  tuple.next = tuple.tid
  new Tuple(page, at, tuple.length, tuple.tid).next = tuple.tid
  return offset
}

export function* insertTuple(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tuple: HeapTuple,
): Coroutine<Tid> {
  const { me } = tx
  const xid = tx.xid()
  beginTuple(tuple, xid, tx.commandId(true))
  heap.transactions.serializable.checkConflictIn(tx, relation)
  const { buffer, map } =
    tryPageForTuple(heap, tx, relation, tuple.length) ?? (yield* pageForTuple(heap, tx, relation, tuple.length))
  const { page } = buffer
  const offset = putTuple(buffer, tuple)
  const cleared = heap.clearAllVisible(buffer, map)
  heap.buffers.markDirty(buffer)
  const first = isFirst(page, offset)
  const isLogical = isLogicallyLogged(heap, relation)
  const record = heap.wal.begin(resourceManagers.heap, heapInfo.insert | (first ? heapInfo.initPage : 0), xid)
  record.origin = tx.proc.origin
  record.data.u16(offset)
  record.data.u8((cleared ? insertFlag.allVisibleCleared : 0) | (isLogical ? insertFlag.containsNewTuple : 0))
  const data = record.block(0, buffer, blockFlags(first, isLogical))
  appendHeader(data, tuple)
  appendBody(data, tuple)
  page.lsn = heap.wal.insert(me, record)
  tx.wrote(page.lsn)
  heap.buffers.unpin(buffer)
  if (map) heap.buffers.unpin(map)
  tx.changesOf(relation.id).inserted++
  me.charge(cost.change)
  return tuple.tid
}

function blockFlags(first: boolean, isLogical: boolean): number {
  return registerFlag.standard | (first ? registerFlag.willInit : 0) | (isLogical ? registerFlag.keepData : 0)
}

/** Such a page is made anew by redo, so that its image is never needed. */
export function isFirst(page: Page, offset: number): boolean {
  return offset === 1 && page.lineCount === 1
}

export function* multiInsertTuples(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tuples: readonly HeapTuple[],
): Coroutine<Tid[]> {
  const xid = tx.xid()
  const commandId = tx.commandId(true)
  const ring = heap.buffers.ring('bulk write')
  const reserved = reservedSpace(relation)
  for (const tuple of tuples) beginTuple(tuple, xid, commandId)
  heap.transactions.serializable.checkConflictIn(tx, relation)
  for (let done = 0; done < tuples.length; ) {
    const { buffer, map } = yield* pageForTuple(heap, tx, relation, tuples[done].length, ring)
    const offsets: number[] = [putTuple(buffer, tuples[done])]
    for (let next = done + 1; next < tuples.length; next++) {
      if (heapFreeSpace(buffer.page) < align8(tuples[next].length) + reserved) break
      offsets.push(putTuple(buffer, tuples[next]))
    }
    const batch = tuples.slice(done, done + offsets.length)
    done += offsets.length
    logMultiInsert(heap, tx, buffer, batch, offsets, {
      cleared: heap.clearAllVisible(buffer, map),
      isLast: done === tuples.length,
      isLogical: isLogicallyLogged(heap, relation),
    })
    heap.buffers.unpin(buffer)
    if (map) heap.buffers.unpin(map)
    tx.me.charge(cost.change + offsets.length * 4 * cost.tuple)
    yield* tx.me.pause()
  }
  tx.changesOf(relation.id).inserted += tuples.length
  return tuples.map(tuple => tuple.tid)
}

function logMultiInsert(
  heap: HeapServices,
  tx: TransactionState,
  buffer: Buffer,
  tuples: readonly HeapTuple[],
  offsets: readonly number[],
  known: { readonly cleared: boolean; readonly isLast: boolean; readonly isLogical: boolean },
): void {
  const { cleared, isLast, isLogical } = known
  const { page } = buffer
  const init = offsets[0] === 1 && page.lineCount === offsets.length
  heap.buffers.markDirty(buffer)
  const info = heap2Info.multiInsert | (init ? heapInfo.initPage : 0)
  const record = heap.wal.begin(resourceManagers.heap2, info, tx.xid())
  record.origin = tx.proc.origin
  record.data.u8(
    (cleared ? insertFlag.allVisibleCleared : 0) |
      (isLast ? insertFlag.lastOfMultiInsert : 0) |
      (isLogical ? insertFlag.containsNewTuple : 0),
  )
  record.data.u8(0)
  record.data.u16(tuples.length)
  if (!init) for (const offset of offsets) record.data.u16(offset)
  const data = record.block(0, buffer, blockFlags(init, isLogical))
  for (const tuple of tuples) {
    if (data.length % 2 !== 0) data.u8(0)
    data.u16(tuple.length - heapTupleHeaderSize)
    appendHeader(data, tuple)
    appendBody(data, tuple)
  }
  page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(page.lsn)
}
