// A page of 8 kB: header, line pointers that grow upwards, items that grow downwards, and a special space at the end.
// Mirrors bufpage.h and bufpage.c. What items mean is known above.
//
//   header    24 bytes: LSN 8, checksum 2, flags 2, lower 2, upper 2, special 2, size and version 2, prune xid 4
//   pointers  4 bytes each: offset 15 bits, state 2 bits, length 15 bits

import { align8 } from '../wal/lsn.ts'
import { pageSize } from '../wal/record.ts'

export { align8, pageSize }

export const pageHeaderSize = 24
export const linePointerSize = 4

export const pageFlag = { hasFreeLines: 1, full: 2, allVisible: 4 } as const

/** What a line pointer is. A redirect's offset is the number of the line that it leads to. */
export const lineState = { unused: 0, normal: 1, redirect: 2, dead: 3 } as const

/** The size of a page, and the version of its layout. */
const sizeAndVersion = pageSize | 4

const field = { lsn: 0, checksum: 8, flags: 10, lower: 12, upper: 14, special: 16, sizeAndVersion: 18, pruneXid: 20 }

/** Scratch of `compactify`: offset and number of each line that has an item. */
const places = new Int32Array(pageSize / linePointerSize)

export class Page {
  readonly bytes: Uint8Array
  readonly view: DataView

