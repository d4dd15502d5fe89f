// Tables as heaps of tuples: the access method that the executor uses. Mirrors heapam_handler.c; each operation is in a
// file of its own.

import type { Coroutine } from '../kernel/task.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { ScanPin } from '../storage/held-pins.ts'
import type { Snapshot } from '../transactions/snapshot.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { deleteTuple } from './heap-delete.ts'
import { type ChainResult, fetchThroughChain, fetchVersion, latestTid } from './heap-fetch.ts'
import { insertTuple, multiInsertTuples } from './heap-insert.ts'
import { lockLatestVersion, lockTuple } from './heap-lock.ts'
import { type RewriteCutoffs, rewriteHeap } from './heap-rewrite.ts'
import { HeapScan, type HeapScanOptions } from './heap-scan.ts'
import { type AccessServices, HeapServices } from './heap-services.ts'
import type { HeapTuple } from './heap-tuple.ts'
import { updateTuple } from './heap-update.ts'
import type { Relation } from './relation.ts'
import type { DeleteResult, LockResult, TupleLockMode, UpdateResult, WaitPolicy } from './results.ts'
import type { Tid } from './tid.ts'
import { formTuple } from './tuple.ts'
import type { Datum } from './tuple-descriptor.ts'
import { tupleLocks } from './tuple-lock-modes.ts'

export class Heap {
  readonly services: HeapServices

  constructor(environment: ServerEnvironment, services: AccessServices) {
    this.services = new HeapServices(environment, services)
  }

  /** Values in the descriptor's order, null for SQL's null. Index entries are the caller's. */
  insert(tx: TransactionState, relation: Relation, values: readonly Datum[]): Coroutine<Tid> {
    return insertTuple(this.services, tx, relation, formTuple(relation.descriptor, values))
  }

  /** Many at once, with one record a page: COPY, and what fills a table. Gives their places in order. */
  multiInsert(tx: TransactionState, relation: Relation, rows: readonly (readonly Datum[])[]): Coroutine<Tid[]> {
    const tuples = rows.map(values => formTuple(relation.descriptor, values))
    return multiInsertTuples(this.services, tx, relation, tuples)
  }

  /** What anybody may still see of one table, written into another one, which is empty. */
  rewrite(tx: TransactionState, from: Relation, to: Relation, cutoffs: RewriteCutoffs) {
    return rewriteHeap(this.services, tx, from, to, cutoffs)
  }

  /** How many pages it has. */
  blockCount(relation: Relation): number {
    return this.services.blockCount(relation)
  }

  /** A scan of all tuples that the snapshot sees, page by page; or of those in its `share` of the pages. */
  beginScan(tx: TransactionState, relation: Relation, snapshot: Snapshot, options: HeapScanOptions = {}): HeapScan {
    return new HeapScan(this.services, tx, relation, snapshot, options)
  }

  /**
   * The version that the snapshot sees of the HOT chain that begins at `tid` (as index entries name it). It stands in
   * the page: valid until the caller next waits. `allDead`: no snapshot will ever see any; the index entry can go.
   * `pin`: of a scan that keeps the page pinned.
   */
  fetch(tx: TransactionState, relation: Relation, tid: Tid, snapshot: Snapshot, pin?: ScanPin): Coroutine<ChainResult> {
    return fetchThroughChain(this.services, tx, relation, tid, snapshot, pin)
  }

  /** The version that stands exactly at `tid`, if the snapshot sees it or none is given. Valid as with `fetch`. */
  fetchVersion(
    tx: TransactionState,
    relation: Relation,
    tid: Tid,
    snapshot?: Snapshot,
  ): Coroutine<HeapTuple | undefined> {
    return fetchVersion(this.services, tx, relation, tid, snapshot)
  }

  /** The newest version of a chain that the snapshot sees: what scans by ctid follow. */
  latestTid(tx: TransactionState, relation: Relation, tid: Tid, snapshot: Snapshot): Coroutine<Tid> {
    return latestTid(this.services, tx, relation, tid, snapshot)
  }

  /**
   * Waits for who has changed it and not ended; then says what came of it. Unless the new version is `hot`, every index
   * needs an entry for it.
   */
  update(tx: TransactionState, relation: Relation, tid: Tid, values: readonly Datum[]): Coroutine<UpdateResult> {
    return updateTuple(this.services, tx, relation, tid, formTuple(relation.descriptor, values))
  }

  delete(tx: TransactionState, relation: Relation, tid: Tid): Coroutine<DeleteResult> {
    return deleteTuple(this.services, tx, relation, tid)
  }

  /** Locks the version that the snapshot saw, and those that came after: SELECT FOR UPDATE from repeatable read on. */
  lock(
    tx: TransactionState,
    relation: Relation,
    tid: Tid,
    mode: TupleLockMode,
    policy: WaitPolicy,
  ): Coroutine<LockResult> {
    return lockTuple(this.services, tx, relation, tid, tupleLocks[mode], policy, true)
  }

  /**
   * Locks the newest version of what `tid` was: what follows `updated`. Deleted: the failure says so. `followsUpdates`:
   * versions whose update is in progress are locked too, as SELECT FOR UPDATE does.
   */
  lockLatest(
    tx: TransactionState,
    relation: Relation,
    tid: Tid,
    mode: TupleLockMode,
    policy: WaitPolicy,
    followsUpdates: boolean,
  ): Coroutine<LockResult> {
    return lockLatestVersion(this.services, tx, relation, tid, tupleLocks[mode], policy, followsUpdates)
  }
}
