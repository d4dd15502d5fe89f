// A page with room for a tuple: the one used last, one that the free space map knows, the last one, or a new one.
// Mirrors RelationGetBufferForTuple of hio.c.

import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferRing } from '../storage/buffer-ring.ts'
import { align8, linePointerSize, type Page, pageFlag, pageHeaderSize, pageSize } from '../storage/page.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { forks } from '../wal/record.ts'
import { type HeapServices, isAllVisible } from './heap-services.ts'
import type { Relation } from './relation.ts'

export const maxHeapTupleSize = pageSize - align8(pageHeaderSize + linePointerSize)
/** More tuples than this are never on a page. */
export const maxHeapTuplesPerPage = Math.floor((pageSize - pageHeaderSize) / (align8(23) + linePointerSize))
/** A page with this much room counts as empty, whatever the fill factor. */
const nearlyEmpty = maxHeapTupleSize - Math.floor(maxHeapTuplesPerPage / 8) * linePointerSize

/** PageGetHeapFreeSpace: room for one more tuple, none if all line pointers are in use. */
export function heapFreeSpace(page: Page): number {
  const space = page.freeSpace
  if (space === 0 || page.lineCount < maxHeapTuplesPerPage) return space
  if ((page.flags & pageFlag.hasFreeLines) === 0) return 0
  for (let number = page.lineCount; number > 0; number--) if (page.line(number) === 0) return space
  return 0
}

/** What the fill factor keeps free for updates. */
export function reservedSpace(relation: Relation): number {
  return Math.floor((pageSize * (100 - relation.fillFactor)) / 100)
}

export function checkTupleSize(length: number): void {
  if (align8(length) <= maxHeapTupleSize) return
  fail('54000', `row is too big: size ${align8(length)}, maximum size ${maxHeapTupleSize}`)
}

/** Pinned, and with its page of the visibility map if it claims to be all-visible. */
export interface FreePage {
  readonly buffer: Buffer
  readonly map: Buffer | undefined
}

/** The page used last, if it is here and has room: the common case. */
export function tryPageForTuple(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  length: number,
): FreePage | undefined {
  const block = targetsOf(heap, tx).get(relation.locator.relation)
  if (block === undefined || block >= heap.blockCount(relation)) return undefined
  const buffer = heap.tryPin(tx.me, relation, block)
  if (!buffer) return undefined
  const { page } = buffer
  if (!page.isNew && !isAllVisible(page) && heapFreeSpace(page) >= neededSpace(relation, length)) {
    return { buffer, map: undefined }
  }
  heap.buffers.unpin(buffer)
  return undefined
}

/** What a page must have left: room for the tuple, and what the fill factor reserves. */
function neededSpace(relation: Relation, length: number): number {
  const size = align8(length)
  const wanted = size + reservedSpace(relation)
  return wanted > nearlyEmpty ? Math.max(size, nearlyEmpty) : wanted
}

export function* pageForTuple(
  heap: HeapServices,
  tx: TransactionState,
  relation: Relation,
  length: number,
  ring?: BufferRing,
): Coroutine<FreePage> {
  checkTupleSize(length)
  const { me } = tx
  const needed = neededSpace(relation, length)
  const targets = targetsOf(heap, tx)
  let block = targets.get(relation.locator.relation)
  const blocks = heap.blockCount(relation)
  // A page that was cut off meanwhile.
  if (block !== undefined && block >= blocks) block = undefined
  block ??= yield* heap.freeSpaceMap.find(me, relation.locator, needed)
  if (block === undefined && blocks > 0) block = blocks - 1
  while (block !== undefined) {
    const buffer = heap.tryPin(me, relation, block, ring) ?? (yield* heap.pin(me, relation, block, ring))
    const map = yield* heap.pinMap(me, relation, buffer)
    if (buffer.page.isNew) {
      buffer.page.initialize()
      heap.buffers.markDirty(buffer)
    }
    const space = heapFreeSpace(buffer.page)
    if (space >= needed) {
      targets.set(relation.locator.relation, block)
      return { buffer, map }
    }
    heap.buffers.unpin(buffer)
    if (map) heap.buffers.unpin(map)
    block = yield* heap.freeSpaceMap.recordAndFind(me, relation.locator, block, space, needed)
  }
  const buffer = yield* heap.buffers.extend(me, relation.locator, forks.main, ring)
  buffer.page.initialize()
  heap.buffers.markDirty(buffer)
  targets.set(relation.locator.relation, buffer.block)
  return { buffer, map: undefined }
}

function targetsOf(heap: HeapServices, tx: TransactionState): Map<number, number> {
  let targets = heap.targetBlocks.get(tx)
  if (!targets) {
    targets = new Map()
    heap.targetBlocks.set(tx, targets)
  }
  return targets
}
