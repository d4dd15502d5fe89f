// Freezing the tuples of a page that are old enough, with one record. Mirrors lazy_scan_prune's freezing and
// log_heap_freeze.

import type { Buffer } from '../storage/buffer.ts'
import { previousXid } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { type Freezing, freezeTuple, prepareFreeze } from './freeze.ts'
import { heap2Info } from './heap-records.ts'
import { type HeapServices, tupleAt } from './heap-services.ts'

export function freezePage(
  heap: HeapServices,
  tx: TransactionState,
  buffer: Buffer,
  limit: number,
): { readonly isAllFrozen: boolean } {
  const { page } = buffer
  const plan: Freezing[] = []
  let isAllFrozen = true
  for (let offset = 1; offset <= page.lineCount; offset++) {
    const tuple = tupleAt(buffer, offset)
    if (!tuple) continue
    const status = heap.visibility.forVacuum(tx, tuple, buffer)
    if (status !== 'live' && status !== 'recently dead') {
      isAllFrozen = false
      continue
    }
    const { freezing, totally } = prepareFreeze(heap.transactions, tuple, limit)
    isAllFrozen &&= totally
    if (freezing) plan.push(freezing)
  }
  if (plan.length === 0) return { isAllFrozen }
  for (const freezing of plan) freezeTuple(tupleAt(buffer, freezing.offset)!, freezing)
  heap.buffers.markDirty(buffer)
  const record = heap.wal.begin(resourceManagers.heap2, heap2Info.freezePage, 0)
  record.data.u32(previousXid(limit))
  record.data.u16(plan.length)
  const data = record.block(0, buffer, registerFlag.standard)
  for (const { xmax, offset, mask, mask2 } of plan) {
    data.u32(xmax)
    data.u16(offset)
    data.u16(mask2)
    data.u16(mask)
    data.u8(0)
    data.u8(0)
  }
  page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(page.lsn)
  return { isAllFrozen }
}
