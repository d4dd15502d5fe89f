// What the first pass does to one page: prunes it, freezes what is old, counts what is left, notes dead lines. Mirrors
// lazy_scan_prune, lazy_scan_noprune and lazy_scan_new_or_empty.

import { heapFreeSpace } from '../access/free-page.ts'
import { prepareFreeze } from '../access/freeze.ts'
import { freezePage } from '../access/freeze-page.ts'
import { tupleAt } from '../access/heap-services.ts'
import { prunePage } from '../access/prune.ts'
import { makeTid } from '../access/tid.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState } from '../storage/page.ts'
import { precedes } from '../transactions/transaction-id.ts'
import { removeLines } from './second-pass.ts'
import type { VacuumState } from './vacuum-state.ts'
import { everybodySees, isSeen, markVisible } from './visible-page.ts'

/** The room that is left, for the free space map; undefined if the second pass will come by. */
export function passPage(state: VacuumState, buffer: Buffer, map: Buffer): number | undefined {
  const { heap } = state
  const { page } = buffer
  state.scannedPages++
  if (page.isNew) {
    page.initialize()
    heap.buffers.markDirty(buffer)
    return heapFreeSpace(page)
  }
  if (page.lineCount === 0) {
    markVisible(state, buffer, map, true)
    return heapFreeSpace(page)
  }
  // Who has the page pinned may stand on a row: then nothing may move.
  if (buffer.pins > 1) return countOnly(state, buffer)
  return pruneAndFreeze(state, buffer, map)
}

/** Whether the vacuum has to freeze a tuple there, so that it can't do with counting. */
export function mustFreeze({ heap, request }: VacuumState, buffer: Buffer): boolean {
  const { isAggressive, freezeLimit } = request.cutoffs
  if (!isAggressive) return false
  for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
    const tuple = tupleAt(buffer, offset)
    const oldest = tuple ? prepareFreeze(heap.transactions, tuple, 0).oldest : 0
    if (oldest !== 0 && precedes(oldest, freezeLimit)) return true
  }
  return false
}

function pruneAndFreeze(state: VacuumState, buffer: Buffer, map: Buffer): number | undefined {
  const { heap, tx, relation, request } = state
  const { cutoffs } = request
  const { page } = buffer
  const imagesBefore = heap.wal.usage.fullPageImages
  state.removedTuples += prunePage(heap, tx, relation, buffer, cutoffs.oldestXmin, 'vacuum scan').removed
  const found = countTuples(state, buffer)
  const isAllVisible = found.isAllVisible && found.dead.length === 0
  const freezing = freezePage(
    heap,
    tx,
    relation,
    buffer,
    { limit: cutoffs.freezeLimit, oldestXmin: cutoffs.oldestXmin },
    { isVisible: found.isAllVisible, isImaged: heap.wal.usage.fullPageImages > imagesBefore },
  )
  state.bears(freezing.oldestXid)
  if (freezing.frozenTuples > 0) state.frozenPages++
  state.frozenTuples += freezing.frozenTuples
  if (found.dead.length > 0) {
    noteDead(state, buffer, found.dead)
    if (state.hasIndexes) return state.vacuumsIndexes ? undefined : heapFreeSpace(page)
    removeLines(state, buffer, found.dead)
    state.dead.clear()
    const all = everybodySees(state, buffer)
    if (all.visible) markVisible(state, buffer, map, all.frozen)
  } else if (isAllVisible) markVisible(state, buffer, map, freezing.isAllFrozen)
  return heapFreeSpace(page)
}

function countOnly(state: VacuumState, buffer: Buffer): number | undefined {
  const { heap, tx, request } = state
  let missed = 0
  for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
    const tuple = tupleAt(buffer, offset)
    if (!tuple) continue
    const status = heap.visibility.forVacuum(tx, tuple, buffer)
    const isDead =
      status === 'dead' ||
      (status === 'recently dead' && precedes(heap.visibility.deadAfter, request.cutoffs.oldestXmin))
    if (isDead) missed++
    if (!tuple.isXminFrozen) state.bears(tuple.xmin)
  }
  const found = countTuples(state, buffer, missed > 0)
  if (missed > 0) {
    state.missedDead += missed
    state.missedDeadPages++
  }
  if (found.dead.length > 0 && state.hasIndexes) noteDead(state, buffer, found.dead)
  return heapFreeSpace(buffer.page)
}

/** Lines that are dead, and whether everybody sees all others. `someAreDead`: rows that nobody sees were left. */
function countTuples(
  state: VacuumState,
  buffer: Buffer,
  someAreDead = false,
): { readonly dead: number[]; readonly isAllVisible: boolean } {
  const { heap, tx, request } = state
  const { oldestXmin } = request.cutoffs
  const { page } = buffer
  const dead: number[] = []
  let isAllVisible = !someAreDead
  for (let offset = 1; offset <= page.lineCount; offset++) {
    const line = page.itemState(offset)
    if (line === lineState.dead) dead.push(offset)
    else if (line !== lineState.unused) state.nonEmpty = buffer.block + 1
    if (line !== lineState.normal) continue
    const tuple = tupleAt(buffer, offset)!
    const status = heap.visibility.forVacuum(tx, tuple, buffer)
    const isLive = status === 'live'
    isAllVisible &&= isLive && isSeen(tuple, request.cutoffs)
    if (isLive || status === 'delete in progress') state.liveTuples++
    else if (status === 'recently dead' && !precedes(heap.visibility.deadAfter, oldestXmin)) state.recentlyDead++
  }
  return { dead, isAllVisible }
}

function noteDead(state: VacuumState, buffer: Buffer, offsets: readonly number[]): void {
  state.deadLinePages++
  state.deadLines += offsets.length
  for (const offset of offsets) state.dead.add(makeTid(buffer.block, offset))
  state.progress.deadTuples = state.dead.size
}
