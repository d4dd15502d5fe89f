// Which page of a relation has how much room, in steps of 32 bytes. Mirrors freespace.c: a tree of pages, three levels
// deep, whose bottom pages know the relation's pages and whose others know the pages below them. Nothing is logged:
// the map is a hint, and whoever finds it wrong corrects it.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { forks, type RelationLocator } from '../wal/record.ts'
import type { Buffer } from './buffer.ts'
import type { BufferPool } from './buffer-pool.ts'
import {
  clearSlotsFrom,
  findSlot,
  highestValue,
  searchFromStart,
  setSlot,
  slotsPerPage,
  slotValue,
} from './free-space-tree.ts'

const step = 32
const depth = 3
const rootLevel = depth - 1
/** The largest heap tuple. */
const largestRequest = 8160

/** A page of the map: its level, 0 at the bottom, and its number within the level. */
interface Address {
  readonly level: number
  readonly number: number
}

const root: Address = { level: rootLevel, number: 0 }

export class FreeSpaceMap {
  private readonly pool: BufferPool

  constructor(pool: BufferPool) {
    this.pool = pool
  }

  /** A page of the relation with `needed` bytes of room; undefined if the map knows none. */
  *find(me: Process, locator: RelationLocator, needed: number): Coroutine<number | undefined> {
    return yield* this.search(me, locator, neededCategory(needed))
  }

  /** `record`, if that needs no waiting: else false, and nothing is noted. */
  tryRecord(me: Process, locator: RelationLocator, block: number, available: number): boolean {
    const buffer = this.pinPresent(me, locator, bottom(block))
    if (buffer === undefined) return false
    this.set(me, buffer, block % slotsPerPage, category(available))
    this.pool.unpin(buffer)
    return true
  }

  /** Notes that `block` has `available` bytes of room. Pages above learn of it by a vacuum or a search. */
  *record(me: Process, locator: RelationLocator, block: number, available: number): Coroutine {
    if (this.tryRecord(me, locator, block, available)) return
    const buffer = yield* this.pin(me, locator, bottom(block))
    this.set(me, buffer, block % slotsPerPage, category(available))
    this.pool.unpin(buffer)
  }

  /** Notes what `block` has left, and looks for a page with `needed` bytes, nearby first. */
  *recordAndFind(
    me: Process,
    locator: RelationLocator,
    block: number,
    available: number,
    needed: number,
  ): Coroutine<number | undefined> {
    const address = bottom(block)
    const buffer = yield* this.pin(me, locator, address)
    this.set(me, buffer, block % slotsPerPage, category(available))
    const slot = findSlot(buffer.page, neededCategory(needed), true)
    this.pool.unpin(buffer)
    const found = address.number * slotsPerPage + slot
    if (slot >= 0 && found < this.pool.blockCount(locator, forks.main)) return found
    return yield* this.search(me, locator, neededCategory(needed))
  }

  /** What the map knows of a block, in bytes. */
  *available(me: Process, locator: RelationLocator, block: number): Coroutine<number> {
    const buffer = yield* this.pinExisting(me, locator, bottom(block))
    if (!buffer) return 0
    const value = slotValue(buffer.page, block % slotsPerPage)
    this.pool.unpin(buffer)
    return value === 255 ? largestRequest : value * step
  }

  /** Carries what the bottom pages know of blocks `from` up to `to` to the pages above. */
  *vacuum(me: Process, locator: RelationLocator, from = 0, to = Number.POSITIVE_INFINITY): Coroutine {
    yield* this.vacuumPage(me, locator, root, from, to)
  }

  /** The relation will be cut to `blocks`: forgets those behind; gives how many pages the map keeps. */
  *prepareTruncate(me: Process, locator: RelationLocator, blocks: number): Coroutine<number> {
    const address = bottom(blocks)
    const slot = blocks % slotsPerPage
    if (slot === 0) return physical(address)
    const buffer = yield* this.pinExisting(me, locator, address)
    if (buffer) {
      clearSlotsFrom(buffer.page, slot)
      this.pool.markDirty(buffer)
      this.pool.unpin(buffer)
    }
    return physical(address) + 1
  }

