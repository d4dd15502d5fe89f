// All rows of a table that a new index must have: also those that only older snapshots still see. Mirrors
// heapam_index_build_range_scan: members of a HOT chain are entered under its first line.

import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState } from '../storage/page.ts'
import { precedes } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { cost, type HeapServices, tupleAt } from './heap-services.ts'
import type { HeapTuple } from './heap-tuple.ts'
import { pruneIfWorthwhile } from './prune.ts'
import type { Relation } from './relation.ts'
import { makeTid, type Tid, tidBlock, tidOffset } from './tid.ts'
import { deformTuple } from './tuple.ts'
import type { Datum } from './tuple-descriptor.ts'

/** `values` are used again for the next row. */
export type BuildCallback = (values: readonly Datum[], tid: Tid, isAlive: boolean) => void

export function* scanForBuild(
  heap: HeapServices,
  tx: TransactionState,
  table: Relation,
  callback: BuildCallback,
): Coroutine {
  const oldest = heap.transactions.oldestNonRemovable(table.database)
  const blocks = heap.blockCount(table)
  const ring = heap.buffers.ring('bulk read')
  const count = table.descriptor.attributes.length
  const values: Datum[] = new Array(count).fill(null)
  const counted = tx.statistics.of(table.id)
  counted.sequentialScans++
  for (let block = 0; block < blocks; block++) {
    const buffer = yield* heap.pin(tx.me, table, block, ring)
    pruneIfWorthwhile(heap, tx, table, buffer)
    const roots = rootsOf(buffer)
    for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
      const tuple = tupleAt(buffer, offset)
      if (tuple) counted.sequentialTuplesRead++
      const state = tuple && entryState(heap, tx, tuple, buffer, oldest)
      if (!tuple || !state) continue
      deformTuple(tuple, table.descriptor, values, count)
      callback(values, makeTid(block, tuple.isHeapOnly ? (roots.get(offset) ?? offset) : offset), state === 'alive')
    }
    tx.me.charge(cost.page + buffer.page.lineCount * cost.tuple)
    heap.buffers.unpin(buffer)
    yield* tx.me.pause()
  }
}

/** Undefined: it gets no entry. */
function entryState(
  heap: HeapServices,
  tx: TransactionState,
  tuple: HeapTuple,
  buffer: Buffer,
  oldest: number,
): 'alive' | 'dead to most' | undefined {
  const { visibility } = heap
  switch (visibility.forVacuum(tx, tuple, buffer)) {
    case 'dead':
      return undefined
    case 'recently dead':
      if (precedes(visibility.deadAfter, oldest)) return undefined
      return tuple.isHotUpdated ? undefined : 'dead to most'
    case 'delete in progress':
      return tuple.isHotUpdated ? undefined : 'dead to most'
    default:
      return 'alive'
  }
}

/** heap_get_root_tuples: for members of chains the line that index entries point to. */
function rootsOf(buffer: Buffer): Map<number, number> {
  const { page } = buffer
  const roots = new Map<number, number>()
  for (let offset = 1; offset <= page.lineCount; offset++) {
    const state = page.itemState(offset)
    let at = offset
    if (state === lineState.redirect) at = page.itemOffset(offset)
    else if (state !== lineState.normal || tupleAt(buffer, offset)!.isHeapOnly) continue
    for (let tuple = tupleAt(buffer, at); tuple; tuple = tupleAt(buffer, at)) {
      if (at !== offset) roots.set(at, offset)
      if (!tuple.isHotUpdated || tidBlock(tuple.next) !== buffer.block) break
      at = tidOffset(tuple.next)
    }
  }
  return roots
}
