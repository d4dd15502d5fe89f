// Replays the btree's records. Mirrors nbtxlog.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import { Page } from '../storage/page.ts'
import type { RedoPage, RedoPages } from '../storage/redo-pages.ts'
import { blockOf, viewOf, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import { addIndexTuple } from './btree-items.ts'
import {
  btreeFlag,
  firstDataLine,
  flagsOf,
  initializeDeleted,
  initializeMeta,
  initializeNode,
  leftOf,
  noBlock,
  setFlags,
  setLeft,
  setRight,
} from './btree-page.ts'
import { forgetChild, makeHalfDead } from './btree-page-delete.ts'
import { btreeInfo } from './btree-records.ts'
import type { HeapServices } from './heap-services.ts'
import { type IndexTuple, indexTupleAt, sizeOf } from './index-tuple.ts'

export class BTreeRedo implements ResourceManager {
  readonly id = resourceManagers.btree
  readonly name = 'Btree'
  private readonly services: HeapServices
  private readonly redoPages: RedoPages

  constructor(services: HeapServices, redoPages: RedoPages) {
    this.services = services
    this.redoPages = redoPages
  }

  *redo(me: Process, record: WalRecord): Coroutine {
    switch (record.info & 0xf0) {
      case btreeInfo.insertLeaf:
        return yield* this.insert(me, record)
      case btreeInfo.insertUpper:
        yield* this.clearIncompleteSplit(me, record, 1)
        return yield* this.insert(me, record)
      case btreeInfo.insertMeta:
        yield* this.clearIncompleteSplit(me, record, 1)
        yield* this.insert(me, record)
        return yield* this.restoreMeta(me, record, 2)
      case btreeInfo.splitLeft:
      case btreeInfo.splitRight:
        return yield* this.split(me, record)
      case btreeInfo.delete: {
        const latestRemoved = viewOf(record.data).getUint32(0, true)
        const { locator } = blockOf(record, 0)
        const isCatalog = this.services.environment.version >= 16 && record.data[8] !== 0
        yield* this.services.transactions.conflicts.resolveSnapshot(me, latestRemoved, locator.database, isCatalog)
        return yield* this.delete(me, record, 8)
      }
      case btreeInfo.vacuum:
        return yield* this.delete(me, record, 4, true)
      case btreeInfo.newRoot:
        return yield* this.newRoot(me, record)
      case btreeInfo.markPageHalfDead:
        return yield* this.markPageHalfDead(me, record)
      case btreeInfo.unlinkPage:
        return yield* this.unlinkPage(me, record)
      case btreeInfo.unlinkPageMeta:
        yield* this.unlinkPage(me, record)
        return yield* this.restoreMeta(me, record, 4)
      case btreeInfo.reusePage:
        return
      case btreeInfo.metaCleanup:
        return yield* this.restoreMeta(me, record, 0)
      default:
        throw new Error(`no redo for btree record ${record.info}`)
    }
  }

  private *change(me: Process, record: WalRecord, id: number, change: (buffer: Buffer) => void): Coroutine {
    this.apply(record, this.redoPages.tryRead(me, record, id) ?? (yield* this.redoPages.read(me, record, id)), change)
  }

  private apply(record: WalRecord, { action, buffer }: RedoPage, change: (buffer: Buffer) => void): void {
    if (!buffer) return
    if (action === 'needs redo') {
      change(buffer)
      buffer.page.lsn = record.end
      this.services.buffers.markDirty(buffer)
    }
    this.services.buffers.unpin(buffer)
  }

  private *insert(me: Process, record: WalRecord): Coroutine {
    const line = viewOf(record.data).getUint16(0, true)
    // A record with the page's image has no tuple of its own.
    yield* this.change(me, record, 0, ({ page }) => {
      addIndexTuple(page, tuplesOf(blockOf(record, 0).data!)[0], line)
    })
  }

  private *clearIncompleteSplit(me: Process, record: WalRecord, id: number): Coroutine {
    yield* this.change(me, record, id, ({ page }) => setFlags(page, flagsOf(page) & ~btreeFlag.incompleteSplit))
  }

  private *split(me: Process, record: WalRecord): Coroutine {
    const main = viewOf(record.data)
    const level = main.getUint32(0, true)
    const firstRight = main.getUint16(4, true)
    const newLine = main.getUint16(6, true)
    const left = blockOf(record, 0)
    const right = blockOf(record, 1)
    const sibling = record.blocks.find(each => each.id === 2)
    if (level > 0) yield* this.clearIncompleteSplit(me, record, 3)
    const flags = level === 0 ? btreeFlag.leaf : 0
    yield* this.change(me, record, 1, ({ page }) => {
      initializeNode(page, flags, level, left.block, sibling?.block ?? noBlock)
      restoreEntries(page, right.data!)
    })
    const newIsLeft = (record.info & 0xf0) === btreeInfo.splitLeft
    yield* this.change(me, record, 0, ({ page }) => {
      const given = tuplesOf(left.data!)
      const high = given[given.length - 1]
      const scratch = new Page()
      initializeNode(scratch, flags | btreeFlag.incompleteSplit, level, leftOf(page), right.block)
      addIndexTuple(scratch, high, 1)
      for (let line = firstDataLine(page); line < firstRight; line++) {
        if (newIsLeft && line === newLine) addIndexTuple(scratch, given[0])
        addIndexTuple(scratch, indexTupleAt(page, line))
      }
      if (newIsLeft && newLine === firstRight) addIndexTuple(scratch, given[0])
      page.bytes.set(scratch.bytes)
    })
    if (sibling) yield* this.change(me, record, 2, ({ page }) => setLeft(page, right.block))
  }

  /** `ofVacuum`: it waits for scans that stand on the leaf. */
  private *delete(me: Process, record: WalRecord, headerSize: number, ofVacuum = false): Coroutine {
    const count = viewOf(record.data).getUint16(headerSize - 4, true)
    const { data } = blockOf(record, 0)
    const { conflicts } = this.services.transactions
    const lock = ofVacuum ? (leaf: Buffer) => conflicts.lockForCleanup(me, leaf) : undefined
    this.apply(record, yield* this.redoPages.read(me, record, 0, lock), ({ page }) => {
      const view = viewOf(data!)
      page.deleteItems(Array.from({ length: count }, (_, i) => view.getUint16(i * 2, true)))
      setFlags(page, flagsOf(page) & ~btreeFlag.hasGarbage)
    })
  }

  private *newRoot(me: Process, record: WalRecord): Coroutine {
    const level = viewOf(record.data).getUint32(4, true)
    const root = blockOf(record, 0)
    yield* this.change(me, record, 0, ({ page }) => {
      initializeNode(page, btreeFlag.root | (level === 0 ? btreeFlag.leaf : 0), level, noBlock, noBlock)
      if (level > 0) restoreEntries(page, root.data!)
    })
    if (level > 0) yield* this.clearIncompleteSplit(me, record, 1)
    yield* this.restoreMeta(me, record, 2)
  }

  private *restoreMeta(me: Process, record: WalRecord, id: number): Coroutine {
    const data = viewOf(blockOf(record, id).data!)
    const field = (position: number) => data.getUint32(position * 4, true)
    const meta = { root: field(1), level: field(2), fastRoot: field(3), fastLevel: field(4), deletedPages: field(5) }
    yield* this.change(me, record, id, ({ page }) => initializeMeta(page, meta, data.getUint8(24) === 1))
  }

  private *markPageHalfDead(me: Process, record: WalRecord): Coroutine {
    const main = viewOf(record.data)
    const links = { left: main.getUint32(8, true), right: main.getUint32(12, true) }
    yield* this.change(me, record, 1, ({ page }) => forgetChild(page, main.getUint16(0, true)))
    yield* this.change(me, record, 0, ({ page }) => makeHalfDead(page, links, main.getUint32(16, true)))
  }

  private *unlinkPage(me: Process, record: WalRecord): Coroutine {
    const main = viewOf(record.data)
    const left = main.getUint32(0, true)
    const right = main.getUint32(4, true)
    const level = main.getUint32(8, true)
    const xid = main.getUint32(16, true)
    if (left !== noBlock) yield* this.change(me, record, 1, ({ page }) => setRight(page, right))
    yield* this.change(me, record, 0, ({ page }) => initializeDeleted(page, level, left, right, xid))
    yield* this.change(me, record, 2, ({ page }) => setLeft(page, left))
    if (level === 0) return
    const links = { left: main.getUint32(24, true), right: main.getUint32(28, true) }
    yield* this.change(me, record, 3, ({ page }) => makeHalfDead(page, links, main.getUint32(32, true)))
  }
}

/** Index tuples that stand one after the other. */
function tuplesOf(data: Uint8Array): IndexTuple[] {
  const view = viewOf(data)
  const tuples: IndexTuple[] = []
  for (let at = 0; at < data.length; ) {
    const tuple = { bytes: data, view, at }
    tuples.push(tuple)
    at += sizeOf(tuple)
  }
  return tuples
}

/** The content of a page as it lay there: the last entry first. */
function restoreEntries(page: Page, data: Uint8Array): void {
  for (const tuple of tuplesOf(data).reverse()) addIndexTuple(page, tuple)
}
