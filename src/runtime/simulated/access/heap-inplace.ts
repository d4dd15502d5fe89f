// Overwriting a row where it stands, without a new version and outside of any transaction: how statistics get into
// pg_class. Mirrors heap_inplace_update. The row must keep its length, and the caller must keep others from changing it.

import type { Coroutine } from '../kernel/task.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { heapInfo } from './heap-records.ts'
import { cost, type HeapServices, tupleAt } from './heap-services.ts'
import type { Relation } from './relation.ts'
import { type Tid, tidBlock, tidOffset } from './tid.ts'
import { formTuple } from './tuple.ts'
import type { Datum } from './tuple-descriptor.ts'

export function* overwriteTuple(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  values: readonly Datum[],
): Coroutine {
  const buffer = yield* heap.pin(tx.me, relation, tidBlock(tid))
  const stored = tupleAt(buffer, tidOffset(tid))
  const tuple = formTuple(relation.descriptor, values)
  if (!stored || stored.length !== tuple.length || stored.hoff !== tuple.hoff) {
    throw new Error(`the row at ${tid} of ${relation.name} can't be overwritten`)
  }
  const from = tuple.at + tuple.hoff
  const columns = tuple.bytes.subarray(from, tuple.at + tuple.length)
  stored.bytes.set(columns, stored.at + stored.hoff)
  heap.buffers.markDirty(buffer)
  const record = heap.wal.begin(resourceManagers.heap, heapInfo.inplace, 0)
  record.data.u16(tidOffset(tid))
  record.block(0, buffer, registerFlag.standard).append(tuple.bytes, from, tuple.at + tuple.length)
  buffer.page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(buffer.page.lsn)
  heap.buffers.unpin(buffer)
  tx.me.charge(cost.change)
}
