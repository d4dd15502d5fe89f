// Replays the heap's records. Mirrors heap_redo and heap2_redo. Nearly all of them change one page that is in memory: this is
// done at once, and only what has to wait for something is a coroutine. What a record does to its page is told in
// heap-redo-page.ts; the visibility map's bits that a change clears are cleared here.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { BufferPool } from '../storage/buffer-pool.ts'
import { pageFlag } from '../storage/page.ts'
import type { RedoPage, RedoPages } from '../storage/redo-pages.ts'
import { catalogFlag, type VisibilityMap, visibility } from '../storage/visibility-map.ts'
import { readOnce } from '../wal/read-once.ts'
import { blockOf, u32, type WalBlock, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import { type CleaningRecord, readCleaning } from './cleaning-record.ts'
import { heapFreeSpace } from './free-page.ts'
import { deleteFlag, heap2Info, heapInfo, insertFlag, lockFlag, updateFlag } from './heap-records.ts'
import {
  cleanPage,
  deleteTuple,
  enterPage,
  insertTuple,
  insertTuples,
  isHotUpdate,
  leavePage,
  littleRoom,
  lockTuple,
  lockUpdatedTuple,
  overwriteTuple,
  type PageChange,
  updateOnPage,
} from './heap-redo-page.ts'
import type { HeapServices } from './heap-services.ts'

const bothBits = visibility.allVisible | visibility.allFrozen

const cleaningOf = readOnce(readCleaning)

export class HeapRedo {
  private readonly redoPages: RedoPages
  private readonly buffers: BufferPool
  private readonly map: VisibilityMap
  private readonly services: HeapServices

  constructor(services: HeapServices, redoPages: RedoPages) {
    this.services = services
    this.redoPages = redoPages
    this.buffers = services.buffers
    this.map = services.visibilityMap
  }

  /** The two resource managers. */
  managers(): ResourceManager[] {
    const { heap, heap2 } = resourceManagers
    return [
      { id: heap, name: 'Heap', redo: (me, record) => this.redoHeap(me, record) },
      { id: heap2, name: 'Heap2', redo: (me, record) => this.redoHeap2(me, record) },
    ]
  }

  private redoHeap(me: Process, record: WalRecord): Coroutine | undefined {
    switch (record.info & heapInfo.operationMask) {
      case heapInfo.insert:
        return this.changeOne(me, record, insertTuple, clearedBy(record.data[2], insertFlag.allVisibleCleared))
      case heapInfo.delete:
        return this.changeOne(me, record, deleteTuple, clearedBy(record.data[7], deleteFlag.allVisibleCleared))
      case heapInfo.update:
      case heapInfo.hotUpdate:
        return this.update(me, record)
      case heapInfo.lock:
        return this.changeOne(me, record, lockTuple, frozenClearedBy(record))
      case heapInfo.inplace:
        return this.changeOne(me, record, overwriteTuple)
      // It tells logical decoding alone.
      case heapInfo.truncate:
        return undefined
      default:
        throw new Error(`no redo for heap record ${record.info}`)
    }
  }

  private redoHeap2(me: Process, record: WalRecord): Coroutine | undefined {
    switch (record.info & heapInfo.operationMask) {
      // They have the same numbers in all versions, and another meaning until 16.
      case heap2Info.pruneOnAccess:
      case heap2Info.pruneVacuumScan:
      case heap2Info.pruneVacuumCleanup:
        return this.clean(me, record)
      case heap2Info.visible:
        return this.visible(me, record)
      case heap2Info.multiInsert:
        return this.changeOne(me, record, insertTuples, clearedBy(record.data[0], insertFlag.allVisibleCleared))
      case heap2Info.lockUpdated:
        return this.changeOne(me, record, lockUpdatedTuple, frozenClearedBy(record))
      default:
        throw new Error(`no redo for heap record ${record.info} of Heap2`)
    }
  }

  /** A record of one page. `clears`: the visibility map's bits that go. */
  private changeOne(me: Process, record: WalRecord, change: PageChange, clears = 0): Coroutine | undefined {
    const page = clears === 0 ? this.redoPages.tryRead(me, record, 0) : undefined
    if (!page) return this.changeOneLater(me, record, change, clears)
    return this.noteRoom(me, blockOf(record, 0), this.apply(record, page, change))
  }

  private *changeOneLater(me: Process, record: WalRecord, change: PageChange, clears: number): Coroutine {
    const block = blockOf(record, 0)
    if (clears !== 0) yield* this.clearMap(me, block, clears)
    const rest = this.noteRoom(me, block, yield* this.change(me, record, 0, change))
    if (rest) yield* rest
  }

  private update(me: Process, record: WalRecord): Coroutine | undefined {
    const clears = record.data[7] & (updateFlag.oldAllVisibleCleared | updateFlag.newAllVisibleCleared)
    const page = clears === 0 && record.blocks.length === 1 ? this.redoPages.tryRead(me, record, 0) : undefined
    if (!page) return this.updateLater(me, record)
    return this.noteRoomOfUpdate(me, record, this.apply(record, page, updateOnPage))
  }

  private *updateLater(me: Process, record: WalRecord): Coroutine {
    const flags = record.data[7]
    const newBlock = blockOf(record, 0)
    const oldBlock = record.blocks.find(each => each.id === 1)
    if (flags & updateFlag.oldAllVisibleCleared) yield* this.clearMap(me, oldBlock ?? newBlock, bothBits)
    if (oldBlock) yield* this.change(me, record, 1, leavePage)
    if (flags & updateFlag.newAllVisibleCleared) yield* this.clearMap(me, newBlock, bothBits)
    const room = yield* this.change(me, record, 0, oldBlock ? enterPage : updateOnPage)
    const rest = this.noteRoomOfUpdate(me, record, room)
    if (rest) yield* rest
  }

  private noteRoomOfUpdate(me: Process, record: WalRecord, room: number): Coroutine | undefined {
    return isHotUpdate(record) ? undefined : this.noteRoom(me, blockOf(record, 0), room)
  }

  /** Applies `change` to the page of block `id`, if it needs it; gives the room that is left. */
  private *change(me: Process, record: WalRecord, id: number, change: PageChange): Coroutine<number> {
    const page = this.redoPages.tryRead(me, record, id) ?? (yield* this.redoPages.read(me, record, id))
    return this.apply(record, page, change)
  }

  private apply(record: WalRecord, { action, buffer }: RedoPage, change: PageChange): number {
    if (!buffer) return littleRoom
    let room = littleRoom
    if (action === 'needs redo') {
      room = change(buffer, record)
      buffer.page.lsn = record.end
      this.buffers.markDirty(buffer)
    }
    this.buffers.unpin(buffer)
    return room
  }

  private *clearMap(me: Process, block: WalBlock, bits: number): Coroutine {
    const map = yield* this.map.pin(me, block.locator, block.block)
    this.map.clear(map, block.block, bits)
    this.buffers.unpin(map)
  }

  /** The map is not logged; without this a standby's would be useless after promotion. */
  private noteRoom(me: Process, { locator, block }: WalBlock, room: number): Coroutine | undefined {
    const { freeSpaceMap } = this.services
    if (room >= littleRoom || freeSpaceMap.tryRecord(me, locator, block, room)) return undefined
    return freeSpaceMap.record(me, locator, block, room)
  }

  private clean(me: Process, record: WalRecord): Coroutine | undefined {
    const cleaning = cleaningOf(record, this.services.environment.version)!
    const { conflicts } = this.services.transactions
    if (conflicts.mayBeSeen(cleaning.horizon, blockOf(record, 0).locator.database, cleaning.isCatalog)) {
      return this.cleanLater(me, record, cleaning)
    }
    const page = this.redoPages.tryRead(me, record, 0)
    if (!page) return this.cleanLater(me, record, cleaning)
    if (page.buffer && page.buffer.pins > 1) return this.cleanAlone(me, record, cleaning, page)
    return this.cleanNow(me, record, cleaning, page)
  }

  /** Nobody may still need what goes. A horizon of 0: nothing goes that anybody could need. */
  private *cleanLater(me: Process, record: WalRecord, cleaning: CleaningRecord): Coroutine {
    const { conflicts } = this.services.transactions
    const { horizon, isCatalog } = cleaning
    yield* conflicts.resolveSnapshot(me, horizon, blockOf(record, 0).locator.database, isCatalog)
    const lock = cleaning.needsCleanupLock ? conflicts.lockForCleanup.bind(conflicts, me) : undefined
    const rest = this.cleanNow(me, record, cleaning, yield* this.redoPages.read(me, record, 0, lock))
    if (rest) yield* rest
  }

  /** The page is here, and others have it pinned. */
  private *cleanAlone(me: Process, record: WalRecord, cleaning: CleaningRecord, page: RedoPage): Coroutine {
    const { conflicts } = this.services.transactions
    if (cleaning.needsCleanupLock) yield* conflicts.lockForCleanup(me, page.buffer!)
    const rest = this.cleanNow(me, record, cleaning, page)
    if (rest) yield* rest
  }

  private cleanNow(me: Process, record: WalRecord, cleaning: CleaningRecord, page: RedoPage): Coroutine | undefined {
    this.apply(record, page, buffer => {
      cleanPage(buffer, cleaning)
      return littleRoom
    })
    return cleaning.plans.length === 0 ? this.noteRoomOf(me, blockOf(record, 0)) : undefined
  }

  /** However much it is: a page that was cleaned has room that nobody knows of. */
  private noteRoomOf(me: Process, block: WalBlock): Coroutine | undefined {
    const buffer = this.buffers.pinPresent(me, block.locator, block.fork, block.block)
    if (!buffer) return this.noteRoomOfMissing(me, block)
    const room = heapFreeSpace(buffer.page)
    this.buffers.unpin(buffer)
    const { freeSpaceMap } = this.services
    if (freeSpaceMap.tryRecord(me, block.locator, block.block, room)) return undefined
    return freeSpaceMap.record(me, block.locator, block.block, room)
  }

  private *noteRoomOfMissing(me: Process, block: WalBlock): Coroutine {
    const buffer = yield* this.redoPages.readAnyway(me, block.locator, block.fork, block.block)
    const room = heapFreeSpace(buffer.page)
    this.buffers.unpin(buffer)
    yield* this.services.freeSpaceMap.record(me, block.locator, block.block, room)
  }

  private *visible(me: Process, record: WalRecord): Coroutine {
    const bits = record.data[4] & bothBits
    const isCatalog = (record.data[4] & catalogFlag) !== 0
    const heapBlock = blockOf(record, 1)
    const { conflicts } = this.services.transactions
    yield* conflicts.resolveSnapshot(me, u32(record.data, 0), heapBlock.locator.database, isCatalog)
    const { action, buffer } = yield* this.redoPages.read(me, record, 1)
    if (buffer) {
      // The claim needs no LSN: whoever tears it off a page clears the map as well.
      if (action === 'needs redo') {
        buffer.page.flags |= pageFlag.allVisible
        this.buffers.markDirty(buffer)
      }
      this.buffers.unpin(buffer)
    }
    const mapPage = yield* this.redoPages.read(me, record, 0)
    const map = mapPage.buffer ?? (yield* this.map.pin(me, heapBlock.locator, heapBlock.block))
    if (mapPage.action !== 'done') {
      if (map.page.isNew) map.page.initialize()
      this.map.set(map, heapBlock.block, bits)
      map.page.lsn = record.end
    }
    this.buffers.unpin(map)
  }
}

function clearedBy(flags: number, flag: number): number {
  return (flags & flag) === 0 ? 0 : bothBits
}

function frozenClearedBy(record: WalRecord): number {
  return (record.data[7] & lockFlag.allFrozenCleared) === 0 ? 0 : visibility.allFrozen
}
