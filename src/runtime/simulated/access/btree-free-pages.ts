// Pages that the tree no longer needs, and where a new page comes from: one that a vacuum has put into the free space
// map, if nobody can be on the way to it any more, else the end of the file. Mirrors _bt_getbuf with P_NEW,
// BTPageIsRecyclable and indexfsm.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import { type Page, pageSize } from '../storage/page.ts'
import { precedes } from '../transactions/transaction-id.ts'
import { appendLocator } from '../wal/assemble.ts'
import { forks } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { deletionXidOf, isDeleted } from './btree-page.ts'
import { btreeInfo } from './btree-records.ts'
import type { HeapServices } from './heap-services.ts'
import type { Index } from './relation.ts'

/**
 * A page for the caller to make something of, pinned. Until then its content is what it was, and only the pin keeps
 * others from taking it.
 */
export function* newPage(heap: HeapServices, me: Process, index: Index): Coroutine<Buffer> {
  const { buffers, freeSpaceMap } = heap
  const { locator } = index
  for (;;) {
    const block = yield* freeSpaceMap.find(me, locator, pageSize / 2)
    if (block === undefined) return yield* buffers.extend(me, locator, forks.main)
    yield* freeSpaceMap.record(me, locator, block, 0)
    const buffer = yield* heap.pin(me, index, block)
    // The map is a hint: the page may have been given out since.
    if (buffer.pins === 1 && isRecyclable(heap, buffer.page)) {
      if (!buffer.page.isNew) logReuse(heap, me, index, buffer)
      return buffer
    }
    buffers.unpin(buffer)
  }
}

/** Who reads on a standby with an older snapshot may still be on the way to the page. */
function logReuse(heap: HeapServices, me: Process, index: Index, { block, page }: Buffer): void {
  if (heap.wal.isMinimal || !heap.buffers.needsWal(index.locator)) return
  const record = heap.wal.begin(resourceManagers.btree, btreeInfo.reusePage, 0)
  appendLocator(record.data, index.locator)
  record.data.u32(block)
  record.data.u64(deletionXidOf(page))
  if (heap.environment.version >= 16) record.data.u8(index.isCatalog ? 1 : 0)
  heap.wal.insert(me, record)
}

/** Deleted so long ago that nobody comes by, or never used at all. */
export function isRecyclable(heap: HeapServices, page: Page): boolean {
  return page.isNew || (isDeleted(page) && mayRecycle(heap, deletionXidOf(page)))
}

/** Whoever looked when that xid was the next one is gone. */
export function mayRecycle(heap: HeapServices, xid: number): boolean {
  return precedes(xid, heap.transactions.oldestNonRemovable(0))
}

export function* recordFree(heap: HeapServices, me: Process, index: Index, block: number): Coroutine {
  yield* heap.freeSpaceMap.record(me, index.locator, block, pageSize - 1)
}
