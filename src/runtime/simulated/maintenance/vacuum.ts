// Vacuum of one table: dead rows leave the heap and its indexes, old ones are frozen, maps are brought up to date, empty
// pages at the end are given back. Mirrors vacuumlazy.c. What it found is for the caller, who keeps the statistics.

import type { BTree } from '../access/btree.ts'
import { heapFreeSpace } from '../access/free-page.ts'
import { freezePage } from '../access/freeze-page.ts'
import { heap2Info } from '../access/heap-records.ts'
import { cost, type HeapServices, tupleAt } from '../access/heap-services.ts'
import { setAllVisible } from '../access/page-visibility.ts'
import { prunePage, truncateLines } from '../access/prune.ts'
import type { Relation } from '../access/relation.ts'
import { makeTid, type Tid, tidBlock, tidOffset } from '../access/tid.ts'
import type { Coroutine } from '../kernel/task.ts'
import { AccessExclusiveLock } from '../locks/lock-mode.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferRing } from '../storage/buffer-ring.ts'
import { lineState } from '../storage/page.ts'
import { visibility } from '../storage/visibility-map.ts'
import { isNormal, precedes } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'

/** Fewer all-visible pages in a row than this are not worth skipping. */
const skipThreshold = 32
/** Indexes are left alone while dead rows are on no more than this share of the pages. */
const bypassThreshold = 0.02

export interface VacuumOptions {
  /** Every row that can be frozen is, and no page is skipped. */
  readonly freeze: boolean
  /** TRUNCATE: gives empty pages at the end back. */
  readonly truncate: boolean
  /** INDEX_CLEANUP: auto leaves the indexes alone if hardly anything is dead. */
  readonly indexCleanup: 'auto' | 'on' | 'off'
}

export interface VacuumResult {
  /** Pages before, and after. */
  readonly pagesBefore: number
  readonly pages: number
  readonly scannedPages: number
  readonly removedTuples: number
  /** On the pages that were scanned. */
  readonly remainingTuples: number
  /** Of them dead, and still to be seen by somebody. */
  readonly recentlyDead: number
  readonly indexScans: number
  /** Rows deleted before it were removable. */
  readonly removableCutoff: number
  /** By index, in the order of the relation's. */
  readonly indexes: readonly { readonly removed: number; readonly remaining: number; readonly pages: number }[]
}

export function* vacuumTable(
  heap: HeapServices,
  btree: BTree,
  tx: TransactionState,
  relation: Relation,
  options: VacuumOptions,
): Coroutine<VacuumResult> {
  tx.proc.inVacuum = true
  const result = yield* new Vacuum(heap, btree, tx, relation, options).run()
  const { trace } = heap.environment
  if (trace.wants('vacuum.finished')) {
    const { removedTuples: removed, remainingTuples: remaining, pages } = result
    trace.emit('vacuum.finished', tx.me.place, { relation: relation.name, removed, remaining, pages }, tx.me.cause)
  }
  return result
}

class Vacuum {
  private readonly heap: HeapServices
  private readonly btree: BTree
  private readonly tx: TransactionState
  private readonly relation: Relation
  private readonly options: VacuumOptions
  private readonly ring: BufferRing | undefined
  private readonly cutoff: number
  private readonly freezeLimit: number
  private readonly blocks: number
  private readonly dead = new Set<Tid>()
  private deadPages = 0
  private scanned = 0
  private removed = 0
  private remaining = 0
  private recentlyDead = 0
  /** One more than the last page that has rows. */
  private nonEmpty = 0
  private indexScans = 0
  private indexResults: { removed: number; remaining: number; pages: number }[] = []

  constructor(heap: HeapServices, btree: BTree, tx: TransactionState, relation: Relation, options: VacuumOptions) {
    this.heap = heap
    this.btree = btree
    this.tx = tx
    this.relation = relation
    this.options = options
    this.ring = heap.buffers.ring('vacuum')
    this.cutoff = heap.transactions.oldestNonRemovable(relation.database)
    const age = options.freeze ? 0 : tx.proc.settings.get('vacuum_freeze_min_age')
    const limit = this.cutoff - age
    this.freezeLimit = isNormal(limit) ? limit : 3
    this.blocks = heap.blockCount(relation)
  }

