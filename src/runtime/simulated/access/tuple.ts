// Heap tuples from values, and values from heap tuples. Mirrors heap_form_tuple and heap_deform_tuple.

import { AttributeCountMask, HasNull, HasVarWidth, HeapTuple, heapTupleHeaderSize } from './heap-tuple.ts'
import { align, codecOf } from './tuple-codec.ts'
import type { ByteArea, Datum, TupleDescriptor } from './tuple-descriptor.ts'

/** New tuples are cut from a common piece of memory: views of their own would cost more than their content. */
const slabSize = 65536
let slab: ByteArea = newArea(slabSize)
let slabUsed = 0

function newArea(size: number): ByteArea {
  const bytes = new Uint8Array(size)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** So many bytes, all zero. */
function allocate(size: number): { readonly area: ByteArea; readonly at: number } {
  if (size > slabSize / 8) return { area: newArea(size), at: 0 }
  if (slabUsed + size > slabSize) {
    slab = newArea(slabSize)
    slabUsed = 0
  }
  const at = slabUsed
  slabUsed += align(size, 8)
  return { area: slab, at }
}

/** A new tuple; of its header only what says how to read it. */
export function formTuple(descriptor: TupleDescriptor, values: readonly Datum[]): HeapTuple {
  const codec = codecOf(descriptor)
  const prepared = codec.prepare(values)
  const count = codec.attributes.length
  const hoff = align(heapTupleHeaderSize + (prepared.hasNulls ? (count + 7) >>> 3 : 0), 8)
  const length = hoff + prepared.size
  const { area, at } = allocate(length)
  const tuple = new HeapTuple(area, at, length, 0)
  area.bytes[at + 22] = hoff
  tuple.mask2 = count & AttributeCountMask
  tuple.mask = (prepared.hasNulls ? HasNull : 0) | (prepared.hasVarWidth ? HasVarWidth : 0)
  codec.write(prepared, area, at + hoff, at + heapTupleHeaderSize)
  return tuple
}

/** Reads the first `count` columns into `values`. */
export function deformTuple(tuple: HeapTuple, descriptor: TupleDescriptor, values: Datum[], count: number): void {
  codecOf(descriptor).read(tuple, tuple.at + tuple.hoff, bitmapOf(tuple), tuple.attributeCount, values, count)
}

/** Reads one column, 0-based. */
export function attributeOf(tuple: HeapTuple, descriptor: TupleDescriptor, index: number): Datum {
  return codecOf(descriptor).readOne(tuple, tuple.at + tuple.hoff, bitmapOf(tuple), tuple.attributeCount, index)
}

/** Whether two tuples have the same bytes in a column: what decides whether an update is heap-only. */
export function hasEqualAttribute(a: HeapTuple, b: HeapTuple, descriptor: TupleDescriptor, index: number): boolean {
  const codec = codecOf(descriptor)
  if (index >= a.attributeCount || index >= b.attributeCount) {
    return attributeOf(a, descriptor, index) === attributeOf(b, descriptor, index)
  }
  const startA = a.at + a.hoff
  const startB = b.at + b.hoff
  const inA = codec.locate(a, startA, bitmapOf(a), index)
  const inB = codec.locate(b, startB, bitmapOf(b), index)
  if (!inA || !inB) return inA === inB
  const length = inA.end - inA.at
  if (inB.end - inB.at !== length) return false
  for (let i = 0; i < length; i++) if (a.bytes[startA + inA.at + i] !== b.bytes[startB + inB.at + i]) return false
  return true
}

function bitmapOf(tuple: HeapTuple): number {
  return (tuple.mask & HasNull) === 0 ? -1 : tuple.at + heapTupleHeaderSize
}
