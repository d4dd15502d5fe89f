// Freezing the tuples of a page that are old enough, with one record. Mirrors lazy_scan_prune's freezing and
// log_heap_freeze. Until 15 a tuple is frozen by its own age; from 16 on a page is frozen whole, once one tuple must be,
// or when it costs little.

import type { Buffer } from '../storage/buffer.ts'
import { earlier, precedes, previousXid } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { type FreezePlan, logCleaning } from './cleaning-record.ts'
import { type Freezing, freezeTuple, prepareFreeze } from './freeze.ts'
import { type HeapServices, tupleAt } from './heap-services.ts'
import { newestXmin } from './page-visibility.ts'
import type { Relation } from './relation.ts'

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

/** `isVisible`: everybody sees all rows; `isImaged`: the page goes into the WAL whole in any case, so freezing is cheap. */
export function freezePage(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  buffer: Buffer,
  cutoffs: FreezeCutoffs,
  { isVisible, isImaged }: { readonly isVisible: boolean; readonly isImaged: boolean },
): PageFreezing {
  if (heap.environment.version < 16) {
    const old = plan(heap, tx, buffer, cutoffs.limit)
    return execute(heap, tx, relation, buffer, old, previousXid(cutoffs.limit))
  }
  const whole = plan(heap, tx, buffer, cutoffs.oldestXmin)
  const isNeeded = whole.oldestBefore !== 0 && precedes(whole.oldestBefore, cutoffs.limit)
  if (whole.freezings.length === 0 || isNeeded || (isVisible && isImaged && whole.isAllFrozen)) {
    const horizon = isVisible && whole.isAllFrozen ? newestXmin(buffer) : previousXid(cutoffs.oldestXmin)
    return execute(heap, tx, relation, buffer, whole, horizon)
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

function execute(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  buffer: Buffer,
  plan: Plan,
  horizon: number,
): PageFreezing {
  const { freezings, isAllFrozen, oldestAfter } = plan
  const result = { isAllFrozen, frozenTuples: freezings.length, oldestXid: oldestAfter }
  if (freezings.length === 0) return result
  for (const freezing of freezings) freezeTuple(tupleAt(buffer, freezing.offset)!, freezing)
  heap.buffers.markDirty(buffer)
  const { isCatalog } = relation
  const cleaning = { horizon, isCatalog, plans: plansOf(freezings, heap.environment.version) }
  tx.wrote(logCleaning(heap, tx.me, buffer, 'vacuum scan', cleaning))
  return result
}

/** heap_log_freeze_plan: since 16 tuples that are frozen alike have one plan. */
function plansOf(freezings: readonly Freezing[], version: number): FreezePlan[] {
  if (version < 16) return freezings.map(freezing => ({ ...freezing, offsets: [freezing.offset] }))
  const plans = new Map<string, FreezePlan & { readonly offsets: number[] }>()
  for (const { xmax, mask, mask2, offset } of freezings) {
    const key = `${xmax} ${mask2} ${mask}`
    const plan = plans.get(key)
    if (plan) plan.offsets.push(offset)
    else plans.set(key, { xmax, mask, mask2, offsets: [offset] })
  }
  return [...plans.values()].sort((a, b) => a.xmax - b.xmax || a.mask2 - b.mask2 || a.mask - b.mask)
}
