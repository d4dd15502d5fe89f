// Two bits for each page of a table: all its tuples are visible to everyone; all are frozen. Mirrors visibilitymap.c.
// Setting a bit is logged by the heap (it knows the page), clearing one is not logged at all: redo of the change does it.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { forks, type RelationLocator } from '../wal/record.ts'
import type { Buffer } from './buffer.ts'
import type { BufferPool } from './buffer-pool.ts'
import { pageHeaderSize, pageSize } from './page.ts'

export const visibility = { allVisible: 1, allFrozen: 2 } as const
/** In records alone: the map is a catalog's. */
export const catalogFlag = 4

const heapBlocksPerByte = 4
export const heapBlocksPerMapPage = (pageSize - pageHeaderSize) * heapBlocksPerByte

export class VisibilityMap {
  private readonly pool: BufferPool

  constructor(pool: BufferPool) {
    this.pool = pool
  }

  /** Pins the map's page for a block of the table; made if it is missing. */
  *pin(me: Process, locator: RelationLocator, heapBlock: number): Coroutine<Buffer> {
    const block = Math.floor(heapBlock / heapBlocksPerMapPage)
    if (block >= this.pool.blockCount(locator, forks.visibilityMap)) yield* this.extend(me, locator, block)
    const buffer =
      this.pool.tryPin(me, locator, forks.visibilityMap, block) ??
      (yield* this.pool.pin(me, locator, forks.visibilityMap, block))
    if (buffer.page.isNew) buffer.page.initialize()
    return buffer
  }

  /** The same, without waiting and without making a page; undefined if that is not possible. */
  tryPin(me: Process, locator: RelationLocator, heapBlock: number): Buffer | undefined {
    const block = Math.floor(heapBlock / heapBlocksPerMapPage)
    if (block >= this.pool.blockCount(locator, forks.visibilityMap)) return undefined
    return this.pool.tryPin(me, locator, forks.visibilityMap, block)
  }

  private *extend(me: Process, locator: RelationLocator, block: number): Coroutine {
    this.pool.files.create(this.pool.files.path(locator, forks.visibilityMap))
    while (this.pool.blockCount(locator, forks.visibilityMap) <= block) {
      this.pool.unpin(yield* this.pool.extend(me, locator, forks.visibilityMap))
    }
  }

  /** Whether the buffer is the map's page for this block of the table. */
  covers(buffer: Buffer, heapBlock: number): boolean {
    return buffer.block === Math.floor(heapBlock / heapBlocksPerMapPage)
  }

  /** The bits of a block, 0 to 3. */
  status(buffer: Buffer, heapBlock: number): number {
    const place = heapBlock % heapBlocksPerMapPage
    return (buffer.page.bytes[pageHeaderSize + (place >>> 2)] >>> ((place & 3) * 2)) & 3
  }

  /** The bits of a block; 0 if the map has no page for it. */
  *statusOf(me: Process, locator: RelationLocator, heapBlock: number): Coroutine<number> {
    const block = Math.floor(heapBlock / heapBlocksPerMapPage)
    if (block >= this.pool.blockCount(locator, forks.visibilityMap)) return 0
    const buffer = this.tryPin(me, locator, heapBlock) ?? (yield* this.pin(me, locator, heapBlock))
    const status = this.status(buffer, heapBlock)
    this.pool.unpin(buffer)
    return status
  }

  /** Sets bits; the caller logs it and sets the page's LSN. */
  set(buffer: Buffer, heapBlock: number, bits: number): void {
    const place = heapBlock % heapBlocksPerMapPage
    buffer.page.bytes[pageHeaderSize + (place >>> 2)] |= bits << ((place & 3) * 2)
    this.pool.markDirty(buffer)
  }

  /** Clears bits; whether one of them was set. */
  clear(buffer: Buffer, heapBlock: number, bits: number): boolean {
    if ((this.status(buffer, heapBlock) & bits) === 0) return false
    const place = heapBlock % heapBlocksPerMapPage
    buffer.page.bytes[pageHeaderSize + (place >>> 2)] &= ~(bits << ((place & 3) * 2))
    this.pool.markDirty(buffer)
    return true
  }

  /** How many blocks of the table are all-visible, and how many of them all-frozen. */
  *count(me: Process, locator: RelationLocator): Coroutine<{ allVisible: number; allFrozen: number }> {
    const counts = { allVisible: 0, allFrozen: 0 }
    const pages = this.pool.blockCount(locator, forks.visibilityMap)
    for (let page = 0; page < pages; page++) {
      const buffer = yield* this.pin(me, locator, page * heapBlocksPerMapPage)
      for (const byte of buffer.page.bytes.subarray(pageHeaderSize)) {
        for (let bits = byte; bits > 0; bits >>>= 2) {
          if (bits & visibility.allVisible) counts.allVisible++
          if (bits & visibility.allFrozen) counts.allFrozen++
        }
      }
      this.pool.unpin(buffer)
    }
    return counts
  }

  /** The table will be cut to `heapBlocks`: clears the bits behind; gives how many pages the map keeps. */
  *prepareTruncate(me: Process, locator: RelationLocator, heapBlocks: number): Coroutine<number> {
    const place = heapBlocks % heapBlocksPerMapPage
    const kept = Math.floor(heapBlocks / heapBlocksPerMapPage)
    if (place === 0) return kept
    if (kept >= this.pool.blockCount(locator, forks.visibilityMap)) return kept + 1
    const buffer = yield* this.pin(me, locator, heapBlocks)
    const byte = pageHeaderSize + (place >>> 2)
    buffer.page.bytes[byte] &= (1 << ((place & 3) * 2)) - 1
    buffer.page.bytes.fill(0, byte + 1)
    this.pool.markDirty(buffer)
    this.pool.unpin(buffer)
    return kept + 1
  }
}
