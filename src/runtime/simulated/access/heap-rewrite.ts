// Writes all rows of a table anew into an empty one, packed: those that anybody may still see, with their transactions, the
// old ones frozen. Mirrors heapam_relation_copy_for_cluster without an order, and rewriteheap.c. Here a row finds its next
// version at the end, when all have their places.

import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import { Page } from '../storage/page.ts'
import { precedes } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { heapFreeSpace, reservedSpace } from './free-page.ts'
import { freezeTuple, prepareFreeze } from './freeze.ts'
import { cost, type HeapServices, tupleAt } from './heap-services.ts'
import { AttributeCountMask, HeapTuple, isXmaxLockedOnly, XmaxInvalid } from './heap-tuple.ts'
import { writeNewPage } from './new-pages.ts'
import type { Relation } from './relation.ts'
import { makeTid, type Tid } from './tid.ts'

export interface RewriteCutoffs {
  /** Rows that were deleted before it are left behind. */
  readonly oldestXmin: number
  readonly freezeLimit: number
}

/** Gives what the new table has. */
export function* rewriteHeap(
  heap: HeapServices,
  tx: TransactionState,
  from: Relation,
  to: Relation,
  cutoffs: RewriteCutoffs,
): Coroutine<{ readonly pages: number; readonly tuples: number }> {
  const target = new RewriteTarget(to)
  const ring = heap.buffers.ring('bulk read')
  const blocks = heap.blockCount(from)
  for (let block = 0; block < blocks; block++) {
    const buffer = yield* heap.pin(tx.me, from, block, ring)
    for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
      const tuple = tupleAt(buffer, offset)
      if (tuple && isKept(heap, tx, tuple, buffer, cutoffs.oldestXmin)) target.add(tuple, heap, cutoffs)
    }
    tx.me.charge(cost.page + buffer.page.lineCount * cost.tuple)
    heap.buffers.unpin(buffer)
    yield* tx.me.pause()
  }
  const pages = target.finish()
  const writing = heap.buffers.ring('bulk write')
  for (const [block, page] of pages.entries()) yield* writeNewPage(heap, tx, to, page, block, writing)
  return { pages: pages.length, tuples: target.tuples }
}

function isKept(
  { visibility }: HeapServices,
  tx: TransactionState,
  tuple: HeapTuple,
  buffer: Buffer,
  oldestXmin: number,
): boolean {
  const status = visibility.forVacuum(tx, tuple, buffer)
  return status !== 'dead' && !(status === 'recently dead' && precedes(visibility.deadAfter, oldestXmin))
}

class RewriteTarget {
  tuples = 0
  private readonly pages: Page[] = []
  private readonly reserved: number
  /** New places by old ones. */
  private readonly places = new Map<Tid, Tid>()
  private readonly updated: { readonly tuple: HeapTuple; readonly next: Tid }[] = []

  constructor(to: Relation) {
    this.reserved = reservedSpace(to)
  }

  add(old: HeapTuple, { transactions }: HeapServices, { freezeLimit }: RewriteCutoffs): void {
    const tuple = old.copy()
    // No line points to another one any more: each version has index entries of its own.
    tuple.mask2 &= AttributeCountMask
    const { freezing } = prepareFreeze(transactions, tuple, freezeLimit)
    if (freezing) freezeTuple(tuple, freezing)
    const placed = this.place(tuple)
    this.places.set(old.tid, placed.tid)
    const isUpdated = (tuple.mask & XmaxInvalid) === 0 && !isXmaxLockedOnly(tuple.mask) && old.next !== old.tid
    if (isUpdated) this.updated.push({ tuple: placed, next: old.next })
    this.tuples++
  }

  private place(tuple: HeapTuple): HeapTuple {
    let page = this.pages.at(-1)
    if (!page || heapFreeSpace(page) < tuple.length + this.reserved) {
      page = new Page()
      page.initialize()
      this.pages.push(page)
    }
    const offset = page.addItem(tuple.length)
    const placed = new HeapTuple(page, page.itemOffset(offset), tuple.length, makeTid(this.pages.length - 1, offset))
    placed.content.set(tuple.content)
    placed.next = placed.tid
    return placed
  }

  /** The pages, in order. */
  finish(): readonly Page[] {
    for (const { tuple, next } of this.updated) tuple.next = this.places.get(next) ?? tuple.tid
    return this.pages
  }
}