  constructor(bytes = new Uint8Array(pageSize)) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, pageSize)
  }

  /** Makes it an empty page with `specialSize` bytes of special space. */
  initialize(specialSize = 0): void {
    this.bytes.fill(0)
    const special = pageSize - align8(specialSize)
    this.lower = pageHeaderSize
    this.upper = special
    this.view.setUint16(field.special, special, true)
    this.view.setUint16(field.sizeAndVersion, sizeAndVersion, true)
  }

  /** Whether it was never initialised: all zeros, as after an extension. */
  get isNew(): boolean {
    return this.upper === 0
  }

  /** On the page the higher half comes first, unlike in the WAL. */
  get lsn(): number {
    return this.view.getUint32(field.lsn, true) * 0x1_0000_0000 + this.view.getUint32(field.lsn + 4, true)
  }

  set lsn(value: number) {
    this.view.setUint32(field.lsn, value / 0x1_0000_0000, true)
    this.view.setUint32(field.lsn + 4, value, true)
  }

  get checksum(): number {
    return this.view.getUint16(field.checksum, true)
  }

  set checksum(value: number) {
    this.view.setUint16(field.checksum, value, true)
  }

  get flags(): number {
    return this.view.getUint16(field.flags, true)
  }

  set flags(value: number) {
    this.view.setUint16(field.flags, value, true)
  }

  /** Where the line pointers end. */
  get lower(): number {
    return this.view.getUint16(field.lower, true)
  }

  set lower(value: number) {
    this.view.setUint16(field.lower, value, true)
  }

  /** Where the items begin. */
  get upper(): number {
    return this.view.getUint16(field.upper, true)
  }

  set upper(value: number) {
    this.view.setUint16(field.upper, value, true)
  }

  /** Where the special space begins. */
  get special(): number {
    return this.view.getUint16(field.special, true)
  }

  /** The oldest transaction whose leavings might be pruned here; 0 if there are none. */
  get pruneXid(): number {
    return this.view.getUint32(field.pruneXid, true)
  }

  set pruneXid(value: number) {
    this.view.setUint32(field.pruneXid, value, true)
  }

  // Lines are numbered from 1.

  get lineCount(): number {
    const { lower } = this
    return lower <= pageHeaderSize ? 0 : (lower - pageHeaderSize) >>> 2
  }

  /** The four bytes of a line pointer; 0 is an unused one. */
  line(number: number): number {
    return this.view.getUint32(20 + number * 4, true)
  }

  setLine(number: number, offset: number, state: number, length: number): void {
    this.view.setUint32(20 + number * 4, (offset | (state << 15) | (length << 17)) >>> 0, true)
  }

  itemState(number: number): number {
    return (this.line(number) >>> 15) & 3
  }

  /** Where the item is on the page; for a redirect, the line that it leads to. */
  itemOffset(number: number): number {
    return this.line(number) & 0x7fff
  }

  /** In bytes, without alignment. */
  itemLength(number: number): number {
    return this.line(number) >>> 17
  }

  item(number: number): Uint8Array {
    const line = this.line(number)
    const offset = line & 0x7fff
    return this.bytes.subarray(offset, offset + (line >>> 17))
  }

  /** Bytes that a new item with its line pointer may have; 0 if there is no room for a line pointer. */
  get freeSpace(): number {
    return Math.max(0, this.upper - this.lower - linePointerSize)
  }

  /**
   * Adds an item of `length` bytes, of which the caller then writes the content; gives its line, 0 if it doesn't fit.
   * Without `at` it takes the first unused line. With `at` it takes that line, which is unused or the next new one;
   * `shift` moves the lines from `at` on one further, as indexes do.
   */
  addItem(length: number, at = 0, shift = false): number {
    const count = this.lineCount
    const number = at === 0 ? this.freeLine(count) : at
    if (number > count + 1) throw new Error(`line ${number} is too far for a page of ${count} lines`)
    const grows = shift || number === count + 1
    const upper = this.upper - align8(length)
    const lower = this.lower + (grows ? linePointerSize : 0)
    if (lower > upper) return 0
    if (shift && number <= count) {
      const from = 20 + number * 4
      this.bytes.copyWithin(from + 4, from, pageHeaderSize + count * 4)
    }
    this.setLine(number, upper, lineState.normal, length)
    this.lower = lower
    this.upper = upper
    return number
  }

  private freeLine(count: number): number {
    if (this.flags & pageFlag.hasFreeLines) {
      for (let number = 1; number <= count; number++) if (this.line(number) === 0) return number
      this.flags &= ~pageFlag.hasFreeLines
    }
    return count + 1
  }

  /** Moves the items together at the end of the page; lines keep their numbers. Mirrors compactify_tuples. */
  compactify(): void {
    const lines = this.lineCount
    let count = 0
    let isSorted = true
    for (let number = 1; number <= lines; number++) {
      const line = this.line(number)
      if (line >>> 17 === 0) continue
      const place = ((line & 0x7fff) << 11) | number
      isSorted &&= count === 0 || place < places[count - 1]
      places[count++] = place
    }
    // From the end of the page towards its beginning, so that none is overwritten before it has moved.
    if (!isSorted) places.subarray(0, count).sort().reverse()
    let upper = this.special
    // Items that lie together move together: where they begin and end, and by how much they move.
    let begin = 0
    let end = 0
    let distance = 0
    for (let index = 0; index < count; index++) {
      const number = places[index] & 0x7ff
      const line = this.line(number)
      const offset = line & 0x7fff
      const length = line >>> 17
      upper -= align8(length)
      if (offset + align8(length) !== begin || upper - offset !== distance) {
        if (distance !== 0) this.bytes.copyWithin(begin + distance, begin, end)
        end = offset + align8(length)
        distance = upper - offset
      }
      begin = offset
      if (distance !== 0) this.setLine(number, upper, (line >>> 15) & 3, length)
    }
    if (distance !== 0) this.bytes.copyWithin(begin + distance, begin, end)
    this.upper = upper
  }

  /** Gives the space of unused and dead lines back, and cuts unused lines off the end. Mirrors PageRepairFragmentation. */
  repairFragmentation(): void {
    this.compactify()
    let count = this.lineCount
    while (count > 0 && this.line(count) === 0) count--
    this.lower = pageHeaderSize + count * linePointerSize
    let hasFree = false
    for (let number = 1; number <= count && !hasFree; number++) hasFree = this.line(number) === 0
    this.flags = hasFree ? this.flags | pageFlag.hasFreeLines : this.flags & ~pageFlag.hasFreeLines
  }

  /** Removes items with their lines, those behind move up; `numbers` ascend. Mirrors PageIndexMultiDelete. */
  deleteItems(numbers: readonly number[]): void {
    const count = this.lineCount
    let next = 0
    let kept = 0
    for (let number = 1; number <= count; number++) {
      if (numbers[next] === number) {
        next++
        continue
      }
      kept++
      if (kept !== number) this.view.setUint32(20 + kept * 4, this.line(number), true)
    }
    this.lower = pageHeaderSize + kept * linePointerSize
    this.compactify()
  }
}
