// Vacuum of a btree, page after page as they stand in the file: entries of rows that are going leave, leaves that have
// become empty leave the tree, and deleted pages that nobody can be on the way to are given out again. Mirrors
// btbulkdelete, btvacuumcleanup, btvacuumscan and btvacuumpage of nbtree.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferRing } from '../storage/buffer-ring.ts'
import { lockForCleanup } from '../storage/cleanup-lock.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { vacuumLeaf } from './btree-delete.ts'
import { isRecyclable, mayRecycle, recordFree } from './btree-free-pages.ts'
import {
  btreeFlag,
  cycleOf,
  firstDataLine,
  flagsOf,
  hasEqualImage,
  initializeMeta,
  isDeleted,
  isEmpty,
  isHalfDead,
  isLeaf,
  isRightmost,
  metaBlock,
  noBlock,
  readMeta,
  rightOf,
  setCycle,
} from './btree-page.ts'
import type { BTreePageDelete } from './btree-page-delete.ts'
import { appendMeta, btreeInfo } from './btree-records.ts'
import type { Changer } from './btree-split.ts'
import type { HeapServices } from './heap-services.ts'
import type { Index } from './relation.ts'
import type { Tid } from './tid.ts'

/** Of one vacuum; what is counted of the whole index begins anew with every pass. Mirrors IndexBulkDeleteResult. */
export interface IndexVacuumResult {
  /** All pages, and entries that are left. */
  pages: number
  tuples: number
  /** `tuples` was not counted by a pass that looked for dead ones. */
  isEstimated: boolean
  /** Entries that went in this vacuum. */
  removed: number
  /** Pages that this vacuum deleted; all that are deleted; those of them that may be used again. */
  newlyDeleted: number
  deleted: number
  free: number
}

/** One vacuum of one index. `delayPoint` stands before every page. */
export interface IndexVacuum {
  readonly me: Process
  readonly index: Index
  readonly delayPoint: () => Coroutine
}

const nothingYet: IndexVacuumResult = {
  pages: 0,
  tuples: 0,
  isEstimated: false,
  removed: 0,
  newlyDeleted: 0,
  deleted: 0,
  free: 0,
}

/** Removes the entries of rows that are going. */
export function* bulkDelete(
  heap: HeapServices,
  deleting: BTreePageDelete,
  vacuum: IndexVacuum,
  before: IndexVacuumResult | undefined,
  isGone: (tid: Tid) => boolean,
): Coroutine<IndexVacuumResult> {
  const { vacuumCycles } = heap
  const cycle = vacuumCycles.begin(vacuum.index.id)
  try {
    return yield* new Pass(heap, deleting, vacuum, before ?? nothingYet, { isGone, cycle }).run()
  } finally {
    vacuumCycles.end(vacuum.index.id)
  }
}

/** The end of a vacuum: if no entry had to go, gives out deleted pages, where they are many; undefined if nothing was done. */
export function* vacuumCleanup(
  heap: HeapServices,
  deleting: BTreePageDelete,
  vacuum: IndexVacuum,
  before: IndexVacuumResult | undefined,
): Coroutine<IndexVacuumResult | undefined> {
  const { me, index } = vacuum
  const meta = yield* heap.pin(me, index, metaBlock)
  const { deletedPages } = readMeta(meta.page)
  heap.buffers.unpin(meta)
  const isWorthIt = deletedPages > 0 && deletedPages > Math.floor(heap.blockCount(index) / 20)
  if (!before && !isWorthIt) return undefined
  const result = before ?? { ...(yield* new Pass(heap, deleting, vacuum, nothingYet).run()), isEstimated: true }
  yield* noteDeleted(heap, me, index, result.deleted - result.free)
  return result
}

/** _bt_set_cleanup_info: how many pages the next vacuum may find to give out. */
function* noteDeleted(heap: HeapServices, me: Process, index: Index, deletedPages: number): Coroutine {
  const buffer = yield* heap.pin(me, index, metaBlock)
  const { page } = buffer
  const before = readMeta(page)
  if (before.deletedPages !== deletedPages) {
    const meta = { ...before, deletedPages }
    const equalImage = hasEqualImage(page)
    initializeMeta(page, meta, equalImage)
    heap.buffers.markDirty(buffer)
    const record = heap.wal.begin(resourceManagers.btree, btreeInfo.metaCleanup, 0)
    appendMeta(record.block(0, buffer, registerFlag.willInit | registerFlag.standard), meta, equalImage)
    page.lsn = heap.wal.insert(me, record)
  }
  heap.buffers.unpin(buffer)
}

