// Vacuum of one table: dead rows leave the heap and its indexes, old ones are frozen, maps are brought up to date, empty
// pages at the end are given back. Mirrors lazy_scan_heap and lazy_scan_skip of vacuumlazy.c. Transactions, locks, the
// catalog and the log are vacuum-relation.ts's.

import type { BTree } from '../access/btree.ts'
import { cost, type HeapServices } from '../access/heap-services.ts'
import type { Relation } from '../access/relation.ts'
import type { Coroutine } from '../kernel/task.ts'
import { lockForCleanup } from '../storage/cleanup-lock.ts'
import { visibility } from '../storage/visibility-map.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { mustFreeze, passPage } from './page-pass.ts'
import { cleanupIndexes, vacuumDead } from './second-pass.ts'
import { truncate } from './truncation.ts'
import { maxDeadPerPage, type VacuumRequest, VacuumState } from './vacuum-state.ts'

/** Fewer all-visible pages in a row than this are not worth skipping. */
const skipThreshold = 32

export interface VacuumResult {
  readonly state: VacuumState
  /** Pages that are left. */
  readonly pages: number
  /** Rows that are left, as far as can be told from the pages that were scanned; and with those that are dead to be. */
  readonly liveTuples: number
  readonly remainingTuples: number
  readonly allVisible: number
  /** 0: pages were skipped, it is not known. */
  readonly frozenXid: number
}

/** `tell`: of a verbose vacuum. */
export function* vacuumTable(
  heap: HeapServices,
  btree: BTree,
  tx: TransactionState,
  relation: Relation,
  request: VacuumRequest,
  tell?: (message: string) => void,
): Coroutine<VacuumResult> {
  tx.proc.inVacuum = true
  const state = new VacuumState(heap, btree, tx, relation, request)
  const { trace } = heap.environment
  if (trace.wants('vacuum.started')) {
    trace.emit('vacuum.started', tx.me.place, { relation: relation.name }, tx.me.cause)
  }
  tx.proc.vacuumProgress = state.progress
  let liveTuples: number
  try {
    yield* scanHeap(state)
    liveTuples = estimateTuples(state)
    if (state.dead.size > 0) yield* vacuumDead(state)
  } finally {
    state.unpinMap()
  }
  yield* heap.freeSpaceMap.vacuum(tx.me, relation.locator)
  state.progress.vacuumedBlocks = state.blocks
  yield* cleanupIndexes(state, liveTuples)
  yield* truncate(state, tell)
  state.progress.phase = 'performing final cleanup'
  const pages = state.blocks - state.removedPages
  const { allVisible } = yield* heap.visibilityMap.count(tx.me, relation.locator)
  const remainingTuples = Math.max(liveTuples, 0) + state.recentlyDead + state.missedDead
  if (trace.wants('vacuum.finished')) {
    const told = { relation: relation.name, removed: state.removedTuples, remaining: remainingTuples, pages }
    trace.emit('vacuum.finished', tx.me.place, told, tx.me.cause)
  }
  return {
    state,
    pages,
    liveTuples,
    remainingTuples,
    allVisible: Math.min(allVisible, pages),
    frozenXid: state.skippedVisible ? 0 : state.newFrozenXid,
  }
}

function* scanHeap(state: VacuumState): Coroutine {
  const { heap, tx, relation, progress, request } = state
  progress.phase = 'scanning heap'
  let unskippable = -1
  let skips = false
  for (let block = 0; block < state.blocks; block++) {
    if (block > unskippable) ({ unskippable, skips } = yield* nextUnskippable(state, block))
    if (skips && block < unskippable) continue
    progress.block = block
    progress.scannedBlocks = block
    yield* request.delayPoint()
    if (state.hasIndexes && state.maxDead - state.dead.size < maxDeadPerPage) {
      state.considersBypass = false
      yield* vacuumDead(state)
      progress.phase = 'scanning heap'
      progress.block = block
    }
    const map = yield* state.pinMap(block)
    const buffer = yield* heap.pin(tx.me, relation, block, state.ring)
    if (buffer.pins > 1 && mustFreeze(state, buffer)) yield* lockForCleanup(tx.me, buffer)
    const room = passPage(state, buffer, map)
    tx.me.charge(2 * cost.page + buffer.page.lineCount * cost.tuple)
    heap.buffers.unpin(buffer)
    if (room !== undefined) yield* heap.freeSpaceMap.record(tx.me, relation.locator, block, room)
  }
  progress.block = -1
  progress.scannedBlocks = state.blocks
}

/** The next page that must be scanned, the last one at the latest; and whether those before it are worth skipping. */
function* nextUnskippable(state: VacuumState, from: number): Coroutine<{ unskippable: number; skips: boolean }> {
  const { heap, request } = state
  let block = from
  let skipsVisible = false
  while (block < state.blocks - 1 && !request.skipsNoPage) {
    const status = heap.visibilityMap.status(yield* state.pinMap(block), block)
    if ((status & visibility.allVisible) === 0) break
    if ((status & visibility.allFrozen) === 0) {
      if (request.cutoffs.isAggressive) break
      skipsVisible = true
    }
    block++
  }
  const skips = block - from >= skipThreshold
  if (skips && skipsVisible) state.skippedVisible = true
  return { unskippable: block, skips }
}

/** vac_estimate_reltuples: pages that were skipped have as many rows as the catalog says they had. */
function estimateTuples({ blocks, scannedPages, liveTuples, request }: VacuumState): number {
  const { pages, tuples } = request.known
  if (scannedPages >= blocks) return liveTuples
  if (pages === blocks && scannedPages < blocks * 0.02) return tuples
  if (scannedPages <= 1) return tuples
  if (tuples < 0 || pages === 0) return Math.floor((liveTuples / scannedPages) * blocks + 0.5)
  return Math.floor((tuples / pages) * (blocks - scannedPages) + liveTuples + 0.5)
}
