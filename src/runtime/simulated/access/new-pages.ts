// Pages of a relation that is written at once, from pages made in memory: the build of an index, the rewriting of a table.
// Each is logged whole. Mirrors log_newpage and its callers.

import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferRing } from '../storage/buffer-ring.ts'
import type { Page } from '../storage/page.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { forks, xlogInfo } from '../wal/record.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { HeapServices } from './heap-services.ts'
import type { Relation } from './relation.ts'

/** As the relation's block of that number, which is its next one or already there. */
export function* writeNewPage(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  content: Page,
  block: number,
  ring: BufferRing | undefined,
): Coroutine {
  const buffer =
    block < heap.blockCount(relation)
      ? yield* heap.pin(tx.me, relation, block, ring)
      : yield* heap.buffers.extend(tx.me, relation.locator, forks.main, ring)
  if (buffer.block !== block) throw new Error(`${relation.name} has grown while it was written`)
  logNewPage(heap, tx, buffer, content)
  yield* tx.me.pause()
}

/** The buffer gets the content, and is unpinned. */
export function logNewPage(heap: HeapServices, tx: TransactionState, buffer: Buffer, content: Page): void {
  buffer.page.bytes.set(content.bytes)
  const record = heap.wal.begin(resourceManagers.xlog, xlogInfo.fullPageImage, tx.xidIfAny())
  record.block(0, buffer, registerFlag.forceImage | registerFlag.standard)
  const lsn = heap.wal.insert(tx.me, record)
  buffer.page.lsn = lsn
  tx.wrote(lsn)
  heap.buffers.markDirty(buffer)
  heap.buffers.unpin(buffer)
}
