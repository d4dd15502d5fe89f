// Making relations' files, cutting them and removing them, with what the WAL must know of it. Mirrors
// src/backend/catalog/storage.c, whose lists of what to remove at commit or abort are kept by the transactions above.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { appendLocator } from '../wal/assemble.ts'
import { readLocator } from '../wal/decode.ts'
import { forks, type RelationLocator, resourceManagerInfoMask, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { FreeSpaceMap } from './free-space-map.ts'
import { PendingSyncs } from './pending-syncs.ts'
import type { RedoPages } from './redo-pages.ts'
import type { VisibilityMap } from './visibility-map.ts'

const info = { create: 0x10, truncate: 0x20 } as const

/** The record is about files, not only about the blocks it names. */
const specialRelationUpdate = 0x01

/** Cut the heap, its visibility map and its free space map. */
const truncateAll = 7

/** What a record says: the forks that it cuts to so many blocks; to none, if it makes them. */
interface StorageChange {
  readonly isCreation: boolean
  readonly locator: RelationLocator
  readonly blocks: number
  readonly cuts: readonly number[]
}

export function storageChange(record: WalRecord): StorageChange {
  const view = new DataView(record.data.buffer, record.data.byteOffset, record.data.byteLength)
  if ((record.info & resourceManagerInfoMask) === info.create) {
    const fork = view.getUint32(12, true)
    return { isCreation: true, locator: readLocator(view, 0), blocks: 0, cuts: [fork] }
  }
  const cuts = [forks.main, forks.freeSpaceMap, forks.visibilityMap]
  return { isCreation: false, locator: readLocator(view, 4), blocks: view.getUint32(0, true), cuts }
}

export class RelationStorage implements ResourceManager {
  readonly id = resourceManagers.storage
  readonly name = 'Storage'
  private readonly wal: Wal
  private readonly pool: BufferPool
  private readonly freeSpaceMap: FreeSpaceMap
  private readonly visibilityMap: VisibilityMap
  private readonly redoPages: RedoPages

  constructor(
    wal: Wal,
    pool: BufferPool,
    maps: { readonly freeSpaceMap: FreeSpaceMap; readonly visibilityMap: VisibilityMap },
    redoPages: RedoPages,
  ) {
    this.wal = wal
    this.pool = pool
    this.freeSpaceMap = maps.freeSpaceMap
    this.visibilityMap = maps.visibilityMap
    this.redoPages = redoPages
  }

  /**
   * Makes an empty main fork. The file is there at once; who rolls back removes it. An unlogged relation gets an init
   * fork as well, which alone is in the WAL.
   */
  create(me: Process, locator: RelationLocator, xid: number, isUnlogged = false): void {
    const { files } = this.pool
    files.requireDirectory(locator)
    files.create(files.path(locator, forks.main))
    this.createFork(me, locator, isUnlogged ? forks.init : forks.main, xid)
  }

  /** Makes an empty fork of a relation that has been made. `xid`: undefined if the WAL need not know of it. */
  createFork(me: Process, locator: RelationLocator, fork: number, xid: number | undefined): void {
    this.pool.files.create(this.pool.files.path(locator, fork))
    if (xid === undefined) return
    const record = this.wal.begin(this.id, info.create | specialRelationUpdate, xid)
    appendLocator(record.data, locator)
    record.data.u32(fork)
    this.wal.insert(me, record)
  }

  /** Cuts the relation to `blocks`. The WAL is flushed first: what is cut can't be brought back. */
  *truncate(me: Process, locator: RelationLocator, blocks: number, xid: number): Coroutine {
    if (this.pool.needsWal(locator)) yield* this.logTruncate(me, locator, blocks, xid)
    yield* this.cut(me, locator, blocks)
  }

  private *logTruncate(me: Process, locator: RelationLocator, blocks: number, xid: number): Coroutine {
    const record = this.wal.begin(this.id, info.truncate | specialRelationUpdate, xid)
    record.data.u32(blocks)
    appendLocator(record.data, locator)
    record.data.u32(truncateAll)
    yield* this.wal.flush(me, this.wal.insert(me, record))
  }

  /** For a transaction that begins. */
  newPendingSyncs(): PendingSyncs {
    return new PendingSyncs(this.wal, this.pool)
  }

  /** Removes the relation's files, at the commit that dropped it or the abort that made it, and in their redo. */
  drop(locator: RelationLocator, isRedo = false): void {
    this.redoPages.forget(locator, 0)
    this.pool.dropRelation(locator, isRedo)
  }

  private *cut(me: Process, locator: RelationLocator, blocks: number): Coroutine {
    if (this.pool.blockCount(locator, forks.freeSpaceMap) > 0) {
      const kept = yield* this.freeSpaceMap.prepareTruncate(me, locator, blocks)
      this.pool.truncate(locator, forks.freeSpaceMap, kept)
    }
    if (this.pool.blockCount(locator, forks.visibilityMap) > 0) {
      const kept = yield* this.visibilityMap.prepareTruncate(me, locator, blocks)
      this.pool.truncate(locator, forks.visibilityMap, kept)
    }
    this.pool.truncate(locator, forks.main, blocks)
    yield* this.freeSpaceMap.vacuum(me, locator, blocks)
  }

  *redo(me: Process, record: WalRecord): Coroutine {
    const { locator, blocks, cuts, isCreation } = storageChange(record)
    if (isCreation) {
      for (const fork of cuts) this.pool.files.create(this.pool.files.path(locator, fork))
      return
    }
    this.pool.files.create(this.pool.files.path(locator, forks.main))
    yield* this.wal.flush(me, record.end)
    this.redoPages.forget(locator, blocks)
    yield* this.cut(me, locator, blocks)
  }
}
