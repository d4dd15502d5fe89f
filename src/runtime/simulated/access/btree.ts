// Btree indexes: the access method that the executor uses. Mirrors nbtree.c; each part is in a file of its own.

import type { Coroutine } from '../kernel/task.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { type BuildEntry, buildBTree } from './btree-build.ts'
import { BTreeInsert, type UniqueCheck } from './btree-insert.ts'
import { BTreePageDelete } from './btree-page-delete.ts'
import { type Bounds, BTreeScan, type Direction, type ScanOptions } from './btree-scan.ts'
import { BTreeSearch } from './btree-search.ts'
import { BTreeSplit } from './btree-split.ts'
import { bulkDelete, type IndexVacuum, type IndexVacuumResult, vacuumCleanup } from './btree-vacuum.ts'
import { scanForBuild } from './heap-build-scan.ts'
import type { HeapServices } from './heap-services.ts'
import type { Index } from './relation.ts'
import type { Tid } from './tid.ts'
import type { Datum } from './tuple-descriptor.ts'

export type { Bound, Bounds, BTreeScan, Direction } from './btree-scan.ts'
export type { IndexVacuumResult } from './btree-vacuum.ts'

export class BTree {
  private readonly services: HeapServices
  private readonly search: BTreeSearch
  private readonly inserting: BTreeInsert
  private readonly deleting: BTreePageDelete

  constructor(services: HeapServices) {
    this.services = services
    this.search = new BTreeSearch(services)
    const splitting = new BTreeSplit(this.search)
    this.inserting = new BTreeInsert(this.search, splitting)
    this.deleting = new BTreePageDelete(this.search, splitting)
  }

  /**
   * Fills a new index, whose file is there and empty, from its table; gives how many entries it got, and how many rows
   * the table has. `keyOf` gives a row's key, or undefined for one that a partial index leaves out. Fails with 23505
   * where the index is unique and the rows are not.
   */
  *build(
    tx: TransactionState,
    index: Index,
    keyOf: (values: readonly Datum[]) => readonly Datum[] | undefined,
  ): Coroutine<{ readonly entries: number; readonly rows: number }> {
    const entries: BuildEntry[] = []
    let rows = 0
    yield* scanForBuild(this.services, tx, index.table, (values, tid, isAlive) => {
      if (isAlive) rows++
      const key = keyOf(values)
      if (key) entries.push({ key, tid, isAlive })
    })
    yield* buildBTree(this.services, tx, index, entries)
    return { entries: entries.length, rows }
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

  /** Removes the entries of rows that are going. `before`: what an earlier pass of the same vacuum found. */
  bulkDelete(
    vacuum: IndexVacuum,
    before: IndexVacuumResult | undefined,
    isGone: (tid: Tid) => boolean,
  ): Coroutine<IndexVacuumResult> {
    return bulkDelete(this.services, this.deleting, vacuum, before, isGone)
  }

  /** The end of a vacuum. `before`: what its passes found; undefined, before and after: the index was left alone. */
  vacuumCleanup(vacuum: IndexVacuum, before: IndexVacuumResult | undefined): Coroutine<IndexVacuumResult | undefined> {
    return vacuumCleanup(this.services, this.deleting, vacuum, before)
  }
}
