// Index tuples: a place, then the key. Mirrors itup.h and the pivot tuples of nbtree.h.
//
//   header  8 bytes: block 4, offset 2, size and flags 2; then null bits (8 bytes) if there are nulls; then the columns
//   pivot   leads to a page below: the block is that page's, the offset tells how many columns are left of the key,
//           and whether a heap place, the last tie-breaker, follows at the end

import { align8, type Page } from '../storage/page.ts'
import { makeTid, type Tid, tidBlock, tidOffset } from './tid.ts'
import { codecOf } from './tuple-codec.ts'
import type { ByteArea, Datum, TupleDescriptor } from './tuple-descriptor.ts'

const sizeMask = 0x1fff
const isPivotFlag = 0x2000
const hasVarWidthFlag = 0x4000
const hasNullsFlag = 0x8000
const pivotHasTid = 0x1000
const pivotCountMask = 0x0fff

export const indexTupleHeaderSize = 8
const nullBitsSize = 8

/** An index tuple wherever it stands. */
export interface IndexTuple extends ByteArea {
  readonly at: number
}

export function formIndexTuple(descriptor: TupleDescriptor, key: readonly Datum[], tid: Tid): IndexTuple {
  const codec = codecOf(descriptor)
  const prepared = codec.prepare(key)
  const start = indexTupleHeaderSize + (prepared.hasNulls ? nullBitsSize : 0)
  const size = align8(start + prepared.size)
  const bytes = new Uint8Array(size)
  const tuple: IndexTuple = { bytes, view: new DataView(bytes.buffer), at: 0 }
  setTid(tuple, tid)
  const flags = (prepared.hasNulls ? hasNullsFlag : 0) | (prepared.hasVarWidth ? hasVarWidthFlag : 0)
  tuple.view.setUint16(6, size | flags, true)
  codec.write(prepared, tuple, start, indexTupleHeaderSize)
  return tuple
}

/** The tuple at a line of a page. */
export function indexTupleAt(page: Page, line: number): IndexTuple {
  return { bytes: page.bytes, view: page.view, at: page.itemOffset(line) }
}

/** In bytes, aligned. */
export function sizeOf(tuple: IndexTuple): number {
  return tuple.view.getUint16(tuple.at + 6, true) & sizeMask
}

export function tidOf(tuple: IndexTuple): Tid {
  const { view, at } = tuple
  return makeTid(view.getUint16(at, true) * 0x1_0000 + view.getUint16(at + 2, true), view.getUint16(at + 4, true))
}

function setTid(tuple: IndexTuple, tid: Tid): void {
  setBlock(tuple, tidBlock(tid))
  tuple.view.setUint16(tuple.at + 4, tidOffset(tid), true)
}

/** Of a pivot: leads to another page from now on. */
export function setBlock(tuple: IndexTuple, block: number): void {
  tuple.view.setUint16(tuple.at, block >>> 16, true)
  tuple.view.setUint16(tuple.at + 2, block & 0xffff, true)
}

/** Of a pivot: the page that it leads to. */
export function downlinkOf(tuple: IndexTuple): number {
  return tuple.view.getUint16(tuple.at, true) * 0x1_0000 + tuple.view.getUint16(tuple.at + 2, true)
}

export function isPivot(tuple: IndexTuple): boolean {
  return (tuple.view.getUint16(tuple.at + 6, true) & isPivotFlag) !== 0
}

/** How many columns of the key the tuple has: fewer where a pivot was truncated. */
export function columnCount(tuple: IndexTuple, descriptor: TupleDescriptor): number {
  return isPivot(tuple) ? tuple.view.getUint16(tuple.at + 4, true) & pivotCountMask : descriptor.attributes.length
}

/** The last tie-breaker: of a leaf's tuple its place, of a pivot one only if it was needed (else undefined). */
export function heapTidOf(tuple: IndexTuple): Tid | undefined {
  if (!isPivot(tuple)) return tidOf(tuple)
  if ((tuple.view.getUint16(tuple.at + 4, true) & pivotHasTid) === 0) return undefined
  return tidOf({ ...tuple, at: tuple.at + sizeOf(tuple) - 8 })
}

export function keyColumn(tuple: IndexTuple, descriptor: TupleDescriptor, column: number): Datum {
  const hasNulls = (tuple.view.getUint16(tuple.at + 6, true) & hasNullsFlag) !== 0
  const bitmap = hasNulls ? tuple.at + indexTupleHeaderSize : -1
  const start = tuple.at + indexTupleHeaderSize + (hasNulls ? nullBitsSize : 0)
  return codecOf(descriptor).readOne(tuple, start, bitmap, descriptor.attributes.length, column)
}

export function keyOf(tuple: IndexTuple, descriptor: TupleDescriptor): Datum[] {
  return Array.from({ length: columnCount(tuple, descriptor) }, (_, column) => keyColumn(tuple, descriptor, column))
}

/** A pivot of the first `count` columns, and the heap place if even they are not enough to tell two pages apart. */
export function formPivot(
  descriptor: TupleDescriptor,
  key: readonly Datum[],
  count: number,
  block: number,
  tid: Tid | undefined,
): IndexTuple {
  const truncated = { attributes: descriptor.attributes.slice(0, count) }
  const plain = formIndexTuple(count === descriptor.attributes.length ? descriptor : truncated, key.slice(0, count), 0)
  const plainSize = plain.bytes.length
  const size = plainSize + (tid === undefined ? 0 : 8)
  const bytes = new Uint8Array(size)
  bytes.set(plain.bytes)
  const pivot: IndexTuple = { bytes, view: new DataView(bytes.buffer), at: 0 }
  setBlock(pivot, block)
  pivot.view.setUint16(4, count | (tid === undefined ? 0 : pivotHasTid), true)
  pivot.view.setUint16(6, (pivot.view.getUint16(6, true) & ~sizeMask) | size | isPivotFlag, true)
  if (tid !== undefined) setTid({ ...pivot, at: plainSize }, tid)
  return pivot
}

/** The same pivot for another page below. */
export function withDownlink(pivot: IndexTuple, block: number): IndexTuple {
  const bytes = pivot.bytes.slice(pivot.at, pivot.at + sizeOf(pivot))
  const copy: IndexTuple = { bytes, view: new DataView(bytes.buffer), at: 0 }
  setBlock(copy, block)
  return copy
}

/** Less than every key: the first entry of a level above the leaves. */
export function minusInfinity(block: number): IndexTuple {
  return formPivot({ attributes: [] }, [], 0, block, undefined)
}
