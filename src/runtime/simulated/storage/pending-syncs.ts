// Under wal_level minimal nothing is logged of what happens in a relation that the same transaction has made: after a crash
// it is gone anyway, unless the transaction committed. So before the commit record its files are flushed, or, if they are
// small, logged whole. Mirrors the second half of catalog/storage.c (pendingSyncHash, smgrDoPendingSyncs) and
// log_newpage_range.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { forks, isSameLocator, type RelationLocator, xlogInfo } from '../wal/record.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import type { Buffer } from './buffer.ts'
import type { BufferPool } from './buffer-pool.ts'
import { pageSize } from './page.ts'

/** The most pages that one record can have. */
const pagesOfRecord = 32

interface PendingSync {
  readonly locator: RelationLocator
  /** Blocks behind its end may be on the platter: only a flush tells the file how long it is. */
  isTruncated: boolean
}

/** Those of one transaction, in the order in which it made them. */
export class PendingSyncs {
  private readonly wal: Wal
  private readonly pool: BufferPool
  private pending: PendingSync[] = []

  constructor(wal: Wal, pool: BufferPool) {
    this.wal = wal
    this.pool = pool
  }

  /** The relation was made just now. */
  add(locator: RelationLocator): void {
    this.pool.setNeedsWal(locator, false)
    this.pending.push({ locator, isTruncated: false })
  }

  get isEmpty(): boolean {
    return this.pending.length === 0
  }

  /** RelationPreTruncate */
  truncated(locator: RelationLocator): void {
    const sync = this.pending.find(each => isSameLocator(each.locator, locator))
    if (sync) sync.isTruncated = true
  }

  /** Its files are gone, or will be with the commit. */
  remove(locators: readonly RelationLocator[]): void {
    this.pending = this.pending.filter(({ locator }) => !locators.some(gone => isSameLocator(gone, locator)))
  }

  /** From `threshold` bytes on a relation is flushed. Gives the end of the last record; 0: there was none. */
  *perform(me: Process, threshold: number, xid: number): Coroutine<number> {
    const { pool } = this
    const flushed: RelationLocator[] = []
    let end = 0
    for (const { locator, isTruncated } of this.pending) {
      pool.setNeedsWal(locator, true)
      const blocks = Object.values(forks).map(fork => pool.blockCount(locator, fork))
      const total = blocks.reduce((sum, each) => sum + each)
      if (isTruncated || total >= Math.floor(threshold / pageSize)) flushed.push(locator)
      else for (const [fork, count] of blocks.entries()) end = (yield* this.log(me, locator, fork, count, xid)) || end
    }
    this.pending = []
    yield* pool.syncRelations(me, flushed)
    return end
  }

  /** Pages that were never used are left out. */
  private *log(me: Process, locator: RelationLocator, fork: number, count: number, xid: number): Coroutine<number> {
    let end = 0
    for (let block = 0; block < count; ) {
      const buffers: Buffer[] = []
      for (; block < count && buffers.length < pagesOfRecord; block++) {
        const buffer = yield* this.pool.pin(me, locator, fork, block)
        if (buffer.page.isNew) buffer.unpin()
        else buffers.push(buffer)
      }
      if (buffers.length > 0) end = this.logPages(me, buffers, xid)
      yield* me.pause()
    }
    return end
  }

  private logPages(me: Process, buffers: readonly Buffer[], xid: number): number {
    const { wal } = this
    const record = wal.begin(resourceManagers.xlog, xlogInfo.fullPageImage, xid)
    // Whatever the pages are: what lies between lower and upper may not be a hole.
    for (const [id, buffer] of buffers.entries()) record.block(id, buffer, registerFlag.forceImage)
    const end = wal.insert(me, record)
    for (const buffer of buffers) {
      buffer.page.lsn = end
      this.pool.markDirty(buffer)
      buffer.unpin()
    }
    return end
  }
}
