// What a vacuum of one table knows while it works: mirrors LVRelState.

import type { BTree, IndexVacuumResult } from '../access/btree.ts'
import type { HeapServices } from '../access/heap-services.ts'
import type { Relation } from '../access/relation.ts'
import type { Tid } from '../access/tid.ts'
import type { Coroutine } from '../kernel/task.ts'
import { VacuumProgress } from '../shared/vacuum-progress.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferRing } from '../storage/buffer-ring.ts'
import { earlier } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import type { Cutoffs } from './cutoffs.ts'

export interface VacuumRequest {
  readonly cutoffs: Cutoffs
  /** TRUNCATE: gives empty pages at the end back. */
  readonly truncates: boolean
  /** INDEX_CLEANUP: auto leaves the indexes alone if hardly anything is dead. */
  readonly indexCleanup: 'auto' | 'on' | 'off'
  /** DISABLE_PAGE_SKIPPING. */
  readonly skipsNoPage: boolean
  /** For the places of dead lines, in bytes. */
  readonly memory: number
  /** What the catalog says the table has; -1 tuples: nobody has counted. */
  readonly known: { readonly pages: number; readonly tuples: number }
  /** Stands where a page is done. */
  readonly delayPoint: () => Coroutine
}

export class VacuumState {
  readonly heap: HeapServices
  readonly btree: BTree
  readonly tx: TransactionState
  readonly relation: Relation
  readonly request: VacuumRequest
  readonly ring: BufferRing | undefined
  readonly progress: VacuumProgress
  /** Pages when it began. */
  readonly blocks: number
  /** Dead lines that were found and not freed yet. */
  readonly dead = new Set<Tid>()
  /** So many of them fit in memory. */
  readonly maxDead: number
  scannedPages = 0
  removedPages = 0
  removedTuples = 0
  liveTuples = 0
  recentlyDead = 0
  /** Dead rows on pages that somebody else had pinned. */
  missedDead = 0
  missedDeadPages = 0
  deadLines = 0
  deadLinePages = 0
  frozenPages = 0
  frozenTuples = 0
  /** What was newly set in the visibility map. */
  readonly map = { visible: 0, frozen: 0, visibleBefore: 0 }
  /** One more than the last page that has rows. */
  nonEmpty = 0
  indexScans = 0
  vacuumsIndexes: boolean
  considersBypass: boolean
  /** In the order of the indexes; undefined for those that were left alone. */
  readonly indexResults: (IndexVacuumResult | undefined)[] = []
  /** Nothing older is left on the pages that were scanned. */
  newFrozenXid: number
  /** A page was skipped that may have older ones. */
  skippedVisible = false
  private mapPage: Buffer | undefined

  constructor(heap: HeapServices, btree: BTree, tx: TransactionState, relation: Relation, request: VacuumRequest) {
    this.heap = heap
    this.btree = btree
    this.tx = tx
    this.relation = relation
    this.request = request
    this.ring = heap.buffers.ring('vacuum')
    this.blocks = heap.blockCount(relation)
    this.vacuumsIndexes = request.indexCleanup !== 'off'
    this.considersBypass = request.indexCleanup === 'auto'
    this.newFrozenXid = request.cutoffs.oldestXmin
    this.progress = new VacuumProgress(relation.id, `${relation.isCatalog ? 'pg_catalog' : 'public'}.${relation.name}`)
    this.maxDead = maxDeadItems(heap, this.blocks, this.hasIndexes, request.memory)
    this.progress.heapBlocks = this.blocks
    this.progress.maxDeadTuples = this.maxDead
    this.progress.indexes = relation.indexes.length
  }

  get hasIndexes(): boolean {
    return this.relation.indexes.length > 0
  }

  /** The page of the visibility map for a block: it stays pinned until another is needed. */
  *pinMap(block: number): Coroutine<Buffer> {
    const { heap, tx, relation } = this
    if (this.mapPage && heap.visibilityMap.covers(this.mapPage, block)) return this.mapPage
    this.unpinMap()
    this.mapPage = yield* heap.visibilityMap.pin(tx.me, relation.locator, block)
    return this.mapPage
  }

  unpinMap(): void {
    if (this.mapPage) this.heap.buffers.unpin(this.mapPage)
    this.mapPage = undefined
  }

  bears(xid: number): void {
    if (xid !== 0) this.newFrozenXid = earlier(this.newFrozenXid, xid)
  }
}

/** A page has no more of them than this. */
export const maxDeadPerPage = 291
/** Of a tuple's place. */
const itemSize = 6

/** From 17 on they are kept so densely that memory for them does not run out here. */
function maxDeadItems(heap: HeapServices, blocks: number, hasIndexes: boolean, memory: number): number {
  if (!hasIndexes) return maxDeadPerPage
  if (heap.environment.version >= 17) return Number.MAX_SAFE_INTEGER
  return Math.max(maxDeadPerPage, Math.min(Math.floor(memory / itemSize), blocks * maxDeadPerPage))
}
