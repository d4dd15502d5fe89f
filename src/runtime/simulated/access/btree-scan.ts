// A scan of a range of a btree, leaf by leaf in either direction. Mirrors _bt_first, _bt_readpage and _bt_steppage: what
// fits on a leaf is copied at once, so that nobody is kept from changing it meanwhile.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState } from '../storage/page.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { compareColumn, type SearchKey, searchPage } from './btree-key.ts'
import {
  btreeFlag,
  firstDataLine,
  flagsOf,
  isDeleted,
  isHalfDead,
  isIgnored,
  isRightmost,
  leftOf,
  noBlock,
  rightOf,
  setFlags,
} from './btree-page.ts'
import type { BTreeSearch } from './btree-search.ts'
import { cost } from './heap-services.ts'
import { type IndexTuple, indexTupleAt, keyColumn, tidOf } from './index-tuple.ts'
import type { Index } from './relation.ts'
import type { Tid } from './tid.ts'
import type { Datum } from './tuple-descriptor.ts'

/** One end of a range: values of the first key columns. */
export interface Bound {
  readonly values: readonly Datum[]
  readonly inclusive: boolean
}

/** In index order; both missing: everything. An equality is both bounds with the same values, inclusive. */
export interface Bounds {
  readonly lower?: Bound
  readonly upper?: Bound
}

export type Direction = 'forward' | 'backward'

export interface ScanOptions {
  /** The batches have the keys too, for scans of the index alone. */
  readonly wantsKeys?: boolean
  /** Whose snapshot decides what is seen; missing for looks that see everything. */
  readonly reader?: TransactionState
}

export class BTreeScan {
  /** Where the entries of the batch lead; a new list for each batch. */
  tids: Tid[] = []
  private keys: Datum[][] = []
  private lines: number[] = []
  private readonly killed: number[] = []
  private readonly search: BTreeSearch
  private readonly index: Index
  private readonly bounds: Bounds
  private readonly direction: Direction
  private readonly wantsKeys: boolean
  private readonly reader: TransactionState | undefined
  private state: 'new' | 'open' | 'done' = 'new'
  /** The leaf that the batch is from, and the next one. */
  private block = 0
  private next_ = 0
  /** Of the leaf when it was read. */
  private lsn = 0

  constructor(search: BTreeSearch, index: Index, bounds: Bounds, direction: Direction, options: ScanOptions) {
    this.search = search
    this.index = index
    this.bounds = bounds
    this.direction = direction
    this.wantsKeys = options.wantsKeys ?? false
    this.reader = options.reader
  }

  /** Fills the batch with the entries of the next leaf that has some: how many; 0 at the end. */
  *next(me: Process): Coroutine<number> {
    if (this.killed.length > 0) yield* this.markKilled(me)
    while (this.state !== 'done') {
      const leaf = yield* this.nextLeaf(me)
      this.clear()
      this.noteRead(leaf)
      if (!leaf) break
      this.block = leaf.block
      this.lsn = leaf.page.lsn
      this.read(leaf)
      const blocks = leaf.block
      this.search.unpin(leaf)
      me.charge(cost.page + this.tids.length * 20)
      if (this.next_ === noBlock) this.state = 'done'
      yield* me.pause()
      if (this.tids.length > 0) return this.tids.length
      if (this.next_ === blocks) throw new Error(`${this.index.name} leads in a circle at block ${blocks}`)
    }
    this.state = 'done'
    return 0
  }

  /** An index without pages is read as a whole. */
  private noteRead(leaf: Buffer | undefined): void {
    const { index, reader } = this
    if (!reader?.serializable) return
    const { serializable } = this.search.services.transactions
    if (leaf) serializable.readPage(reader, index, leaf.block)
    else serializable.readRelation(reader, index)
  }

  /** The key of entry `i` of the batch; only if the scan was asked to keep keys. */
  key(i: number): readonly Datum[] {
    return this.keys[i]
  }

  /** Tells that no snapshot will see what entry `i` of the batch leads to: later scans pass over it. */
  killItem(i: number): void {
    this.killed.push(i)
  }

  /** The scan is over before its end. */
  *close(me: Process): Coroutine {
    this.state = 'done'
    if (this.killed.length > 0) yield* this.markKilled(me)
  }

  /** Most scans have one batch, and find nothing to clear. */
  private clear(): void {
    if (this.tids.length === 0) return
    this.tids = []
    this.keys = []
    this.lines = []
  }

  private *nextLeaf(me: Process): Coroutine<Buffer | undefined> {
    const forward = this.direction === 'forward'
    if (this.state === 'open') {
      return yield* forward ? this.walkRight(me, this.next_) : this.walkLeft(me)
    }
    this.state = 'open'
    const bound = forward ? this.bounds.lower : this.bounds.upper
    if (!bound) return yield* this.search.edge(me, this.index, forward ? 'first' : 'last')
    return yield* this.search.descend(me, this.index, this.start(bound), 0)
  }

  /** Past pages that have been deleted. */
  private *walkRight(me: Process, block: number): Coroutine<Buffer> {
    let leaf = yield* this.search.pin(me, this.index, block)
    while (isIgnored(leaf.page)) leaf = yield* this.stepRight(me, leaf)
    return leaf
  }