  *run(): Coroutine<VacuumResult> {
    const { heap, relation, tx } = this
    yield* this.scanHeap()
    if (this.dead.size > 0 && relation.indexes.length > 0 && !this.bypassesIndexes()) {
      yield* this.vacuumIndexes()
      yield* this.vacuumHeap()
    }
    if (this.options.truncate) yield* this.truncate()
    yield* heap.freeSpaceMap.vacuum(tx.me, relation.locator)
    return {
      pagesBefore: this.blocks,
      pages: heap.blockCount(relation),
      scannedPages: this.scanned,
      removedTuples: this.removed,
      remainingTuples: this.remaining,
      recentlyDead: this.recentlyDead,
      indexScans: this.indexScans,
      removableCutoff: this.cutoff,
      indexes: this.indexResults,
    }
  }

  private bypassesIndexes(): boolean {
    if (this.options.indexCleanup !== 'auto') return this.options.indexCleanup === 'off'
    return this.deadPages < this.blocks * bypassThreshold
  }

  // First pass

  private *scanHeap(): Coroutine {
    const { heap, tx, relation } = this
    let skipUntil = 0
    for (let block = 0; block < this.blocks; block++) {
      if (block < skipUntil) continue
      if (!this.options.freeze && block % skipThreshold === 0) {
        skipUntil = yield* this.endOfVisible(block)
        if (skipUntil > block) {
          this.nonEmpty = skipUntil
          continue
        }
      }
      const map = yield* heap.visibilityMap.pin(tx.me, relation.locator, block)
      const buffer = yield* heap.pin(tx.me, relation, block, this.ring)
      const room = this.scanPage(buffer, map)
      heap.buffers.unpin(buffer)
      heap.buffers.unpin(map)
      if (room !== undefined) yield* heap.freeSpaceMap.record(tx.me, relation.locator, block, room)
      tx.me.charge(2 * cost.page)
      yield* tx.me.pause()
    }
  }

  /** Where a stretch of all-visible pages, long enough to be skipped, ends; the last page is always looked at. */
  private *endOfVisible(from: number): Coroutine<number> {
    let block = from
    while (block < this.blocks - 1) {
      const status = yield* this.heap.visibilityMap.statusOf(this.tx.me, this.relation.locator, block)
      if ((status & visibility.allVisible) === 0) break
      block++
    }
    return block - from >= skipThreshold ? block : from
  }

  /** lazy_scan_prune; the room that is left, or undefined if the second pass will come by. */
  private scanPage(buffer: Buffer, map: Buffer): number | undefined {
    const { heap, tx, relation } = this
    const { page } = buffer
    this.scanned++
    if (page.isNew || page.lineCount === 0) {
      if (page.isNew) {
        page.initialize()
        heap.buffers.markDirty(buffer)
      }
      return heapFreeSpace(page)
    }
    this.removed += prunePage(heap, tx, relation, buffer, this.cutoff).removed
    const freezing = freezePage(heap, tx, buffer, this.freezeLimit)
    let isAllVisible = true
    const deadHere: number[] = []
    for (let offset = 1; offset <= page.lineCount; offset++) {
      const state = page.itemState(offset)
      if (state === lineState.dead) deadHere.push(offset)
      else if (state === lineState.redirect) this.nonEmpty = buffer.block + 1
      else if (state === lineState.normal) {
        this.nonEmpty = buffer.block + 1
        isAllVisible = this.count(buffer, offset) && isAllVisible
      }
    }
    const hasIndexes = relation.indexes.length > 0
    if (deadHere.length > 0 && !hasIndexes) this.removeLines(buffer, deadHere)
    const keepsDead = deadHere.length > 0 && hasIndexes
    if (keepsDead) {
      this.deadPages++
      for (const offset of deadHere) this.dead.add(makeTid(buffer.block, offset))
    } else if (isAllVisible) setAllVisible(heap, tx, buffer, map, freezing.isAllFrozen)
    return keepsDead ? undefined : heapFreeSpace(page)
  }