  private *search(me: Process, locator: RelationLocator, wanted: number): Coroutine<number | undefined> {
    let address = root
    let parentSlot = 0
    for (let restarts = 0; restarts < 10_000; ) {
      const buffer = yield* this.pinExisting(me, locator, address)
      const slot = buffer ? findSlot(buffer.page, wanted, address.level === 0) : -1
      const highest = buffer && slot < 0 ? highestValue(buffer.page) : 0
      const block = address.number * slotsPerPage + slot
      if (buffer && slot >= 0 && address.level === 0) {
        if (block < this.pool.blockCount(locator, forks.main)) {
          this.pool.unpin(buffer)
          return block
        }
        // A block that was never made, or is cut off: the map did not hear of it.
        this.set(me, buffer, slot, 0)
      }
      if (buffer) this.pool.unpin(buffer)
      if (slot >= 0 && address.level > 0) {
        parentSlot = slot
        address = { level: address.level - 1, number: block }
        continue
      }
      if (slot < 0) {
        if (address.level === rootLevel) return undefined
        // The page above promised too much: it is told, and the search begins anew.
        const above = { level: address.level + 1, number: Math.floor(address.number / slotsPerPage) }
        const parent = yield* this.pin(me, locator, above)
        this.set(me, parent, parentSlot, highest)
        this.pool.unpin(parent)
      }
      restarts++
      address = root
    }
    return undefined
  }

  private *vacuumPage(
    me: Process,
    locator: RelationLocator,
    address: Address,
    from: number,
    to: number,
  ): Coroutine<number> {
    const buffer = yield* this.pinExisting(me, locator, address)
    if (!buffer) return 0
    if (address.level > 0) {
      // Every slot of this page stands for so many blocks of the relation.
      const perSlot = address.level === 1 ? slotsPerPage : slotsPerPage * slotsPerPage
      const first = address.number * slotsPerPage
      const pages = this.pool.blockCount(locator, forks.freeSpaceMap)
      for (let slot = 0; slot < slotsPerPage; slot++) {
        const begin = (first + slot) * perSlot
        if (begin >= to || begin + perSlot <= from) continue
        const child = { level: address.level - 1, number: first + slot }
        const exists = physical(child) < pages
        const value = exists ? yield* this.vacuumPage(me, locator, child, from, to) : 0
        this.set(me, buffer, slot, value)
        if (exists) yield* me.pause()
      }
    }
    searchFromStart(buffer.page)
    const highest = highestValue(buffer.page)
    this.pool.unpin(buffer)
    return highest
  }

  private set(me: Process, buffer: Buffer, slot: number, value: number): void {
    if (setSlot(buffer.page, slot, value)) this.pool.markDirtyHint(me, buffer, false)
  }

  private pinPresent(me: Process, locator: RelationLocator, address: Address): Buffer | undefined {
    const buffer = this.pool.pinPresent(me, locator, forks.freeSpaceMap, physical(address))
    if (buffer?.page.isNew) buffer.page.initialize()
    return buffer
  }

  private *pinExisting(me: Process, locator: RelationLocator, address: Address): Coroutine<Buffer | undefined> {
    const block = physical(address)
    if (block >= this.pool.blockCount(locator, forks.freeSpaceMap)) return undefined
    const buffer =
      this.pool.tryPin(me, locator, forks.freeSpaceMap, block) ??
      (yield* this.pool.pin(me, locator, forks.freeSpaceMap, block))
    if (buffer.page.isNew) buffer.page.initialize()
    return buffer
  }

  /** Pins a page of the map; it and those before it are made if they are missing. */
  private *pin(me: Process, locator: RelationLocator, address: Address): Coroutine<Buffer> {
    this.pool.files.create(this.pool.files.path(locator, forks.freeSpaceMap))
    while (this.pool.blockCount(locator, forks.freeSpaceMap) <= physical(address)) {
      const buffer = yield* this.pool.extend(me, locator, forks.freeSpaceMap)
      this.pool.unpin(buffer)
    }
    return (yield* this.pinExisting(me, locator, address))!
  }
}

function bottom(block: number): Address {
  return { level: 0, number: Math.floor(block / slotsPerPage) }
}

/** Where the page is in the file: every page stands before those below it. */
function physical(address: Address): number {
  let leaf = address.number
  for (let level = 0; level < address.level; level++) leaf *= slotsPerPage
  let pages = 0
  for (let level = 0; level < depth; level++) {
    pages += leaf + 1
    leaf = Math.floor(leaf / slotsPerPage)
  }
  return pages - address.level - 1
}

function category(available: number): number {
  return available >= largestRequest ? 255 : Math.min(254, Math.floor(available / step))
}

function neededCategory(needed: number): number {
  return needed === 0 ? 1 : Math.min(255, Math.ceil(needed / step))
}
