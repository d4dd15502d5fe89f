// Pruning: versions that nobody can see any more leave a page when somebody comes by and room is short. A HOT chain
// keeps its first line pointer, as a redirection, because index entries point to it. Mirrors pruneheap.c.

import type { Buffer } from '../storage/buffer.ts'
import { linePointerSize, lineState, type Page, pageFlag, pageHeaderSize, pageSize } from '../storage/page.ts'
import { earlier, later, precedes } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { type Cleaner, logCleaning } from './cleaning-record.ts'
import { heapFreeSpace, reservedSpace } from './free-page.ts'
import type { HeapServices } from './heap-services.ts'
import { HeapTuple, XmaxIsMulti } from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'
import type { Relation } from './relation.ts'
import { tidBlock, tidOffset } from './tid.ts'
import type { VacuumStatus } from './visibility.ts'

/** heap_page_prune_opt: on the way to the page, if it is worth it. */
export function pruneIfWorthwhile(heap: HeapServices, tx: TransactionState, relation: Relation, buffer: Buffer): void {
  const { page } = buffer
  const { pruneXid } = page
  if (pruneXid === 0 || heap.transactions.inRecovery) return
  const minimum = Math.max(reservedSpace(relation), Math.floor(pageSize / 10))
  if ((page.flags & pageFlag.full) === 0 && heapFreeSpace(page) >= minimum) return
  // Others who have the page pinned may stand on what would go.
  if (buffer.pins > 1) return
  const { xmin } = tx.proc
  if (xmin !== 0 && !precedes(pruneXid, xmin)) return
  const oldest = heap.transactions.oldestNonRemovable(relation.database, relation.isCatalog)
  if (!precedes(pruneXid, oldest)) return
  const { removed, newlyDead } = prunePage(heap, tx, relation, buffer, oldest, 'on access')
  // Lines that stay dead count as dead rows until a vacuum takes them.
  if (removed > newlyDead) tx.statistics.of(relation.id).deadDelta -= removed - newlyDead
}

/** What pruning a page came to: tuples removed, lines that stay dead until the indexes are clean. */
export interface Pruned {
  readonly removed: number
  readonly newlyDead: number
}

export function prunePage(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  buffer: Buffer,
  oldest: number,
  cleaner: Cleaner,
): Pruned {
  const { page } = buffer
  const pruning = new Pruning(heap, tx, buffer, oldest)
  pruning.plan()
  const { redirected, dead, unused, nextPruneXid } = pruning
  if (redirected.length + dead.length + unused.length === 0) {
    if (page.pruneXid !== nextPruneXid || (page.flags & pageFlag.full) !== 0) {
      page.pruneXid = nextPruneXid
      page.flags &= ~pageFlag.full
      heap.buffers.markDirtyHint(tx.me, buffer)
    }
    return { removed: pruning.removed, newlyDead: 0 }
  }
  executePrune(page, redirected, dead, unused)
  page.pruneXid = nextPruneXid
  page.flags &= ~pageFlag.full
  heap.buffers.markDirty(buffer)
  const { latestRemoved: horizon } = pruning
  const { isCatalog } = relation
  tx.wrote(logCleaning(heap, tx.me, buffer, cleaner, { horizon, isCatalog, redirected, dead, unused }))
  return { removed: pruning.removed, newlyDead: dead.length }
}

/** `redirected` has pairs: from, to. Also what redo does. */
export function executePrune(
  page: Page,
  redirected: readonly number[],
  dead: readonly number[],
  unused: readonly number[],
): void {
  for (let i = 0; i < redirected.length; i += 2) page.setLine(redirected[i], redirected[i + 1], lineState.redirect, 0)
  for (const offset of dead) page.setLine(offset, 0, lineState.dead, 0)
  for (const offset of unused) page.setLine(offset, 0, lineState.unused, 0)
  page.repairFragmentation()
}

/** PageTruncateLinePointerArray: unused lines leave the end of the array, but for the first. */
export function truncateLines(page: Page): void {
  let count = page.lineCount
  while (count > 1 && page.line(count) === 0) count--
  page.lower = pageHeaderSize + count * linePointerSize
  let hasFree = false
  for (let number = 1; number <= count && !hasFree; number++) hasFree = page.line(number) === 0
  page.flags = hasFree ? page.flags | pageFlag.hasFreeLines : page.flags & ~pageFlag.hasFreeLines
}

/** More lines than a page can have. */
const maxLines = pageSize / linePointerSize
/** Scratch of the pruning that runs now, by line; nobody waits while it does. */
const statuses: (VacuumStatus | undefined)[] = new Array(maxLines).fill(undefined)
const marked = new Uint8Array(maxLines)
/** The lines of the chain that is being looked at. */
const chain = new Uint16Array(maxLines)