  private *stepRight(me: Process, from: Buffer): Coroutine<Buffer> {
    const right = rightOf(from.page)
    this.search.unpin(from)
    return yield* this.search.pin(me, this.index, right)
  }

  /**
   * From the page that was read last. Where that was deleted meanwhile, its place was taken by the next one to the right
   * that was not. Undefined at the end. Mirrors _bt_walk_left.
   */
  private *walkLeft(me: Process): Coroutine<Buffer | undefined> {
    let origin = this.block
    let next = this.next_
    while (next !== noBlock) {
      const left = yield* this.leftNeighbour(me, next, origin)
      if (left && !isHalfDead(left.page)) return left
      let here = left ?? (yield* this.search.pin(me, this.index, origin))
      while (isDeleted(here.page)) here = yield* this.stepRight(me, here)
      origin = here.block
      next = leftOf(here.page)
      this.search.unpin(here)
    }
    return undefined
  }

  /** If it was split meanwhile, the neighbour is a few steps to the right of it; undefined if it isn't there. */
  private *leftNeighbour(me: Process, block: number, origin: number): Coroutine<Buffer | undefined> {
    let left = yield* this.search.pin(me, this.index, block)
    for (let steps = 0; ; steps++) {
      if (!isDeleted(left.page) && rightOf(left.page) === origin) return left
      if (isRightmost(left.page) || steps === 4) break
      left = yield* this.stepRight(me, left)
    }
    this.search.unpin(left)
    return undefined
  }

  /** Where a leaf's entries begin that are wanted, or, backward, one past their end. */
  private start(bound: Bound): SearchKey {
    const forward = this.direction === 'forward'
    return { values: bound.values, next: forward ? !bound.inclusive : bound.inclusive }
  }

  private read(leaf: Buffer): void {
    if (this.direction === 'forward') this.readForward(leaf)
    else this.readBackward(leaf)
  }

  private readForward(leaf: Buffer): void {
    const { page } = leaf
    const { lower, upper } = this.bounds
    this.next_ = rightOf(page)
    const last = page.lineCount
    let line = firstDataLine(page)
    if (lower) line = Math.max(line, searchPage(this.index, this.start(lower), page))
    for (; line <= last; line++) {
      if (page.itemState(line) === lineState.dead) continue
      const tuple = indexTupleAt(page, line)
      if (upper && this.isBeyond(tuple, upper, 1)) {
        this.next_ = noBlock
        return
      }
      this.take(tuple, line)
    }
  }

  private readBackward(leaf: Buffer): void {
    const { page } = leaf
    const { lower, upper } = this.bounds
    this.next_ = leftOf(page)
    let line = page.lineCount
    if (upper) line = searchPage(this.index, this.start(upper), page) - 1
    for (; line >= firstDataLine(page); line--) {
      if (page.itemState(line) === lineState.dead) continue
      const tuple = indexTupleAt(page, line)
      if (lower && this.isBeyond(tuple, lower, -1)) {
        this.next_ = noBlock
        return
      }
      this.take(tuple, line)
    }
  }

  private isBeyond(tuple: IndexTuple, bound: Bound, sign: number): boolean {
    const { columns, descriptor } = this.index
    for (let column = 0; column < bound.values.length; column++) {
      const result = compareColumn(columns[column], keyColumn(tuple, descriptor, column), bound.values[column]) * sign
      if (result !== 0) return result > 0
    }
    return !bound.inclusive
  }

  private take(tuple: IndexTuple, line: number): void {
    const { descriptor } = this.index
    if (this.hasUnwantedNull(tuple)) return
    this.tids.push(tidOf(tuple))
    this.lines.push(line)
    if (this.wantsKeys) this.keys.push(descriptor.attributes.map((_, column) => keyColumn(tuple, descriptor, column)))
  }

  /** A comparison with a value is never true of null, though nulls have their place in the order. */
  private hasUnwantedNull(tuple: IndexTuple): boolean {
    const { lower, upper } = this.bounds
    const { descriptor } = this.index
    const bounded = Math.max(lower?.values.length ?? 0, upper?.values.length ?? 0)
    for (let column = 0; column < bounded; column++) {
      const wantsNull = (lower?.values[column] ?? upper?.values[column] ?? null) === null
      if (!wantsNull && keyColumn(tuple, descriptor, column) === null) return true
    }
    return false
  }

  /** Not if the page has changed since: a place in the table that was free again may have got another row. */
  private *markKilled(me: Process): Coroutine {
    const leaf = yield* this.search.pin(me, this.index, this.block)
    const { page } = leaf
    let marked = false
    if (page.lsn !== this.lsn) this.killed.length = 0
    for (const i of this.killed) {
      const line = this.lines[i]
      if (page.itemState(line) === lineState.dead) continue
      page.setLine(line, page.itemOffset(line), lineState.dead, page.itemLength(line))
      marked = true
    }
    this.killed.length = 0
    if (marked) {
      setFlags(page, flagsOf(page) | btreeFlag.hasGarbage)
      this.search.services.buffers.markDirtyHint(me, leaf)
    }
    this.search.unpin(leaf)
  }
}
