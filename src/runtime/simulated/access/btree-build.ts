// Building a btree at once, from sorted entries: leaves from left to right, each level above as its pages are full.
// Mirrors nbtsort.c: pages are logged whole, one record each, and the meta page comes last.

import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import { Page, pageSize } from '../storage/page.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { forks } from '../wal/record.ts'
import { checkSize } from './btree-insert.ts'
import { addIndexTuple } from './btree-items.ts'
import { compareColumn } from './btree-key.ts'
import {
  btreeFlag,
  flagsOf,
  initializeMeta,
  initializeNode,
  metaBlock,
  noBlock,
  nodeSpace,
  rootedAt,
  setFlags,
} from './btree-page.ts'
import { highKeyOf } from './btree-split.ts'
import type { HeapServices } from './heap-services.ts'
import { downlinkOf, formIndexTuple, type IndexTuple, minusInfinity, sizeOf, withDownlink } from './index-tuple.ts'
import { logNewPage, writeNewPage } from './new-pages.ts'
import type { Index } from './relation.ts'
import type { Tid } from './tid.ts'
import type { Datum } from './tuple-descriptor.ts'

export interface BuildEntry {
  readonly key: readonly Datum[]
  readonly tid: Tid
  /** It counts for uniqueness: the row is not dead. */
  readonly isAlive: boolean
}

const innerFillFactor = 70

/** One level's last page, not finished yet. */
interface LevelState {
  readonly level: number
  block: number
  left: number
  entries: IndexTuple[]
  used: number
  /** What the page above will say of it. */
  low: IndexTuple | undefined
}

/** Sorts and loads them into an index that has no pages yet. */
export function* buildBTree(heap: HeapServices, tx: TransactionState, index: Index, entries: BuildEntry[]): Coroutine {
  sortEntries(index, entries)
  const builder = new Builder(index)
  for (const { key, tid } of entries) {
    const tuple = formIndexTuple(index.descriptor, key, tid)
    checkSize(index, tuple)
    builder.add(0, tuple)
  }
  const pages = builder.finish()
  const ring = heap.buffers.ring('bulk write')
  for (let block = 0; block < pages.length; block++) yield* writeNewPage(heap, tx, index, pages[block], block, ring)
  if (index.isUnlogged) yield* writeInitFork(heap, tx, index)
  tx.me.charge(entries.length * 400)
}

/** btbuildempty: what an unlogged index is after a crash. */
function* writeInitFork(heap: HeapServices, tx: TransactionState, index: Index): Coroutine {
  const [empty] = new Builder(index).finish()
  logNewPage(heap, tx, yield* heap.buffers.extend(tx.me, index.locator, forks.init), empty)
}

function sortEntries(index: Index, entries: BuildEntry[]): void {
  const { columns } = index
  const compare = (a: BuildEntry, b: BuildEntry): number => {
    for (let column = 0; column < columns.length; column++) {
      const result = compareColumn(columns[column], a.key[column], b.key[column])
      if (result !== 0) return result
    }
    return 0
  }
  entries.sort((a, b) => compare(a, b) || a.tid - b.tid)
  if (!index.isUnique) return
  let last: BuildEntry | undefined
  for (const entry of entries) {
    if (!entry.isAlive || (!index.nullsNotDistinct && entry.key.includes(null))) continue
    if (last && compare(last, entry) === 0) {
      fail('23505', `could not create unique index "${index.name}"`, {
        detail: `Key ${index.describeKey(entry.key)} is duplicated.`,
      })
    }
    last = entry
  }
}

class Builder {
  private readonly index: Index
  private readonly pages: Page[] = [new Page()]
  private readonly levels: LevelState[] = []

  constructor(index: Index) {
    this.index = index
  }

  add(level: number, tuple: IndexTuple): void {
    let state = this.levels[level]
    if (!state) {
      state = { level, block: this.allocate(), left: noBlock, entries: [], used: 0, low: undefined }
      this.levels.push(state)
    }
    const leaf = level === 0
    // Room for the high key's line pointer is set aside.
    const free = nodeSpace - 8 - state.used
    const target = leaf
      ? Math.floor((pageSize * (100 - this.index.fillFactor)) / 100)
      : (pageSize * (100 - innerFillFactor)) / 100
    const isFull = free < sizeOf(tuple) + (leaf ? 8 : 0) || (free < target && state.entries.length > 1)
    if (isFull) this.finishPage(state)
    this.append(state, tuple)
  }

  private append(state: LevelState, tuple: IndexTuple): void {
    state.entries.push(tuple)
    state.used += sizeOf(tuple) + 4
  }

  /** The last entry moves to a new page, and what tells the two apart becomes the old one's high key. */
  private finishPage(state: LevelState): void {
    const moved = state.entries.pop()!
    const last = state.entries[state.entries.length - 1]
    const high = state.level === 0 ? highKeyOf(this.index, last, moved, 0) : withDownlink(moved, 0)
    const right = this.allocate()
    const { block, low } = state
    this.store(state, right, high)
    this.addToParent(state.level, block, low)
    Object.assign(state, { block: right, left: block, entries: [], used: 0, low: high })
    this.append(state, moved)
  }

  private addToParent(level: number, block: number, low: IndexTuple | undefined): void {
    this.add(level + 1, low ? withDownlink(low, block) : minusInfinity(block))
  }

  private allocate(): number {
    this.pages.push(new Page())
    return this.pages.length - 1
  }

  private store(state: LevelState, right: number, high: IndexTuple | undefined): void {
    const page = this.pages[state.block]
    initializeNode(page, state.level === 0 ? btreeFlag.leaf : 0, state.level, state.left, right)
    if (high) addIndexTuple(page, high, 1)
    state.entries.forEach((entry, position) => {
      // The first entry above the leaves is less than everything.
      addIndexTuple(page, position === 0 && state.level > 0 ? minusInfinity(downlinkOf(entry)) : entry)
    })
  }

  /** All pages by block; the first is the meta page. */
  finish(): Page[] {
    let root: number = noBlock
    let level = 0
    for (; level < this.levels.length; level++) {
      const state = this.levels[level]
      this.store(state, noBlock, undefined)
      if (level === this.levels.length - 1) {
        root = state.block
        setFlags(this.pages[root], flagsOf(this.pages[root]) | btreeFlag.root)
        break
      }
      this.addToParent(level, state.block, state.low)
    }
    initializeMeta(this.pages[metaBlock], rootedAt(root, root === noBlock ? 0 : level, 0), true)
    return this.pages
  }
}
