// Splitting a page that is full: where, and what each half and the page above become. Mirrors nbtsplitloc.c, _bt_split,
// _bt_insert_parent and _bt_newroot.
//
// | a crash, or an error, after | leaves |
// |---|---|
// | the split | the left half marked: whoever inserts next tells the page above |

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import { align8, Page } from '../storage/page.ts'
import { type Bytes, registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { newPage } from './btree-free-pages.ts'
import { addIndexTuple, contentOf } from './btree-items.ts'
import { compareColumn, type SearchKey, searchPage } from './btree-key.ts'
import {
  btreeFlag,
  cycleOf,
  firstDataLine,
  flagsOf,
  hasEqualImage,
  hasIncompleteSplit,
  highKeyLine,
  initializeMeta,
  initializeNode,
  isLeaf,
  isRightmost,
  leftOf,
  levelOf,
  metaBlock,
  noBlock,
  readMeta,
  rightOf,
  rootedAt,
  setCycle,
  setFlags,
  setLeft,
} from './btree-page.ts'
import { appendMeta, btreeInfo } from './btree-records.ts'
import type { BTreeSearch } from './btree-search.ts'
import { choosePlace } from './btree-split-place.ts'
import type { HeapServices } from './heap-services.ts'
import {
  columnCount,
  downlinkOf,
  formPivot,
  heapTidOf,
  type IndexTuple,
  indexTupleAt,
  isPivot,
  keyOf,
  minusInfinity,
  sizeOf,
  withDownlink,
} from './index-tuple.ts'
import type { Index } from './relation.ts'

/** Who changes the tree: their process, the xid for their records, and where to note these. */
export interface Changer {
  readonly me: Process
  readonly xid: number
  readonly wrote: (lsn: number) => void
}

export class BTreeSplit {
  private readonly services: HeapServices
  private readonly search: BTreeSearch

  constructor(search: BTreeSearch) {
    this.search = search
    this.services = search.services
  }

  /**
   * Splits the page, with the new tuple to stand at `line`, and tells the page above. False, and nothing happened, if
   * the page changed while this waited. Unpins the page.
   */
  *split(
    changer: Changer,
    index: Index,
    buffer: Buffer,
    tuple: IndexTuple,
    line: number,
    child?: Buffer,
  ): Coroutine<boolean> {
    const { me } = changer
    const { buffers } = this.services
    const { page } = buffer
    const lsn = page.lsn
    const right = yield* newPage(this.services, me, index)
    const after = rightOf(page)
    const sibling = after === noBlock ? undefined : yield* this.search.pin(me, index, after)
    if (page.lsn !== lsn) {
      // The new page stays behind, unused: vacuum will find it.
      buffers.unpin(right)
      if (sibling) buffers.unpin(sibling)
      buffers.unpin(buffer)
      return false
    }
    this.divide(changer, index, { left: buffer, right, sibling, child }, tuple, line)
    this.services.transactions.serializable.pageSplit(index, buffer.block, right.block)
    buffers.unpin(right)
    if (sibling) buffers.unpin(sibling)
    yield* this.insertParent(changer, index, buffer)
    return true
  }

  /** The two halves, at once. */
  private divide(
    changer: Changer,
    index: Index,
    pages: { left: Buffer; right: Buffer; sibling: Buffer | undefined; child: Buffer | undefined },
    tuple: IndexTuple,
    line: number,
  ): void {
    const { left, right, sibling, child } = pages
    const origin = left.page
    const entries = entriesOf(origin)
    const first = firstDataLine(origin)
    entries.splice(line - first, 0, tuple)
    const place = choosePlace(index, origin, entries)
    const level = levelOf(origin)
    const oldHigh = isRightmost(origin) ? undefined : copyOf(indexTupleAt(origin, highKeyLine))
    const passing = btreeFlag.root | btreeFlag.splitEnd | btreeFlag.hasGarbage | btreeFlag.incompleteSplit
    const flags = flagsOf(origin) & ~passing
    const cycle = this.services.vacuumCycles.of(index.id)
    const after = rightOf(origin)
    const newIsLeft = line - first < place
    const high = highKeyOf(index, entries[place - 1], entries[place], level)
    const scratch = new Page()
    initializeNode(scratch, flags | btreeFlag.incompleteSplit, level, leftOf(origin), right.block)
    addIndexTuple(scratch, high, 1)
    for (const entry of entries.slice(0, place)) addIndexTuple(scratch, entry)
    initializeNode(right.page, flags, level, left.block, after)
    if (oldHigh) addIndexTuple(right.page, oldHigh, 1)
    entries.slice(place).forEach((entry, position) => {
      addIndexTuple(right.page, position === 0 && level > 0 ? minusInfinity(downlinkOf(entry)) : entry)
    })
    // Else the page would look as if it had not been logged since the redo point.
    scratch.lsn = origin.lsn
    setCycle(scratch, cycle)
    setCycle(right.page, cycle)
    origin.bytes.set(scratch.bytes)
    if (sibling) {
      setLeft(sibling.page, right.block)
      if (cycleOf(sibling.page) !== cycle) setFlags(right.page, flags | btreeFlag.splitEnd)
    }
    if (child) setFlags(child.page, flagsOf(child.page) & ~btreeFlag.incompleteSplit)
    this.logSplit(changer, pages, { place, line, first, newIsLeft, tuple, high, level })
  }

  private logSplit(
    changer: Changer,
    pages: { left: Buffer; right: Buffer; sibling: Buffer | undefined; child: Buffer | undefined },
    what: {
      place: number
      line: number
      first: number
      newIsLeft: boolean
      tuple: IndexTuple
      high: IndexTuple
      level: number
    },
  ): void {
    const { wal } = this.services
    const { left, right, sibling, child } = pages
    const info = what.newIsLeft ? btreeInfo.splitLeft : btreeInfo.splitRight
    const record = wal.begin(resourceManagers.btree, info, changer.xid)
    record.data.u32(what.level)
    // Counted on the page as it was, without the new tuple.
    record.data.u16(what.first + what.place - (what.newIsLeft ? 1 : 0))
    record.data.u16(what.line)
    record.data.u16(0)
    const leftData = record.block(0, left, registerFlag.standard)
    if (what.newIsLeft) append(leftData, what.tuple)
    append(leftData, what.high)
    const rightData = record.block(1, right, registerFlag.willInit)
    rightData.append(right.page.bytes, right.page.upper, right.page.special)
    if (sibling) record.block(2, sibling, registerFlag.standard)
    if (child) record.block(3, child, registerFlag.standard)
    const lsn = wal.insert(changer.me, record)
    for (const buffer of [left, right, sibling, child]) {
      if (!buffer) continue
      buffer.page.lsn = lsn
      this.services.buffers.markDirty(buffer)
    }
    changer.wrote(lsn)
  }

  /** Tells the page above of the left page's new neighbour. Unpins the left page. */
  *insertParent(changer: Changer, index: Index, left: Buffer): Coroutine {
    const { me } = changer
    const { buffers } = this.services
    while (hasIncompleteSplit(left.page)) {
      const level = levelOf(left.page)
      const meta = yield* this.search.meta(me, index)
      if (meta.root === left.block) {
        if (yield* this.newRoot(changer, index, left)) break
        continue
      }
      const high = indexTupleAt(left.page, highKeyLine)
      const key = pivotKey(index, high)
      const pivot = withDownlink(high, rightOf(left.page))
      const finish = (buffer: Buffer) => this.insertParent(changer, index, buffer)
      // The page was alone on its level: searches must no longer begin with it.
      const wasFastRoot = meta.fastLevel <= level
      const metaPage = wasFastRoot ? yield* this.search.pin(me, index, metaBlock) : undefined
      const parent = yield* this.search.descend(me, index, key, level + 1, finish)
      if (!parent) throw new Error(`${index.name} has no level ${level + 1}`)
      // Another one who came by may have done it meanwhile.
      const isOpen = hasIncompleteSplit(left.page)
      const line = searchPage(index, key, parent.page) + 1
      if (isOpen && downlinkOf(indexTupleAt(parent.page, line - 1)) !== left.block) {
        throw new Error(`the page above block ${left.block} of ${index.name} does not lead to it`)
      }
      const done = !isOpen || this.tryInsert(changer, parent, pivot, line, left, metaPage)
      if (metaPage) buffers.unpin(metaPage)
      if (done) {
        buffers.unpin(parent)
        break
      }
      yield* this.split(changer, index, parent, pivot, line, left)
    }
    buffers.unpin(left)
  }

  /**
   * Puts a tuple on a page that has room for it; false if it has none. `child`: its split is told with this. `meta`: the
   * page becomes the one with which searches begin.
   */
  tryInsert(changer: Changer, buffer: Buffer, tuple: IndexTuple, line: number, child?: Buffer, meta?: Buffer): boolean {
    const { wal, buffers } = this.services
    const { page } = buffer
    if (page.freeSpace < align8(sizeOf(tuple))) return false
    addIndexTuple(page, tuple, line)
    buffers.markDirty(buffer)
    const upper = meta ? btreeInfo.insertMeta : btreeInfo.insertUpper
    const info = isLeaf(page) ? btreeInfo.insertLeaf : upper
    const record = wal.begin(resourceManagers.btree, info, changer.xid)
    record.data.u16(line)
    append(record.block(0, buffer, registerFlag.standard), tuple)
    if (child) {
      setFlags(child.page, flagsOf(child.page) & ~btreeFlag.incompleteSplit)
      buffers.markDirty(child)
      record.block(1, child, registerFlag.standard)
    }
    if (meta) {
      const content = { ...readMeta(meta.page), fastRoot: buffer.block, fastLevel: levelOf(page) }
      const equalImage = hasEqualImage(meta.page)
      initializeMeta(meta.page, content, equalImage)
      buffers.markDirty(meta)
      appendMeta(record.block(2, meta, registerFlag.willInit | registerFlag.standard), content, equalImage)
    }
    const lsn = wal.insert(changer.me, record)
    page.lsn = lsn
    if (child) child.page.lsn = lsn
    if (meta) meta.page.lsn = lsn
    changer.wrote(lsn)
    return true
  }

  /** The root was split: a new one stands above both halves. False if somebody was faster. */
  private *newRoot(changer: Changer, index: Index, left: Buffer): Coroutine<boolean> {
    const { me } = changer
    const { buffers, wal } = this.services
    const root = yield* newPage(this.services, me, index)
    const meta = yield* this.search.pin(me, index, metaBlock)
    const done = hasIncompleteSplit(left.page) && readMeta(meta.page).root === left.block
    if (done) {
      const level = levelOf(left.page) + 1
      initializeNode(root.page, btreeFlag.root, level, noBlock, noBlock)
      addIndexTuple(root.page, minusInfinity(left.block))
      addIndexTuple(root.page, withDownlink(indexTupleAt(left.page, highKeyLine), rightOf(left.page)))
      const content = rootedAt(root.block, level, readMeta(meta.page).deletedPages)
      const equalImage = hasEqualImage(meta.page)
      initializeMeta(meta.page, content, equalImage)
      setFlags(left.page, flagsOf(left.page) & ~btreeFlag.incompleteSplit)
      const record = wal.begin(resourceManagers.btree, btreeInfo.newRoot, changer.xid)
      record.data.u32(root.block)
      record.data.u32(level)
      const data = record.block(0, root, registerFlag.willInit)
      data.append(root.page.bytes, root.page.upper, root.page.special)
      record.block(1, left, registerFlag.standard)
      appendMeta(record.block(2, meta, registerFlag.willInit | registerFlag.standard), content, equalImage)
      const lsn = wal.insert(me, record)
      for (const buffer of [root, left, meta]) {
        buffer.page.lsn = lsn
        buffers.markDirty(buffer)
      }
      changer.wrote(lsn)
    }
    buffers.unpin(root)
    buffers.unpin(meta)
    return done
  }
}

function append(data: Bytes, tuple: IndexTuple): void {
  data.append(tuple.bytes, tuple.at, tuple.at + sizeOf(tuple))
}

function copyOf(tuple: IndexTuple): IndexTuple {
  const bytes = contentOf(tuple).slice()
  return { bytes, view: new DataView(bytes.buffer), at: 0 }
}

function entriesOf(page: Page): IndexTuple[] {
  const entries: IndexTuple[] = []
  for (let line = firstDataLine(page); line <= page.lineCount; line++) entries.push(copyOf(indexTupleAt(page, line)))
  return entries
}

/**
 * What tells the halves apart: of leaves as few columns of the right half's first key as are enough; above, that
 * entry's whole key. Mirrors _bt_truncate.
 */
export function highKeyOf(index: Index, lastLeft: IndexTuple, firstRight: IndexTuple, level: number): IndexTuple {
  if (level > 0) return withDownlink(firstRight, 0)
  const key = keyOf(firstRight, index.descriptor)
  const other = keyOf(lastLeft, index.descriptor)
  const differs = key.findIndex((value, column) => compareColumn(index.columns[column], value, other[column]) !== 0)
  const tid = differs < 0 ? heapTidOf(lastLeft) : undefined
  return formPivot(index.descriptor, key, differs < 0 ? key.length : differs + 1, 0, tid)
}

/** Searches for exactly this pivot. */
export function pivotKey(index: Index, pivot: IndexTuple): SearchKey {
  const values = keyOf(pivot, index.descriptor).slice(0, columnCount(pivot, index.descriptor))
  return { values, tid: isPivot(pivot) ? heapTidOf(pivot) : undefined, next: false, isPivot: true }
}
