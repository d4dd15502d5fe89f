// Claiming that everybody sees all of a page, on the page and in the visibility map. Mirrors visibilitymap_set's record
// (log_heap_visible).

import type { Buffer } from '../storage/buffer.ts'
import { lineState, pageFlag } from '../storage/page.ts'
import { catalogFlag, visibility } from '../storage/visibility-map.ts'
import { later } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { heap2Info } from './heap-records.ts'
import type { HeapServices } from './heap-services.ts'
import { HeapTuple } from './heap-tuple.ts'

export function setAllVisible(
  heap: HeapServices,
  tx: TransactionState,
  buffer: Buffer,
  map: Buffer,
  { isAllFrozen, isCatalog }: { readonly isAllFrozen: boolean; readonly isCatalog: boolean },
): void {
  const bits = visibility.allVisible | (isAllFrozen ? visibility.allFrozen : 0)
  if (heap.visibilityMap.status(map, buffer.block) === bits && (buffer.page.flags & pageFlag.allVisible) !== 0) return
  buffer.page.flags |= pageFlag.allVisible
  heap.buffers.markDirty(buffer)
  heap.visibilityMap.set(map, buffer.block, bits)
  const record = heap.wal.begin(resourceManagers.heap2, heap2Info.visible, 0)
  record.data.u32(isAllFrozen ? 0 : newestXmin(buffer))
  const tellsCatalog = heap.environment.version >= 16 && heap.wal.isLogical && isCatalog
  record.data.u8(bits | (tellsCatalog ? catalogFlag : 0))
  record.block(0, map, 0)
  record.block(1, buffer, registerFlag.standard | registerFlag.noImage)
  map.page.lsn = heap.wal.insert(tx.me, record)
  tx.wrote(map.page.lsn)
}

/** A standby's snapshot that sees this one as running must not trust the claim; 0: all are frozen. */
export function newestXmin(buffer: Buffer): number {
  const { page } = buffer
  const tuple = new HeapTuple(page, 0, 0, 0)
  let newest = 0
  for (let offset = 1; offset <= page.lineCount; offset++) {
    if (page.itemState(offset) !== lineState.normal) continue
    tuple.moveTo(page, page.itemOffset(offset), page.itemLength(offset), buffer.block, offset)
    if (!tuple.isXminFrozen) newest = newest === 0 ? tuple.xmin : later(newest, tuple.xmin)
  }
  return newest
}
