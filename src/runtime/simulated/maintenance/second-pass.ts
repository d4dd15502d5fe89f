// The indexes lose their entries for dead lines, then the lines are free to be used again. Mirrors
// lazy_vacuum_all_indexes, lazy_vacuum_heap_rel and lazy_vacuum_heap_page.

import { logCleaning } from '../access/cleaning-record.ts'
import { heapFreeSpace } from '../access/free-page.ts'
import { truncateLines } from '../access/prune.ts'
import { tidBlock, tidOffset } from '../access/tid.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState } from '../storage/page.ts'
import type { VacuumState } from './vacuum-state.ts'
import { everybodySees, markVisible } from './visible-page.ts'

/** Indexes are left alone while dead rows are on no more than this share of the pages. */
const bypassThreshold = 0.02

/** lazy_vacuum: both, unless it isn't worth it. */
export function* vacuumDead(state: VacuumState): Coroutine {
  const { dead, deadLinePages, blocks } = state
  if (state.vacuumsIndexes && state.considersBypass && deadLinePages < blocks * bypassThreshold) {
    state.vacuumsIndexes = false
  }
  if (state.vacuumsIndexes) {
    yield* vacuumIndexes(state)
    yield* vacuumHeap(state)
  }
  dead.clear()
  state.progress.deadTuples = 0
}

function* vacuumIndexes(state: VacuumState): Coroutine {
  const { btree, tx, relation, progress, dead, request } = state
  progress.phase = 'vacuuming indexes'
  progress.indexesDone = 0
  for (const [place, index] of relation.indexes.entries()) {
    progress.index = index.name
    const vacuum = { me: tx.me, index, delayPoint: request.delayPoint }
    state.indexResults[place] = yield* btree.bulkDelete(vacuum, state.indexResults[place], tid => dead.has(tid))
    progress.indexesDone++
  }
  progress.indexScans = ++state.indexScans
  progress.indexesDone = 0
}

/** lazy_cleanup_all_indexes: `liveTuples` are known for certain if all pages were scanned. */
export function* cleanupIndexes(state: VacuumState, liveTuples: number): Coroutine {
  const { btree, tx, relation, progress, request } = state
  if (!state.hasIndexes || request.indexCleanup === 'off') return
  progress.phase = 'cleaning up indexes'
  progress.indexesDone = 0
  for (const [place, index] of relation.indexes.entries()) {
    progress.index = index.name
    const vacuum = { me: tx.me, index, delayPoint: request.delayPoint }
    const result = yield* btree.vacuumCleanup(vacuum, state.indexResults[place])
    if (result && state.scannedPages === state.blocks) result.tuples = Math.min(result.tuples, liveTuples)
    state.indexResults[place] = result
    progress.indexesDone++
  }
  progress.indexesDone = 0
}

function* vacuumHeap(state: VacuumState): Coroutine {
  const { heap, tx, relation, progress, request } = state
  progress.phase = 'vacuuming heap'
  progress.block = -1
  let offsets: number[] = []
  const tids = [...state.dead]
  for (let i = 0; i < tids.length; i++) {
    const block = tidBlock(tids[i])
    offsets.push(tidOffset(tids[i]))
    if (i + 1 < tids.length && tidBlock(tids[i + 1]) === block) continue
    yield* request.delayPoint()
    progress.block = block
    const map = yield* state.pinMap(block)
    const buffer = yield* heap.pin(tx.me, relation, block, state.ring)
    removeLines(state, buffer, offsets)
    const all = everybodySees(state, buffer)
    if (all.visible) markVisible(state, buffer, map, all.frozen)
    const room = heapFreeSpace(buffer.page)
    heap.buffers.unpin(buffer)
    yield* heap.freeSpaceMap.record(tx.me, relation.locator, block, room)
    progress.vacuumedBlocks = block + 1
    offsets = []
  }
  progress.block = -1
}

export function removeLines({ heap, tx, relation }: VacuumState, buffer: Buffer, offsets: readonly number[]): void {
  const { page } = buffer
  for (const offset of offsets) page.setLine(offset, 0, lineState.unused, 0)
  truncateLines(page)
  heap.buffers.markDirty(buffer)
  const { isCatalog } = relation
  tx.wrote(logCleaning(heap, tx.me, buffer, 'vacuum cleanup', { isCatalog, unused: offsets }))
}
