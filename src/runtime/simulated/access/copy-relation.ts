// Copies a relation block by block through the buffer pool, with everything in the WAL: how CREATE DATABASE fills a new
// database, and how a relation goes to another tablespace. Mirrors CreateAndCopyRelationData, RelationCopyStorageUsingBuffer
// and RelationCopyStorage, which does not look into the pages, so that their holes go into the WAL.

import type { Coroutine } from '../kernel/task.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { forks, type RelationLocator, xlogInfo } from '../wal/record.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { cost, type HeapServices } from './heap-services.ts'

/** Of an unlogged relation only the init fork is in the WAL. */
export function* copyRelation(
  heap: HeapServices,
  tx: TransactionState,
  from: RelationLocator,
  to: RelationLocator,
  images: 'whole pages' | 'without holes',
): Coroutine {
  const { files } = heap.buffers
  const flags = registerFlag.forceImage | (images === 'whole pages' ? 0 : registerFlag.standard)
  const isUnlogged = files.isUnlogged(from)
  // By it the pool knows from the first page on that the copy is unlogged too.
  if (isUnlogged) files.create(files.path(to, forks.init))
  for (const fork of Object.values(forks)) {
    if (!files.exists(files.path(from, fork))) continue
    const isLogged = !isUnlogged || fork === forks.init
    heap.storage.createFork(tx.me, to, fork, isLogged ? tx.xid() : undefined)
    if (fork === forks.main && heap.wal.isMinimal && !isUnlogged) tx.pendingSyncs.add(to)
    yield* copyFork(heap, tx, { from, to, fork, flags: isLogged ? flags : undefined })
  }
}

interface ForkCopy {
  readonly from: RelationLocator
  readonly to: RelationLocator
  readonly fork: number
  /** Of the images in the WAL; undefined where it has none. */
  readonly flags: number | undefined
}

function* copyFork(heap: HeapServices, tx: TransactionState, { from, to, fork, flags }: ForkCopy): Coroutine {
  const { buffers, wal } = heap
  const { me } = tx
  const reading = buffers.ring('bulk read')
  const writing = buffers.ring('bulk write')
  const blocks = buffers.blockCount(from, fork)
  for (let block = 0; block < blocks; block++) {
    const source =
      buffers.tryPin(me, from, fork, block, reading) ?? (yield* buffers.pin(me, from, fork, block, reading))
    try {
      const copy = yield* buffers.extend(me, to, fork, writing)
      copy.page.bytes.set(source.page.bytes)
      buffers.markDirty(copy)
      if (flags !== undefined) {
        const record = wal.begin(resourceManagers.xlog, xlogInfo.fullPageImage, tx.xid())
        record.block(0, copy, flags)
        const end = wal.insert(me, record)
        // A page that nobody has begun to use must stay empty.
        if (!copy.page.isNew) copy.page.lsn = end
        tx.wrote(end)
      }
      buffers.unpin(copy)
    } finally {
      buffers.unpin(source)
    }
    me.charge(cost.change)
    yield* me.pause()
  }
}
