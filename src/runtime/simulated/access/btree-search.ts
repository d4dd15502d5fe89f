// The way down a btree. Mirrors nbtsearch.c and _bt_getroot: between two pages others may have split the one that was
// sought, so every page is left to the right as long as the key stands behind its high key.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import { forks } from '../wal/record.ts'
import { compareLine, type SearchKey, searchPage } from './btree-key.ts'
import {
  firstDataLine,
  hasIncompleteSplit,
  highKeyLine,
  isIgnored,
  isRightmost,
  levelOf,
  type Meta,
  metaBlock,
  noBlock,
  readMeta,
  rightOf,
} from './btree-page.ts'
import type { HeapServices } from './heap-services.ts'
import { downlinkOf, indexTupleAt } from './index-tuple.ts'
import type { Index } from './relation.ts'

/** Called with a pinned page whose split was never told to the page above; unpins it. */
export type FinishSplit = (buffer: Buffer) => Coroutine

export class BTreeSearch {
  readonly services: HeapServices

  constructor(services: HeapServices) {
    this.services = services
  }

  *pin(me: Process, index: Index, block: number): Coroutine<Buffer> {
    const { buffers } = this.services
    return (
      buffers.tryPin(me, index.locator, forks.main, block) ?? (yield* buffers.pin(me, index.locator, forks.main, block))
    )
  }

  tryPin(me: Process, index: Index, block: number): Buffer | undefined {
    return this.services.buffers.tryPin(me, index.locator, forks.main, block)
  }

  unpin(buffer: Buffer): void {
    this.services.buffers.unpin(buffer)
  }

  private tryMeta(me: Process, index: Index): Meta | undefined {
    const buffer = this.tryPin(me, index, metaBlock)
    if (!buffer) return undefined
    this.unpin(buffer)
    return readMeta(buffer.page)
  }

  *meta(me: Process, index: Index): Coroutine<Meta> {
    const buffer = this.tryPin(me, index, metaBlock) ?? (yield* this.pin(me, index, metaBlock))
    const meta = readMeta(buffer.page)
    this.unpin(buffer)
    return meta
  }

  /**
   * The page of a level where the key belongs, pinned; undefined if the index has no pages yet. An insert hands in
   * `finish`: it must not leave a half-done split on its way.
   */
  *descend(
    me: Process,
    index: Index,
    key: SearchKey,
    level: number,
    finish?: FinishSplit,
  ): Coroutine<Buffer | undefined> {
    for (;;) {
      const meta = this.tryMeta(me, index) ?? (yield* this.meta(me, index))
      if (meta.root === noBlock) return undefined
      const start = meta.fastLevel >= level ? meta.fastRoot : meta.root
      let buffer = this.tryPin(me, index, start) ?? (yield* this.pin(me, index, start))
      let restarted = false
      for (;;) {
        if (!this.belongsHere(index, buffer, key, finish !== undefined)) {
          const right = yield* this.moveRight(me, index, buffer, key, finish)
          if (!right) {
            restarted = true
            break
          }
          buffer = right
        }
        if (levelOf(buffer.page) === level) break
        const child = downlinkOf(indexTupleAt(buffer.page, searchPage(index, key, buffer.page)))
        this.unpin(buffer)
        buffer = this.tryPin(me, index, child) ?? (yield* this.pin(me, index, child))
      }
      if (!restarted) return buffer
    }
  }

  /** The page is in use, the key is not behind the high key, and, for who would change the page, no split is half-done. */
  private belongsHere(index: Index, { page }: Buffer, key: SearchKey, changes: boolean): boolean {
    if (isIgnored(page)) return false
    if (changes && hasIncompleteSplit(page)) return false
    return isRightmost(page) || compareLine(index, key, page, highKeyLine) < (key.next ? 0 : 1)
  }

  /** To the page where the key belongs; undefined if a split had to be finished first: then all begins anew. */
  *moveRight(
    me: Process,
    index: Index,
    from: Buffer,
    key: SearchKey,
    finish?: FinishSplit,
  ): Coroutine<Buffer | undefined> {
    let buffer = from
    for (;;) {
      if (finish && hasIncompleteSplit(buffer.page)) {
        yield* finish(buffer)
        return undefined
      }
      if (this.belongsHere(index, buffer, key, false)) return buffer
      const right = rightOf(buffer.page)
      this.unpin(buffer)
      buffer = yield* this.pin(me, index, right)
    }
  }

  /** The first or the last leaf, pinned; undefined if the index has no pages yet. */
  *edge(me: Process, index: Index, which: 'first' | 'last'): Coroutine<Buffer | undefined> {
    const { fastRoot } = yield* this.meta(me, index)
    if (fastRoot === noBlock) return undefined
    let buffer = yield* this.pin(me, index, fastRoot)
    for (;;) {
      const { page } = buffer
      let next = 0
      if (isIgnored(page) || (which === 'last' && !isRightmost(page))) next = rightOf(page)
      else if (levelOf(page) > 0) {
        const line = which === 'first' ? firstDataLine(page) : page.lineCount
        next = downlinkOf(indexTupleAt(page, line))
      }
      if (next === 0) return buffer
      this.unpin(buffer)
      buffer = yield* this.pin(me, index, next)
    }
  }
}
