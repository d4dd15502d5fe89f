// Btree indexes: the access method that the executor uses. Mirrors nbtree.c; each part is in a file of its own.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { type BuildEntry, buildBTree } from './btree-build.ts'
import { vacuumLeaf } from './btree-delete.ts'
import { BTreeInsert, type UniqueCheck } from './btree-insert.ts'
import { btreeFlag, firstDataLine, flagsOf } from './btree-page.ts'
import { type Bounds, BTreeScan, type Direction, type ScanOptions } from './btree-scan.ts'
import { BTreeSearch } from './btree-search.ts'
import { BTreeSplit } from './btree-split.ts'
import { scanForBuild } from './heap-build-scan.ts'
import type { HeapServices } from './heap-services.ts'
import type { Index } from './relation.ts'
import type { Tid } from './tid.ts'
import type { Datum } from './tuple-descriptor.ts'

export type { Bound, Bounds, BTreeScan, Direction } from './btree-scan.ts'

export class BTree {
  private readonly services: HeapServices
  private readonly search: BTreeSearch
  private readonly inserting: BTreeInsert

  constructor(services: HeapServices) {
    this.services = services
    this.search = new BTreeSearch(services)
    this.inserting = new BTreeInsert(this.search, new BTreeSplit(this.search))
  }

  /**
   * Fills a new index, whose file is there and empty, from its table; gives how many entries it got. `keyOf` gives a
   * row's key, or undefined for one that a partial index leaves out. Fails with 23505 where the index is unique and the
   * rows are not.
   */
  *build(
    tx: TransactionState,
    index: Index,
    keyOf: (values: readonly Datum[]) => readonly Datum[] | undefined,
  ): Coroutine<number> {
    const entries: BuildEntry[] = []
    yield* scanForBuild(this.services, tx, index.table, (values, tid, isAlive) => {
      const key = keyOf(values)
      if (key) entries.push({ key, tid, isAlive })
    })
    yield* buildBTree(this.services, tx, index, entries)
    return entries.length
  }

  /**
   * Unique 'yes': waits for whoever inserted or deletes the same key and has not ended; fails with 23505 if a row has it
   * for good. 'partial' (ON CONFLICT) inserts all the same, and answers false if there may be a conflict.
   */
  insert(tx: TransactionState, index: Index, key: readonly Datum[], tid: Tid, unique: UniqueCheck): Coroutine<boolean> {
    return this.inserting.insert(tx, index, key, tid, unique)
  }

  beginScan(index: Index, bounds: Bounds, direction: Direction, options: ScanOptions = {}): BTreeScan {
    return new BTreeScan(this.search, index, bounds, direction, options)
  }

  /** Removes the entries of rows that are going; gives how many went and how many are left. `delayPoint`: at every page. */
  *bulkDelete(
    me: Process,
    index: Index,
    isGone: (tid: Tid) => boolean,
    delayPoint: () => Coroutine,
  ): Coroutine<{ readonly removed: number; readonly remaining: number; readonly pages: number }> {
    const ring = this.services.buffers.ring('vacuum')
    const pages = this.services.blockCount(index)
    let removed = 0
    let remaining = 0
    for (let block = 1; block < pages; block++) {
      const buffer = yield* this.services.pin(me, index, block, ring)
      const { page } = buffer
      if (!page.isNew && (flagsOf(page) & btreeFlag.leaf) !== 0) {
        removed += vacuumLeaf(this.services, me, buffer, isGone)
        remaining += page.lineCount - firstDataLine(page) + 1
      }
      this.services.buffers.unpin(buffer)
      yield* delayPoint()
    }
    return { removed, remaining, pages }
  }
}
