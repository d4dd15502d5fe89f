// An empty leaf leaves the tree, in two steps: the page above forgets it, and it is half-dead; then its neighbours forget
// it, and it is deleted. What would have come to it goes to the right of it from then on. A page above that has no other
// child goes with it. Mirrors _bt_pagedel, _bt_mark_page_halfdead and _bt_unlink_halfdead_page of nbtpage.c.
//
// | a crash, or an error, after | leaves |
// |---|---|
// | the first step | a half-dead leaf: the next vacuum goes on with it |

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { Page } from '../storage/page.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { addIndexTuple } from './btree-items.ts'
import { type SearchKey, searchPage } from './btree-key.ts'
import {
  btreeFlag,
  firstDataLine,
  hasEqualImage,
  hasIncompleteSplit,
  highKeyLine,
  initializeDeleted,
  initializeMeta,
  initializeNode,
  isDeleted,
  isEmpty,
  isHalfDead,
  isLeaf,
  isRightmost,
  leftOf,
  levelOf,
  metaBlock,
  noBlock,
  readMeta,
  rightOf,
  setLeft,
  setRight,
} from './btree-page.ts'
import { appendMeta, btreeInfo } from './btree-records.ts'
import type { BTreeSearch } from './btree-search.ts'
import { type BTreeSplit, type Changer, pivotKey } from './btree-split.ts'
import type { HeapServices } from './heap-services.ts'
import { downlinkOf, indexTupleAt, minusInfinity, setBlock } from './index-tuple.ts'
import type { Index } from './relation.ts'

/** A half-dead leaf's place for the page above that goes before it, if there is none. */
const nothingAbove = 0xffff_ffff

/** Told of every page that is gone for good, and of the xid that must have passed until it may be used again. */
export type Deleted = (block: number, xid: number) => void

/** The page that forgets a child, pinned, and where that child stands on it. */
interface Forgetting {
  readonly parent: Buffer
  readonly line: number
  /** The child: the leaf, or the highest page above it that has no other child; and its right neighbour. */
  readonly top: number
  readonly right: number
}

export class BTreePageDelete {
  private readonly services: HeapServices
  private readonly search: BTreeSearch
  private readonly splitting: BTreeSplit

  constructor(search: BTreeSearch, splitting: BTreeSplit) {
    this.search = search
    this.services = search.services
    this.splitting = splitting
  }

  /** The leaf, if that can be, and then those to the right of it that are empty too. Unpins it. */
  *delete(changer: Changer, index: Index, empty: Buffer, told: Deleted): Coroutine {
    for (let leaf = empty; ; ) {
      const isPossible = isHalfDead(leaf.page) || (yield* this.markHalfDead(changer, index, leaf))
      let goesOn = false
      while (isHalfDead(leaf.page)) goesOn = yield* this.unlink(changer, index, leaf, told)
      const right = rightOf(leaf.page)
      this.search.unpin(leaf)
      if (!isPossible || !goesOn) return
      yield* changer.me.pause()
      leaf = yield* this.search.pin(changer.me, index, right)
    }
  }

  /** False if the leaf must stay: it is the last child of a page that has others, or something is half-done nearby. */
  private *markHalfDead(changer: Changer, index: Index, leaf: Buffer): Coroutine<boolean> {
    const { me } = changer
    for (;;) {
      const { page } = leaf
      if (!mayGo(page)) return false
      const { lsn } = page
      const left = leftOf(page) === noBlock ? undefined : yield* this.search.pin(me, index, leftOf(page))
      const right = yield* this.search.pin(me, index, rightOf(page))
      const found = yield* this.findForgetting(changer, index, leaf)
      const isStale = page.lsn !== lsn
      const isPossible = !isStale && found && !isHalfOfSplit(left, leaf.block) && !isHalfDead(right.page)
      if (isPossible) this.forget(me, index, leaf, found)
      if (left) this.search.unpin(left)
      this.search.unpin(right)
      if (found) this.search.unpin(found.parent)
      if (!isStale) return isPossible === true
    }
  }

  /** Undefined if no page above can forget it. What it finds is so as long as nobody waits. */
  private *findForgetting(changer: Changer, index: Index, leaf: Buffer): Coroutine<Forgetting | undefined> {
    const { me } = changer
    const { lsn } = leaf.page
    const finish = (buffer: Buffer) => this.splitting.insertParent(changer, index, buffer)
    const key: SearchKey = pivotKey(index, indexTupleAt(leaf.page, highKeyLine))
    let top = leaf.block
    let right = rightOf(leaf.page)
    for (let level = 1; ; level++) {
      const parent = yield* this.search.descend(me, index, key, level, finish)
      if (!parent) throw new Error(`${index.name} has no level ${level}`)
      const { page } = parent
      const line = searchPage(index, key, page)
      if (leaf.page.lsn !== lsn) {
        this.search.unpin(parent)
        return undefined
      }
      if (downlinkOf(indexTupleAt(page, line)) !== top) {
        throw new Error(`the page above block ${top} of ${index.name} does not lead to it`)
      }
      if (line < page.lineCount) return { parent, line, top, right }
      top = parent.block
      right = rightOf(page)
      const before = leftOf(page)
      const hasOthers = line !== firstDataLine(page) || isRightmost(page)
      this.search.unpin(parent)
      if (hasOthers) return undefined
      if (before === noBlock) continue
      const left = yield* this.search.pin(me, index, before)
      const isHalf = isHalfOfSplit(left, top)
      this.search.unpin(left)
      if (isHalf) return undefined
    }
  }