/** Once through the index. */
class Pass {
  private readonly heap: HeapServices
  private readonly deleting: BTreePageDelete
  private readonly vacuum: IndexVacuum
  private readonly changer: Changer
  private readonly result: IndexVacuumResult
  private readonly search: { readonly isGone: (tid: Tid) => boolean; readonly cycle: number } | undefined
  private readonly ring: BufferRing | undefined
  /** Deleted in this pass, in the order of their xids. */
  private readonly pending: { readonly block: number; readonly xid: number }[] = []

  /** Without `search` it only looks for pages. */
  constructor(
    heap: HeapServices,
    deleting: BTreePageDelete,
    vacuum: IndexVacuum,
    before: IndexVacuumResult,
    search?: { isGone: (tid: Tid) => boolean; cycle: number },
  ) {
    this.heap = heap
    this.deleting = deleting
    this.vacuum = vacuum
    this.search = search
    this.ring = heap.buffers.ring('vacuum')
    this.result = { ...before, tuples: 0, deleted: 0, free: 0 }
    this.changer = { me: vacuum.me, xid: 0, wrote: () => {} }
  }

  *run(): Coroutine<IndexVacuumResult> {
    const { heap, result } = this
    const { me, index } = this.vacuum
    // The index may grow meanwhile, by pages that are split.
    for (let block = 1; block < heap.blockCount(index); block++) {
      for (let at = block; at !== noBlock; ) at = yield* this.page(at, block)
    }
    result.pages = heap.blockCount(index)
    for (const { block, xid } of this.pending) {
      if (!mayRecycle(heap, xid)) break
      yield* recordFree(heap, me, index, block)
      result.free++
    }
    if (result.free > 0) yield* heap.freeSpaceMap.vacuum(me, index.locator)
    return result
  }

  /** Gives the page behind it to which a split moved entries that have not been looked at; 0: none. */
  private *page(block: number, scanned: number): Coroutine<number> {
    const { heap, result } = this
    const { me, index, delayPoint } = this.vacuum
    yield* delayPoint()
    const buffer = yield* heap.pin(me, index, block, this.ring)
    const { page } = buffer
    const isBehind = block !== scanned
    let moved: number = noBlock
    if (isBehind && (page.isNew || isDeleted(page) || cycleOf(page) !== this.search?.cycle)) {
      // It was looked at when its turn came.
    } else if (isRecyclable(heap, page)) {
      heap.buffers.unpin(buffer)
      yield* recordFree(heap, me, index, block)
      result.deleted++
      result.free++
      return noBlock
    } else if (isDeleted(page)) result.deleted++
    else if (isHalfDead(page)) return yield* this.delete(buffer)
    else if (isLeaf(page)) {
      // _bt_upgradelockbufcleanup: a scan that stands there must not find its place gone.
      yield* lockForCleanup(me, buffer)
      moved = this.movedTo(buffer, scanned)
      this.cleanLeaf(buffer)
      if (isEmpty(page) && !isBehind) yield* this.delete(buffer)
      else {
        result.tuples += page.lineCount - firstDataLine(page) + 1
        heap.buffers.unpin(buffer)
      }
      return moved
    }
    heap.buffers.unpin(buffer)
    return moved
  }

  private movedTo({ page }: Buffer, scanned: number): number {
    if (!this.search || cycleOf(page) !== this.search.cycle) return noBlock
    const goesOn = (flagsOf(page) & btreeFlag.splitEnd) === 0 && !isRightmost(page)
    return goesOn && rightOf(page) < scanned ? rightOf(page) : noBlock
  }

  private cleanLeaf(leaf: Buffer): void {
    const { heap, search } = this
    if (!search) return
    const removed = vacuumLeaf(heap, this.vacuum.me, leaf, search.isGone)
    this.result.removed += removed
    if (cycleOf(leaf.page) !== search.cycle) return
    setCycle(leaf.page, 0)
    if (removed === 0) heap.buffers.markDirtyHint(this.vacuum.me, leaf)
  }

  /** Pages that stand behind are counted here; the others when their turn comes. Unpins the leaf. */
  private *delete(leaf: Buffer): Coroutine<number> {
    const scanned = leaf.block
    yield* this.deleting.delete(this.changer, this.vacuum.index, leaf, (block, xid) => {
      this.result.newlyDeleted++
      if (block <= scanned) this.result.deleted++
      if (this.search) this.pending.push({ block, xid })
    })
    return noBlock
  }
}
