// Single tuples by their place: through a HOT chain, as index scans come; exactly there; or the newest version. Mirrors
// heap_hot_search_buffer, heap_fetch and heap_get_latest_tid.

import type { Coroutine } from '../kernel/task.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { ScanPin } from '../storage/held-pins.ts'
import { lineState } from '../storage/page.ts'
import type { Snapshot } from '../transactions/snapshot.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { checkConflictOut, noteRead } from './heap-serializable.ts'
import { cost, type HeapServices, tupleAt } from './heap-services.ts'
import { HeapTuple, isXmaxLockedOnly, XmaxInvalid, XmaxIsMulti } from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'
import { pruneIfWorthwhile } from './prune.ts'
import type { Relation } from './relation.ts'
import { type Tid, tidBlock, tidOffset } from './tid.ts'
import type { InProgress } from './visibility.ts'

/** Of a HOT chain: the version that counts; and whether no snapshot will ever see any of it. */
export interface ChainResult {
  readonly tuple: HeapTuple | undefined
  readonly allDead: boolean
}

/** How a version of a chain is judged. */
type Judge = (tuple: HeapTuple) => boolean

/** Walks the chain that begins at `offset` to the first version that `isWanted`. */
export function searchChain(
  heap: HeapServices,
  buffer: Buffer,
  offset: number,
  relation: Relation,
  looksForDead: boolean,
  isWanted: Judge,
): ChainResult {
  const { page } = buffer
  const count = page.lineCount
  const tuple = new HeapTuple(page, 0, 0, 0)
  let allDead = looksForDead
  let previous = 0
  // Nobody waits here, so it holds for the whole chain.
  let oldest = 0
  let atStart = true
  for (let at = offset; at >= 1 && at <= count; ) {
    const line = page.line(at)
    const state = (line >>> 15) & 3
    if (state === lineState.redirect && atStart) {
      at = line & 0x7fff
      atStart = false
      continue
    }
    if (state !== lineState.normal) break
    tuple.moveTo(page, line & 0x7fff, line >>> 17, buffer.block, at)
    if (at === offset && tuple.isHeapOnly) break
    if (previous !== 0 && tuple.xmin !== previous) break
    if (isWanted(tuple)) return { tuple, allDead: false }
    if (allDead) {
      oldest ||= heap.transactions.oldestNonRemovable(relation.database, relation.isCatalog)
      allDead = heap.visibility.isSurelyDead(tuple, oldest)
    }
    if (!tuple.isHotUpdated || tidBlock(tuple.next) !== buffer.block) break
    previous = (tuple.mask & XmaxIsMulti) !== 0 ? updaterOf(heap.transactions, tuple.xmax) : tuple.xmax
    at = tidOffset(tuple.next)
    atStart = false
  }
  return { tuple: undefined, allDead }
}

/** heapam_index_fetch_tuple. The tuple stands in the page: it is valid until the caller next waits. */
export function* fetchThroughChain(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  snapshot: Snapshot,
  pin?: ScanPin,
): Coroutine<ChainResult> {
  const { me } = tx
  const block = tidBlock(tid)
  const standing = pin?.moveTo(block)
  const buffer = standing ?? heap.tryPin(me, relation, block) ?? (yield* heap.pin(me, relation, block))
  pin?.keep(buffer)
  if (!standing) pruneIfWorthwhile(heap, tx, relation, buffer)
  const { visibility } = heap
  try {
    return searchChain(heap, buffer, tidOffset(tid), relation, !snapshot.takenInRecovery, tuple => {
      const isVisible = visibility.inSnapshot(tx, tuple, snapshot, buffer)
      if (tx.serializable) noteVersion(heap, tx, relation, tuple, buffer, isVisible)
      return isVisible
    })
  } finally {
    if (!pin) heap.buffers.unpin(buffer)
    me.charge(cost.page)
  }
}

/** For checks of uniqueness: the version that is there if all who run are taken to commit. */
export function* fetchDirty(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  inProgress: InProgress,
): Coroutine<ChainResult> {
  const block = tidBlock(tid)
  const buffer = heap.tryPin(tx.me, relation, block) ?? (yield* heap.pin(tx.me, relation, block))
  const { visibility } = heap
  const result = searchChain(heap, buffer, tidOffset(tid), relation, true, tuple =>
    visibility.dirty(tx, tuple, buffer, inProgress),
  )
  heap.buffers.unpin(buffer)
  return result
}

/** heap_fetch: what stands exactly there, if the snapshot sees it, or if none is given. */
export function* fetchVersion(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  snapshot: Snapshot | undefined,
): Coroutine<HeapTuple | undefined> {
  const block = tidBlock(tid)
  if (block >= heap.blockCount(relation)) return undefined
  const buffer = heap.tryPin(tx.me, relation, block) ?? (yield* heap.pin(tx.me, relation, block))
  const tuple = tupleAt(buffer, tidOffset(tid))
  try {
    const isVisible = tuple && (!snapshot || heap.visibility.inSnapshot(tx, tuple, snapshot, buffer))
    if (tuple && snapshot && tx.serializable) noteVersion(heap, tx, relation, tuple, buffer, isVisible === true)
    return isVisible ? tuple : undefined
  } finally {
    heap.buffers.unpin(buffer)
    tx.me.charge(cost.page)
  }
}

/** A serializable transaction has looked at this version. */
function noteVersion(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tuple: HeapTuple,
  buffer: Buffer,
  isVisible: boolean,
): void {
  checkConflictOut(heap, tx, relation, tuple, buffer, isVisible)
  if (isVisible) noteRead(heap, tx, relation, tuple)
}

/** heap_get_latest_tid: the newest version from there on that the snapshot sees; `tid` itself if it sees none. */
export function* latestTid(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  tid: Tid,
  snapshot: Snapshot,
): Coroutine<Tid> {
  let latest = tid
  let previous = 0
  for (let at = tid; tidBlock(at) < heap.blockCount(relation); ) {
    const buffer = yield* heap.pin(tx.me, relation, tidBlock(at))
    const tuple = tupleAt(buffer, tidOffset(at))
    const fits = tuple !== undefined && (previous === 0 || tuple.xmin === previous)
    if (fits && heap.visibility.inSnapshot(tx, tuple, snapshot, buffer)) latest = at
    heap.buffers.unpin(buffer)
    if (!fits || (tuple.mask & XmaxInvalid) !== 0 || isXmaxLockedOnly(tuple.mask) || tuple.next === at) break
    previous = (tuple.mask & XmaxIsMulti) !== 0 ? updaterOf(heap.transactions, tuple.xmax) : tuple.xmax
    at = tuple.next
  }
  return latest
}