  /** The first step: the key space of what goes is its right neighbour's from now on. */
  private forget(me: Process, index: Index, leaf: Buffer, { parent, line, top, right }: Forgetting): void {
    const { wal, buffers, transactions } = this.services
    forgetChild(parent.page, line)
    if (downlinkOf(indexTupleAt(parent.page, line)) !== right) throw new Error(`block ${top} has a wrong neighbour`)
    const { block, page } = leaf
    const above = top === block ? nothingAbove : top
    const links = { left: leftOf(page), right: rightOf(page) }
    // Who has read the leaf has read what will come to its neighbour.
    transactions.serializable.pageSplit(index, block, links.right)
    makeHalfDead(page, links, above)
    buffers.markDirty(parent)
    buffers.markDirty(leaf)
    const record = wal.begin(resourceManagers.btree, btreeInfo.markPageHalfDead, 0)
    record.data.u16(line)
    record.data.u16(0)
    for (const value of [block, links.left, links.right, above]) record.data.u32(value)
    record.block(0, leaf, registerFlag.willInit)
    record.block(1, parent, registerFlag.standard)
    const lsn = wal.insert(me, record)
    page.lsn = lsn
    parent.page.lsn = lsn
  }

  /** The second step, for the highest page that is left; gives whether its right neighbour is empty. */
  private *unlink(changer: Changer, index: Index, leaf: Buffer, told: Deleted): Coroutine<boolean> {
    const { me } = changer
    yield* me.pause()
    for (;;) {
      const top = downlinkOf(indexTupleAt(leaf.page, highKeyLine))
      const target = yield* this.search.pin(me, index, top === nothingAbove ? leaf.block : top)
      const before = leftOf(target.page)
      const left = before === noBlock ? undefined : yield* this.search.pin(me, index, before)
      const right = yield* this.search.pin(me, index, rightOf(target.page))
      const meta = left ? undefined : yield* this.search.pin(me, index, metaBlock)
      const isCurrent = leftOf(target.page) === before && rightOf(target.page) === right.block
      if (isCurrent) this.remove(me, { leaf, target, left, right, meta }, told)
      const rightIsEmpty = isEmpty(right.page)
      for (const buffer of [target, left, right, meta]) if (buffer) this.search.unpin(buffer)
      if (isCurrent) return rightIsEmpty
    }
  }

  private remove(
    me: Process,
    pages: { leaf: Buffer; target: Buffer; left: Buffer | undefined; right: Buffer; meta: Buffer | undefined },
    told: Deleted,
  ): void {
    const { wal, buffers, transactions } = this.services
    const { leaf, target, left, right } = pages
    const level = levelOf(target.page)
    const leafLinks = { left: leftOf(leaf.page), right: rightOf(leaf.page) }
    const below = target === leaf ? nothingAbove : onlyChildOf(target.page, leaf.block)
    const meta =
      pages.meta && isRightmost(right.page) && readMeta(pages.meta.page).fastLevel <= level + 1 ? pages.meta : undefined
    const leftBlock = left?.block ?? noBlock
    if (left) setRight(left.page, right.block)
    setLeft(right.page, leftBlock)
    const xid = transactions.nextXid
    if (target !== leaf) makeHalfDead(leaf.page, leafLinks, below)
    initializeDeleted(target.page, level, leftBlock, right.block, xid)
    const record = wal.begin(resourceManagers.btree, meta ? btreeInfo.unlinkPageMeta : btreeInfo.unlinkPage, 0)
    for (const value of [leftBlock, right.block, level, 0]) record.data.u32(value)
    record.data.u64(xid)
    for (const value of [leafLinks.left, leafLinks.right, below]) record.data.u32(value)
    record.block(0, target, registerFlag.willInit)
    if (left) record.block(1, left, registerFlag.standard)
    record.block(2, right, registerFlag.standard)
    if (target !== leaf) record.block(3, leaf, registerFlag.willInit)
    if (meta) {
      const content = { ...readMeta(meta.page), fastRoot: right.block, fastLevel: level }
      const equalImage = hasEqualImage(meta.page)
      initializeMeta(meta.page, content, equalImage)
      appendMeta(record.block(4, meta, registerFlag.willInit | registerFlag.standard), content, equalImage)
    }
    const lsn = wal.insert(me, record)
    for (const buffer of [target, left, right, target === leaf ? undefined : leaf, meta]) {
      if (!buffer) continue
      buffer.page.lsn = lsn
      buffers.markDirty(buffer)
    }
    told(target.block, xid)
  }
}

function mayGo(page: Page): boolean {
  return isLeaf(page) && !isDeleted(page) && !isRightmost(page) && isEmpty(page) && !hasIncompleteSplit(page)
}

/** The left neighbour has been split, and the page above doesn't know of `block` yet. */
function isHalfOfSplit(left: Buffer | undefined, block: number): boolean {
  return left !== undefined && rightOf(left.page) === block && hasIncompleteSplit(left.page)
}

/** The child's place leads to its right neighbour, whose own place goes. */
export function forgetChild(page: Page, line: number): void {
  setBlock(indexTupleAt(page, line), downlinkOf(indexTupleAt(page, line + 1)))
  page.deleteItems([line + 1])
}

export function makeHalfDead(page: Page, links: { left: number; right: number }, above: number): void {
  initializeNode(page, btreeFlag.leaf | btreeFlag.halfDead, 0, links.left, links.right)
  addIndexTuple(page, minusInfinity(above))
}

/** The next page below that goes, the leaf excepted. */
function onlyChildOf(page: Page, leaf: number): number {
  const child = downlinkOf(indexTupleAt(page, firstDataLine(page)))
  return child === leaf ? nothingAbove : child
}
