// Columns as bytes: how wide they are, where they stand, and back. Mirrors heap_fill_tuple and heap_deform_tuple; heap
// and index tuples have the same columns behind different headers.

import type { Attribute, ByteArea, Datum, TupleDescriptor } from './tuple-descriptor.ts'

/** The longest varlena that a length word of one byte serves. */
const shortLimit = 126

/** Values ready to be written: their bytes where they have no fixed length, and the size of all. */
export class Prepared {
  readonly values: readonly Datum[]
  readonly texts: (Uint8Array | undefined)[] = []
  /** Of the columns' bytes, if they begin at a multiple of 8. */
  size = 0
  hasNulls = false
  hasVarWidth = false

  constructor(values: readonly Datum[]) {
    this.values = values
  }
}

export class TupleCodec {
  readonly attributes: readonly Attribute[]
  /** Where a column begins if none before it is null; -1 if that differs from tuple to tuple. */
  private readonly fixedOffsets: number[] = []

  constructor(descriptor: TupleDescriptor) {
    this.attributes = descriptor.attributes
    let at = 0
    for (const { type } of this.attributes) {
      // A varlena has no padding before a short length word, unless it begins where it would be aligned anyway.
      if (at >= 0 && type.length < 0 && at % type.align !== 0) at = -1
      if (at >= 0) at = align(at, type.align)
      this.fixedOffsets.push(at)
      at = at < 0 || type.length < 0 ? -1 : at + type.length
    }
  }

  prepare(values: readonly Datum[]): Prepared {
    const { attributes } = this
    const prepared = new Prepared(values)
    let at = 0
    for (let index = 0; index < attributes.length; index++) {
      const value = values[index]
      if (value === null || value === undefined) {
        prepared.hasNulls = true
        continue
      }
      const { type } = attributes[index]
      if (type.length >= 0) at = align(at, type.align) + type.length
      else {
        const bytes = type.toBytes!(value)
        prepared.texts[index] = bytes
        prepared.hasVarWidth = true
        at = bytes.length <= shortLimit ? at + 1 + bytes.length : align(at, type.align) + 4 + bytes.length
      }
    }
    prepared.size = at
    return prepared
  }

  /** Writes the columns at `start`; null bits at `bitmap` if there are nulls. */
  write(prepared: Prepared, area: ByteArea, start: number, bitmap: number): void {
    const { attributes } = this
    const { values, texts, hasNulls } = prepared
    const { bytes, view } = area
    let at = 0
    for (let index = 0; index < attributes.length; index++) {
      const value = values[index]
      if (value === null || value === undefined) continue
      if (hasNulls) bytes[bitmap + (index >>> 3)] |= 1 << (index & 7)
      const { type } = attributes[index]
      if (type.length >= 0) {
        at = align(at, type.align)
        if (type.write) type.write(view, start + at, value)
        else bytes.set(type.toBytes!(value), start + at)
        at += type.length
        continue
      }
      const text = texts[index]!
      if (text.length <= shortLimit) bytes[start + at++] = ((text.length + 1) << 1) | 1
      else {
        at = align(at, type.align)
        view.setUint32(start + at, (text.length + 4) << 2, true)
        at += 4
      }
      bytes.set(text, start + at)
      at += text.length
    }
  }

  /**
   * Reads the first `count` columns into `values`. `stored`: how many columns the tuple has; `bitmap`: where its null
   * bits are, -1 if it has none.
   */
  read(area: ByteArea, start: number, bitmap: number, stored: number, values: Datum[], count: number): void {
    const { attributes } = this
    const present = Math.min(stored, count)
    let at = 0
    for (let index = 0; index < present; index++) {
      if (bitmap >= 0 && isNull(area.bytes, bitmap, index)) {
        values[index] = null
        continue
      }
      const { type } = attributes[index]
      at = beginOf(area.bytes, start, at, type.length, type.align)
      const end = endOf(area, start, at, type.length)
      values[index] = valueAt(area, start + at, start + end, attributes[index])
      at = end
    }
    for (let index = present; index < count; index++) values[index] = attributes[index].missing ?? null
  }

  /** Reads one column; what stands before it is skipped. */
  readOne(area: ByteArea, start: number, bitmap: number, stored: number, wanted: number): Datum {
    const attribute = this.attributes[wanted]
    if (wanted >= stored) return attribute.missing ?? null
    const at = this.find(area, start, bitmap, wanted)
    return at < 0 ? null : valueAt(area, start + at, start + endOf(area, start, at, attribute.type.length), attribute)
  }

  /** Where a column that is stored begins and ends, from `start`; undefined if it is null. */
  locate(area: ByteArea, start: number, bitmap: number, wanted: number): { at: number; end: number } | undefined {
    const at = this.find(area, start, bitmap, wanted)
    return at < 0 ? undefined : { at, end: endOf(area, start, at, this.attributes[wanted].type.length) }
  }

  private find(area: ByteArea, start: number, bitmap: number, wanted: number): number {
    const { attributes } = this
    if (bitmap < 0) {
      const fixed = this.fixedOffsets[wanted]
      if (fixed >= 0) return fixed
    } else if (isNull(area.bytes, bitmap, wanted)) return -1
    let at = 0
    for (let index = 0; index < wanted; index++) {
      if (bitmap >= 0 && isNull(area.bytes, bitmap, index)) continue
      const { type } = attributes[index]
      at = endOf(area, start, beginOf(area.bytes, start, at, type.length, type.align), type.length)
    }
    const { type } = attributes[wanted]
    return beginOf(area.bytes, start, at, type.length, type.align)
  }
}

export function align(at: number, to: number): number {
  return (at + to - 1) & -to
}

function isNull(bytes: Uint8Array, bitmap: number, index: number): boolean {
  return (bytes[bitmap + (index >>> 3)] & (1 << (index & 7))) === 0
}

/** A short length word is never 0, padding always is. */
function beginOf(bytes: Uint8Array, start: number, at: number, length: number, alignment: number): number {
  return length < 0 && bytes[start + at] !== 0 ? at : align(at, alignment)
}

function endOf(area: ByteArea, start: number, at: number, length: number): number {
  if (length >= 0) return at + length
  const first = area.bytes[start + at]
  return at + ((first & 1) === 1 ? first >>> 1 : area.view.getUint32(start + at, true) >>> 2)
}

function valueAt(area: ByteArea, at: number, end: number, attribute: Attribute): Datum {
  const { type } = attribute
  if (type.length < 0) return type.fromBytes!(area.bytes.subarray(at + ((area.bytes[at] & 1) === 1 ? 1 : 4), end))
  return type.read ? type.read(area.view, at) : type.fromBytes!(area.bytes.subarray(at, end))
}

const codecs = new WeakMap<TupleDescriptor, TupleCodec>()

/** The one that was asked for last: a search asks for the same again and again. */
let last: { readonly descriptor: TupleDescriptor; readonly codec: TupleCodec } | undefined

export function codecOf(descriptor: TupleDescriptor): TupleCodec {
  if (last?.descriptor === descriptor) return last.codec
  let codec = codecs.get(descriptor)
  if (!codec) {
    codec = new TupleCodec(descriptor)
    codecs.set(descriptor, codec)
  }
  last = { descriptor, codec }
  return codec
}
