// Freezing the tuples of a page that are old enough, with one record. Mirrors lazy_scan_prune's freezing and
// log_heap_freeze. Until 15 a tuple is frozen by its own age; from 16 on a page is frozen whole, once one tuple must be,
// or when it costs little.

import type { Buffer } from '../storage/buffer.ts'
import { earlier, precedes, previousXid } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { type Freezing, freezeTuple, prepareFreeze } from './freeze.ts'
import { heap2Info } from './heap-records.ts'
import { type HeapServices, tupleAt } from './heap-services.ts'

export interface FreezeCutoffs {
  /** What is older must be frozen, */
  readonly limit: number
  /** and what is older than this may be. */
  readonly oldestXmin: number
}

export interface PageFreezing {
  readonly isAllFrozen: boolean
  readonly frozenTuples: number
  /** The oldest transaction id that the page still bears; 0: none. */
  readonly oldestXid: number
}

/** `isCheap`: the page is all-visible, and goes into the WAL whole in any case. */
export function freezePage(
  heap: HeapServices,
  tx: TransactionState,
  buffer: Buffer,
  cutoffs: FreezeCutoffs,
  isCheap: boolean,
): PageFreezing {
  if (heap.environment.version < 16)
    return execute(heap, tx, buffer, plan(heap, tx, buffer, cutoffs.limit), cutoffs.limit)
  const whole = plan(heap, tx, buffer, cutoffs.oldestXmin)
  const isNeeded = whole.oldestBefore !== 0 && precedes(whole.oldestBefore, cutoffs.limit)
  if (whole.freezings.length === 0 || isNeeded || (isCheap && whole.isAllFrozen)) {
    return execute(heap, tx, buffer, whole, cutoffs.oldestXmin)
  }
  return { isAllFrozen: false, frozenTuples: 0, oldestXid: whole.oldestBefore }
}

interface Plan {
  readonly freezings: Freezing[]
  isAllFrozen: boolean
  /** The oldest transaction id now, and when it is carried out; 0: none. */
  oldestBefore: number
  oldestAfter: number
}

function plan(heap: HeapServices, tx: TransactionState, buffer: Buffer, cutoff: number): Plan {
  const found: Plan = { freezings: [], isAllFrozen: true, oldestBefore: 0, oldestAfter: 0 }
  for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
    const tuple = tupleAt(buffer, offset)
    if (!tuple) continue
    found.oldestBefore = older(found.oldestBefore, prepareFreeze(heap.transactions, tuple, 0).oldest)
    const status = heap.visibility.forVacuum(tx, tuple, buffer)
    if (status !== 'live' && status !== 'recently dead') {
      found.isAllFrozen = false
      found.oldestAfter = older(found.oldestAfter, prepareFreeze(heap.transactions, tuple, 0).oldest)
      continue
    }
    const { freezing, totally, oldest } = prepareFreeze(heap.transactions, tuple, cutoff)
    found.isAllFrozen &&= totally
    found.oldestAfter = older(found.oldestAfter, oldest)
    if (freezing) found.freezings.push(freezing)
  }
  return found
}

function older(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : earlier(a, b)
}

function execute(heap: HeapServices, tx: TransactionState, buffer: Buffer, plan: Plan, cutoff: number): PageFreezing {
  const { freezings, isAllFrozen, oldestAfter } = plan
  const result = { isAllFrozen, frozenTuples: freezings.length, oldestXid: oldestAfter }
  if (freezings.length === 0) return result
  const { page } = buffer
  for (const freezing of freezings) freezeTuple(tupleAt(buffer, freezing.offset)!, freezing)
  heap.buffers.markDirty(buffer)
  const record = heap.wal.begin(resourceManagers.heap2, heap2Info.freezePage, 0)
  record.data.u32(previousXid(cutoff))
  record.data.u16(freezings.length)
  const data = record.block(0, buffer, registerFlag.standard)
  for (const { xmax, offset, mask, mask2 } of freezings) {
    data.u32(xmax)
    data.u16(offset)
    data.u16(mask2)
    data.u16(mask)
    data.u8(0)
    data.u8(0)
  }
  page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(page.lsn)
  return result
}