class Pruning {
  readonly redirected: number[] = []
  readonly dead: number[] = []
  readonly unused: number[] = []
  nextPruneXid = 0
  latestRemoved = 0
  removed = 0
  private readonly heap: HeapServices
  private readonly tx: TransactionState
  private readonly buffer: Buffer
  private readonly page: Page
  private readonly oldest: number
  private readonly tuple: HeapTuple

  constructor(heap: HeapServices, tx: TransactionState, buffer: Buffer, oldest: number) {
    this.heap = heap
    this.tx = tx
    this.buffer = buffer
    this.page = buffer.page
    this.oldest = oldest
    this.tuple = new HeapTuple(buffer.page, 0, 0, 0)
  }

  plan(): void {
    const { page } = this
    const count = page.lineCount
    marked.fill(0, 0, count + 1)
    for (let offset = count; offset >= 1; offset--) {
      statuses[offset] = page.itemState(offset) === lineState.normal ? this.statusOf(offset) : undefined
    }
    for (let offset = 1; offset <= count; offset++) {
      if (marked[offset] !== 0) continue
      const state = page.itemState(offset)
      if (state === lineState.normal || state === lineState.redirect) this.pruneChain(offset, count)
    }
  }

  private at(offset: number): HeapTuple {
    const line = this.page.line(offset)
    this.tuple.moveTo(this.page, line & 0x7fff, line >>> 17, this.buffer.block, offset)
    return this.tuple
  }

  private statusOf(offset: number): VacuumStatus {
    const { visibility } = this.heap
    const status = visibility.forVacuum(this.tx, this.at(offset), this.buffer)
    return status === 'recently dead' && precedes(visibility.deadAfter, this.oldest) ? 'dead' : status
  }

  /** heap_prune_chain: what of the chain that begins here can go. */
  private pruneChain(root: number, count: number): void {
    const { page } = this
    const rootState = page.itemState(root)
    if (rootState === lineState.normal && this.at(root).isHeapOnly) {
      // Members of chains are reached from their roots; one without a root was left by a rollback.
      if (statuses[root] === 'dead' && !this.at(root).isHotUpdated) {
        this.markUnused(root)
        this.forget(this.at(root))
        this.removed++
      }
      return
    }
    // Most rows: nothing happened to them.
    if (rootState === lineState.normal && statuses[root] === 'live') return
    let length = 0
    let latestDead = 0
    let previous = 0
    for (let offset = root; offset >= 1 && offset <= count && marked[offset] === 0; ) {
      const state = page.itemState(offset)
      if (state === lineState.redirect) {
        if (length > 0) break
        chain[length++] = offset
        offset = page.itemOffset(offset)
        continue
      }
      if (state !== lineState.normal) break
      const tuple = this.at(offset)
      if (previous !== 0 && tuple.xmin !== previous) break
      chain[length++] = offset
      const status = statuses[offset]
      if (status === 'dead') {
        latestDead = offset
        this.forget(tuple)
      } else {
        if (status === 'recently dead' || status === 'delete in progress') this.notePrunable(this.changerOf(tuple))
        if (status !== 'recently dead') break
      }
      if (!tuple.isHotUpdated || tidBlock(tuple.next) !== this.buffer.block) break
      previous = this.changerOf(tuple)
      offset = tidOffset(tuple.next)
    }
    this.cutChain(root, rootState, length, latestDead)
  }

  private cutChain(root: number, rootState: number, length: number, latestDead: number): void {
    if (latestDead === 0) {
      // A redirection to nothing.
      if (length < 2 && rootState === lineState.redirect) this.markDead(root)
      return
    }
    let kept = 1
    for (; kept < length && chain[kept - 1] !== latestDead; kept++) {
      this.markUnused(chain[kept])
      this.removed++
    }
    if (rootState === lineState.normal) this.removed++
    if (kept >= length) this.markDead(root)
    else {
      this.redirected.push(root, chain[kept])
      marked[root] = 1
      marked[chain[kept]] = 1
    }
  }

  private changerOf(tuple: HeapTuple): number {
    return (tuple.mask & XmaxIsMulti) !== 0 ? updaterOf(this.heap.transactions, tuple.xmax) : tuple.xmax
  }

  private notePrunable(xid: number): void {
    this.nextPruneXid = this.nextPruneXid === 0 ? xid : earlier(this.nextPruneXid, xid)
  }

  /** HeapTupleHeaderAdvanceLatestRemovedXid: whoever sees that one as running may miss the tuple on a standby. */
  private forget(tuple: HeapTuple): void {
    const { transactions } = this.heap
    const { xmin } = tuple
    const changer = this.changerOf(tuple)
    if (!transactions.didCommit(xmin) || changer === xmin) return
    if (precedes(this.latestRemoved, changer)) this.latestRemoved = later(this.latestRemoved, changer)
  }

  private markDead(offset: number): void {
    this.dead.push(offset)
    marked[offset] = 1
  }

  private markUnused(offset: number): void {
    this.unused.push(offset)
    marked[offset] = 1
  }
}
