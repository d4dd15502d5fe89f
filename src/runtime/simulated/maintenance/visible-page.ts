// Whether everybody sees all of a page, and saying so in the visibility map. Mirrors heap_page_is_all_visible, and what
// lazy_scan_heap does with the map.

import { tupleAt } from '../access/heap-services.ts'
import { type HeapTuple, XminCommitted } from '../access/heap-tuple.ts'
import { setAllVisible } from '../access/page-visibility.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState } from '../storage/page.ts'
import { visibility } from '../storage/visibility-map.ts'
import { precedes } from '../transactions/transaction-id.ts'
import type { Cutoffs } from './cutoffs.ts'
import type { VacuumState } from './vacuum-state.ts'

export function everybodySees(
  state: VacuumState,
  buffer: Buffer,
): { readonly visible: boolean; readonly frozen: boolean } {
  const { heap, tx } = state
  let frozen = true
  for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
    if (buffer.page.itemState(offset) === lineState.dead) return { visible: false, frozen: false }
    const tuple = tupleAt(buffer, offset)
    if (!tuple) continue
    if (heap.visibility.forVacuum(tx, tuple, buffer) !== 'live' || !isSeen(tuple, state.request.cutoffs)) {
      return { visible: false, frozen: false }
    }
    frozen &&= tuple.isXminFrozen
  }
  return { visible: true, frozen }
}

/** Whether a live row is there for everybody, and a crash can't take it back: that xmin has committed is noted on it. */
export function isSeen(tuple: HeapTuple, { oldestXmin }: Cutoffs): boolean {
  return tuple.isXminFrozen || ((tuple.mask & XminCommitted) !== 0 && precedes(tuple.xmin, oldestXmin))
}

export function markVisible(state: VacuumState, buffer: Buffer, map: Buffer, isAllFrozen: boolean): void {
  const { heap, tx, map: counts } = state
  const before = heap.visibilityMap.status(map, buffer.block)
  const wasVisible = (before & visibility.allVisible) !== 0
  const wasFrozen = (before & visibility.allFrozen) !== 0
  setAllVisible(heap, tx, buffer, map, { isAllFrozen, isCatalog: state.relation.isCatalog })
  if (!wasVisible) counts.visible++
  if (isAllFrozen && !wasFrozen) {
    counts.frozen++
    if (wasVisible) counts.visibleBefore++
  }
}