  /** Counts a row; whether everybody sees it. */
  private count(buffer: Buffer, offset: number): boolean {
    const { heap, tx } = this
    const tuple = tupleAt(buffer, offset)!
    const status = heap.visibility.forVacuum(tx, tuple, buffer)
    if (status !== 'insert in progress') this.remaining++
    if (status === 'recently dead') this.recentlyDead++
    return status === 'live' && (tuple.isXminFrozen || precedes(tuple.xmin, this.cutoff))
  }

  // Second pass

  private *vacuumIndexes(): Coroutine {
    const { tx } = this
    this.indexResults = []
    for (const index of this.relation.indexes) {
      this.indexResults.push(yield* this.btree.bulkDelete(tx.me, index, tid => this.dead.has(tid)))
    }
    this.indexScans++
  }

  private *vacuumHeap(): Coroutine {
    const { heap, tx, relation } = this
    let offsets: number[] = []
    const tids = [...this.dead]
    for (let i = 0; i < tids.length; i++) {
      const block = tidBlock(tids[i])
      offsets.push(tidOffset(tids[i]))
      if (i + 1 < tids.length && tidBlock(tids[i + 1]) === block) continue
      const map = yield* heap.visibilityMap.pin(tx.me, relation.locator, block)
      const buffer = yield* heap.pin(tx.me, relation, block, this.ring)
      this.removeLines(buffer, offsets)
      const all = this.everybodySees(buffer)
      if (all.visible) setAllVisible(heap, tx, buffer, map, all.frozen)
      const room = heapFreeSpace(buffer.page)
      heap.buffers.unpin(buffer)
      heap.buffers.unpin(map)
      yield* heap.freeSpaceMap.record(tx.me, relation.locator, block, room)
      yield* tx.me.pause()
      offsets = []
    }
  }

  private removeLines(buffer: Buffer, offsets: readonly number[]): void {
    const { heap, tx } = this
    const { page } = buffer
    for (const offset of offsets) page.setLine(offset, 0, lineState.unused, 0)
    truncateLines(page)
    heap.buffers.markDirty(buffer)
    const record = heap.wal.begin(resourceManagers.heap2, heap2Info.vacuum, 0)
    record.data.u16(offsets.length)
    const data = record.block(0, buffer, registerFlag.standard)
    for (const offset of offsets) data.u16(offset)
    page.lsn = heap.wal.insert(tx.me, record)
    tx.wrote(page.lsn)
  }

  private everybodySees(buffer: Buffer): { readonly visible: boolean; readonly frozen: boolean } {
    const { heap, tx } = this
    let frozen = true
    for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
      const state = buffer.page.itemState(offset)
      if (state === lineState.dead) return { visible: false, frozen: false }
      const tuple = tupleAt(buffer, offset)
      if (!tuple) continue
      const seen = tuple.isXminFrozen || precedes(tuple.xmin, this.cutoff)
      if (heap.visibility.forVacuum(tx, tuple, buffer) !== 'live' || !seen) return { visible: false, frozen: false }
      frozen &&= tuple.isXminFrozen
    }
    return { visible: true, frozen }
  }

  /** Empty pages at the end are given back, if they are many and nobody uses the table. */
  private *truncate(): Coroutine {
    const { heap, tx, relation } = this
    const free = this.blocks - this.nonEmpty
    if (free === 0 || (free < 1000 && free < this.blocks / 16)) return
    if (!heap.locks.tryAcquire(tx.proc, relation.lockTag, AccessExclusiveLock)) return
    if (heap.blockCount(relation) === this.blocks) {
      const kept = yield* this.lastUsed()
      if (kept < this.blocks) yield* heap.storage.truncate(tx.me, relation.locator, kept, tx.xidIfAny())
    }
    heap.locks.release(tx.proc, relation.lockTag, AccessExclusiveLock)
  }

  /** Counts from the end: rows may have come since they were looked at. */
  private *lastUsed(): Coroutine<number> {
    const { heap, tx, relation } = this
    for (let block = this.blocks - 1; block >= this.nonEmpty; block--) {
      const buffer = yield* heap.pin(tx.me, relation, block, this.ring)
      const { page } = buffer
      let used = false
      for (let offset = 1; offset <= page.lineCount && !used; offset++)
        used = page.itemState(offset) !== lineState.unused
      heap.buffers.unpin(buffer)
      if (used) return block + 1
    }
    return this.nonEmpty
  }
}
