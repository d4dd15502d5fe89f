// Replays the heap's records. Mirrors heap_redo and heap2_redo: what a record does not say of a page (hint bits, the
// visibility map's bits that a change clears) is set as the change itself would have.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { panic } from '../shared/error.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferPool } from '../storage/buffer-pool.ts'
import { lineState, type Page, pageFlag } from '../storage/page.ts'
import type { RedoPage, RedoPages } from '../storage/redo-pages.ts'
import { type VisibilityMap, visibility } from '../storage/visibility-map.ts'
import { blockOf, viewOf, type WalBlock, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import { readCleaning } from './cleaning-record.ts'
import { heapFreeSpace } from './free-page.ts'
import { freezeTuple } from './freeze.ts'
import { setPrunable } from './heap-delete.ts'
import { deleteFlag, heap2Info, heapInfo, insertFlag, lockFlag, setInfobits, updateFlag } from './heap-records.ts'
import { type HeapServices, tupleAt } from './heap-services.ts'
import {
  ComboCommandId,
  HeapTuple,
  HotUpdated,
  heapTupleHeaderSize,
  isXmaxLockedOnly,
  KeysUpdated,
  XmaxBits,
} from './heap-tuple.ts'
import { executePrune, truncateLines } from './prune.ts'
import { makeTid, type Tid, tidBlock, tidOffset } from './tid.ts'

/** Room on a page after redo of an insert, under which the free space map is told. */
const littleRoom = 1638

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

  private redoHeap(me: Process, record: WalRecord): Coroutine {
    switch (record.info & heapInfo.operationMask) {
      case heapInfo.insert:
        return this.insert(me, record)
      case heapInfo.delete:
        return this.delete(me, record)
      case heapInfo.update:
      case heapInfo.hotUpdate:
        return this.update(me, record)
      case heapInfo.lock:
        return this.lock(me, record, true)
      case heapInfo.inplace:
        return this.overwrite(me, record)
      // It tells logical decoding alone.
      case heapInfo.truncate:
        return nothing()
      default:
        throw new Error(`no redo for heap record ${record.info}`)
    }
  }

  private redoHeap2(me: Process, record: WalRecord): Coroutine {
    switch (record.info & heapInfo.operationMask) {
      // They have the same numbers in all versions, and another meaning until 16.
      case heap2Info.pruneOnAccess:
      case heap2Info.pruneVacuumScan:
      case heap2Info.pruneVacuumCleanup:
        return this.clean(me, record)
      case heap2Info.visible:
        return this.visible(me, record)
      case heap2Info.multiInsert:
        return this.multiInsert(me, record)
      case heap2Info.lockUpdated:
        return this.lock(me, record, false)
      default:
        throw new Error(`no redo for heap record ${record.info} of Heap2`)
    }
  }

  /** Applies `change` to the page of block `id`, if it needs it. */
  private *change(me: Process, record: WalRecord, id: number, change: (buffer: Buffer) => void): Coroutine {
    this.apply(record, this.redoPages.tryRead(me, record, id) ?? (yield* this.redoPages.read(me, record, id)), change)
  }

  private apply(record: WalRecord, { action, buffer }: RedoPage, change: (buffer: Buffer) => void): void {
    if (!buffer) return
    if (action === 'needs redo') {
      change(buffer)
      buffer.page.lsn = record.end
      this.buffers.markDirty(buffer)
    }
    this.buffers.unpin(buffer)
  }

  private *clearMap(me: Process, block: WalBlock, bits: number): Coroutine {
    const map = yield* this.map.pin(me, block.locator, block.block)
    this.map.clear(map, block.block, bits)
    this.buffers.unpin(map)
  }

  private *insert(me: Process, record: WalRecord): Coroutine {
    const main = viewOf(record.data)
    const offset = main.getUint16(0, true)
    const cleared = (record.data[2] & insertFlag.allVisibleCleared) !== 0
    const block = blockOf(record, 0)
    if (cleared) yield* this.clearMap(me, block, bothBits)
    let room = littleRoom
    yield* this.change(me, record, 0, ({ page }) => {
      if (record.info & heapInfo.initPage) page.initialize()
      const tuple = restoreTuple(page, offset, block.block, block.data!, 0, block.data!.length)
      tuple.xmin = record.xid
      tuple.next = makeTid(block.block, offset)
      if (cleared) page.flags &= ~pageFlag.allVisible
      room = heapFreeSpace(page)
    })
    yield* this.noteRoom(me, block, room)
  }

  /** The map is not logged; without this a standby's would be useless after promotion. */
  private *noteRoom(me: Process, block: WalBlock, room: number): Coroutine {
    if (room < littleRoom) yield* this.services.freeSpaceMap.record(me, block.locator, block.block, room)
  }

  private *multiInsert(me: Process, record: WalRecord): Coroutine {
    const main = viewOf(record.data)
    const cleared = (record.data[0] & insertFlag.allVisibleCleared) !== 0
    const count = main.getUint16(2, true)
    const init = (record.info & heapInfo.initPage) !== 0
    const block = blockOf(record, 0)
    if (cleared) yield* this.clearMap(me, block, bothBits)
    let room = littleRoom
    yield* this.change(me, record, 0, ({ page }) => {
      if (init) page.initialize()
      const data = block.data!
      const view = viewOf(data)
      let at = 0
      for (let index = 0; index < count; index++) {
        const offset = init ? index + 1 : main.getUint16(4 + index * 2, true)
        at += at % 2
        const end = at + 7 + view.getUint16(at, true)
        const tuple = restoreTuple(page, offset, block.block, data, at + 2, end)
        tuple.xmin = record.xid
        tuple.next = makeTid(block.block, offset)
        at = end
      }
      if (cleared) page.flags &= ~pageFlag.allVisible
      room = heapFreeSpace(page)
    })
    yield* this.noteRoom(me, block, room)
  }

  private *delete(me: Process, record: WalRecord): Coroutine {
    const main = viewOf(record.data)
    const cleared = (record.data[7] & deleteFlag.allVisibleCleared) !== 0
    const block = blockOf(record, 0)
    if (cleared) yield* this.clearMap(me, block, bothBits)
    yield* this.change(me, record, 0, buffer => {
      const offset = main.getUint16(4, true)
      const tuple = expectTuple(buffer, offset)
      resetXmax(tuple, main.getUint32(0, true), record.data[6])
      tuple.mask2 &= ~HotUpdated
      setPrunable(buffer.page, record.xid)
      if (cleared) buffer.page.flags &= ~pageFlag.allVisible
      tuple.next = makeTid(block.block, offset)
    })
  }

  private *update(me: Process, record: WalRecord): Coroutine {
    const main = viewOf(record.data)
    const flags = record.data[7]
    const newBlock = blockOf(record, 0)
    const oldBlock = record.blocks.find(each => each.id === 1) ?? newBlock
    const oldCleared = (flags & updateFlag.oldAllVisibleCleared) !== 0
    const newCleared = (flags & updateFlag.newAllVisibleCleared) !== 0
    if (oldCleared) yield* this.clearMap(me, oldBlock, bothBits)
    const newTid = makeTid(newBlock.block, main.getUint16(12, true))
    const changeOld = (buffer: Buffer): HeapTuple => {
      const old = expectTuple(buffer, main.getUint16(4, true))
      resetXmax(old, main.getUint32(0, true), record.data[6])
      const hot = (record.info & heapInfo.operationMask) === heapInfo.hotUpdate
      old.mask2 = hot ? old.mask2 | HotUpdated : old.mask2 & ~HotUpdated
      old.next = newTid
      setPrunable(buffer.page, record.xid)
      if (oldCleared) buffer.page.flags &= ~pageFlag.allVisible
      return old
    }
    if (oldBlock !== newBlock) {
      yield* this.change(me, record, 1, buffer => {
        changeOld(buffer)
        buffer.page.flags |= pageFlag.full
      })
    }
    if (newCleared) yield* this.clearMap(me, newBlock, bothBits)
    let room = littleRoom
    yield* this.change(me, record, 0, buffer => {
      const { page } = buffer
      const old = oldBlock === newBlock ? changeOld(buffer) : undefined
      if (record.info & heapInfo.initPage) page.initialize()
      const tuple = restoreVersion(page, record, newBlock.data!, newTid, old)
      tuple.xmin = record.xid
      tuple.xmax = main.getUint32(8, true)
      tuple.next = newTid
      if (newCleared) page.flags &= ~pageFlag.allVisible
      room = heapFreeSpace(page)
    })
    const hot = (record.info & heapInfo.operationMask) === heapInfo.hotUpdate
    if (!hot) yield* this.noteRoom(me, newBlock, room)
  }

  private *overwrite(me: Process, record: WalRecord): Coroutine {
    const { data } = blockOf(record, 0)
    yield* this.change(me, record, 0, buffer => {
      const tuple = expectTuple(buffer, viewOf(record.data).getUint16(0, true))
      tuple.bytes.set(data!, tuple.at + tuple.hoff)
    })
  }

  private *lock(me: Process, record: WalRecord, setsNext: boolean): Coroutine {
    const main = viewOf(record.data)
    const block = blockOf(record, 0)
    if (record.data[7] & lockFlag.allFrozenCleared) yield* this.clearMap(me, block, visibility.allFrozen)
    yield* this.change(me, record, 0, buffer => {
      const offset = main.getUint16(4, true)
      const tuple = expectTuple(buffer, offset)
      tuple.mask &= ~XmaxBits
      tuple.mask2 &= ~KeysUpdated
      setInfobits(tuple, record.data[6])
      tuple.xmax = main.getUint32(0, true)
      if (!setsNext) return
      if (isXmaxLockedOnly(tuple.mask)) {
        tuple.mask2 &= ~HotUpdated
        tuple.next = makeTid(block.block, offset)
      }
      tuple.commandId = 0
      tuple.mask &= ~ComboCommandId
    })
  }

  private *clean(me: Process, record: WalRecord): Coroutine {
    const { version } = this.services.environment
    const { horizon, redirected, dead, unused, plans, cleaner, needsCleanupLock } = readCleaning(record, version)!
    const block = blockOf(record, 0)
    const { conflicts } = this.services.transactions
    yield* this.resolveConflict(me, horizon, block)
    const lock = needsCleanupLock ? (buffer: Buffer) => conflicts.lockForCleanup(me, buffer) : undefined
    this.apply(record, yield* this.redoPages.read(me, record, 0, lock), buffer => {
      const { page } = buffer
      if (cleaner === 'vacuum cleanup') {
        for (const offset of unused) page.setLine(offset, 0, lineState.unused, 0)
        truncateLines(page)
      } else if (redirected.length + dead.length + unused.length > 0) executePrune(page, redirected, dead, unused)
      for (const plan of plans) for (const offset of plan.offsets) freezeTuple(expectTuple(buffer, offset), plan)
    })
    if (plans.length === 0) yield* this.noteRoomOf(me, block)
  }

  /** Nobody may still need what goes. 0: nothing goes that anybody could need. */
  private *resolveConflict(me: Process, latestRemoved: number, { locator }: WalBlock): Coroutine {
    yield* this.services.transactions.conflicts.resolveSnapshot(me, latestRemoved, locator.database)
  }

  private *noteRoomOf(me: Process, block: WalBlock): Coroutine {
    const buffer =
      this.buffers.pinPresent(me, block.locator, block.fork, block.block) ??
      (yield* this.redoPages.readAnyway(me, block.locator, block.fork, block.block))
    const room = heapFreeSpace(buffer.page)
    this.buffers.unpin(buffer)
    yield* this.services.freeSpaceMap.record(me, block.locator, block.block, room)
  }

  private *visible(me: Process, record: WalRecord): Coroutine {
    const bits = record.data[4]
    const heapBlock = blockOf(record, 1)
    yield* this.resolveConflict(me, viewOf(record.data).getUint32(0, true), heapBlock)
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

function* nothing(): Coroutine {}

const bothBits = visibility.allVisible | visibility.allFrozen

function expectTuple(buffer: Buffer, offset: number): HeapTuple {
  const tuple = tupleAt(buffer, offset)
  if (!tuple) panic('XX000', 'invalid lp')
  return tuple
}

function resetXmax(tuple: HeapTuple, xmax: number, infobits: number): void {
  tuple.mask &= ~XmaxBits
  tuple.mask2 &= ~KeysUpdated
  setInfobits(tuple, infobits)
  tuple.xmax = xmax
  tuple.commandId = 0
  tuple.mask &= ~ComboCommandId
}

/** Puts a tuple on the page from its packed header at `at` and the bytes after it. */
function restoreTuple(page: Page, offset: number, block: number, data: Uint8Array, at: number, end: number): HeapTuple {
  const length = heapTupleHeaderSize + (end - at - 5)
  const tuple = placeTuple(page, offset, block, length)
  copyHeader(tuple, data, at)
  page.bytes.set(data.subarray(at + 5, end), tuple.at + heapTupleHeaderSize)
  return tuple
}

function placeTuple(page: Page, offset: number, block: number, length: number): HeapTuple {
  if (offset > page.lineCount + 1) panic('XX000', 'invalid max offset number')
  if (page.addItem(length, offset) === 0) panic('XX000', 'failed to add tuple')
  const tuple = new HeapTuple(page, page.itemOffset(offset), length, makeTid(block, offset))
  page.bytes.fill(0, tuple.at, tuple.at + heapTupleHeaderSize)
  return tuple
}

function copyHeader(tuple: HeapTuple, data: Uint8Array, at: number): void {
  const view = viewOf(data)
  tuple.mask2 = view.getUint16(at, true)
  tuple.mask = view.getUint16(at + 2, true)
  tuple.bytes[tuple.at + 22] = data[at + 4]
}

/** The new version of an update: what both ends have in common with the old one is taken from there. */
function restoreVersion(
  page: Page,
  record: WalRecord,
  data: Uint8Array,
  tid: Tid,
  old: HeapTuple | undefined,
): HeapTuple {
  const view = viewOf(data)
  const flags = record.data[7]
  let at = 0
  const next = (): number => {
    at += 2
    return view.getUint16(at - 2, true)
  }
  const prefix = flags & updateFlag.prefixFromOld ? next() : 0
  const suffix = flags & updateFlag.suffixFromOld ? next() : 0
  const header = at
  at += 5
  const length = heapTupleHeaderSize + prefix + (data.length - at) + suffix
  const tuple = placeTuple(page, tidOffset(tid), tidBlock(tid), length)
  copyHeader(tuple, data, header)
  const { bytes } = page
  let to = tuple.at + heapTupleHeaderSize
  if (prefix > 0) {
    const bitmap = tuple.hoff - heapTupleHeaderSize
    bytes.set(data.subarray(at, at + bitmap), to)
    at += bitmap
    to += bitmap
    bytes.set(old!.bytes.subarray(old!.at + old!.hoff, old!.at + old!.hoff + prefix), to)
    to += prefix
  }
  bytes.set(data.subarray(at), to)
  to += data.length - at
  if (suffix > 0) bytes.set(old!.bytes.subarray(old!.at + old!.length - suffix, old!.at + old!.length), to)
  return tuple
}
