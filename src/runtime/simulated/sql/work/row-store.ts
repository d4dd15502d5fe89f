// Rows that are kept until they are asked for, such as those of a function in FROM: in memory up to work_mem, then in a
// temporary file. Mirrors tuplestore.c in its sizes.

import { GrowingArray } from './growing-array.ts'
import type { TemporaryFile } from './temporary-file.ts'
import { sizeOnTape } from './tuple-size.ts'
import type { WorkArea } from './work-area.ts'

const context = 'ExecutorState'
const blockSize = 8192
const initialSlots = 2048
const pointerSize = 8

export class RowStore {
  private readonly work: WorkArea
  private readonly overhead: number
  private readonly allowed: number
  private readonly array = new GrowingArray(initialSlots, pointerSize)
  private rows = 0
  private used: number
  private tupleBytes = 0
  /** Of all its rows, as they are in a file. */
  private tapeBytes = 0
  private file: TemporaryFile | undefined

  /** `overhead`: what the allocator adds to a tuple, in bytes. */
  constructor(work: WorkArea, overhead: number) {
    this.work = work
    this.overhead = overhead
    this.allowed = work.sortMemory
    this.used = this.array.bytes
    work.use(this.used, context)
  }

  /** A row comes in, as a minimal tuple of this size. */
  add(size: number): void {
    this.tapeBytes += sizeOnTape(size)
    if (this.file) {
      if (this.tapeBytes - this.file.size >= blockSize) this.write(blockSize)
      return
    }
    this.rows++
    this.take(allocationOf(size) + this.overhead)
    if (this.rows >= this.array.slots - 1) this.take(this.array.grow(this.used, this.allowed), 0)
    if (this.used <= this.allowed && this.rows < this.array.slots) return
    this.file = this.work.makeFile()
    this.write(Math.floor(this.tapeBytes / blockSize) * blockSize)
    this.work.use(-this.tupleBytes, context)
  }

  /** All rows are there. */
  finish(): void {
    if (!this.file) return
    this.write(this.tapeBytes - this.file.size)
    this.file.readBack()
  }

  private write(bytes: number): void {
    if (bytes > 0) this.file!.grow(bytes)
  }

  private take(bytes: number, ofTuples = bytes): void {
    this.used += bytes
    this.tupleBytes += ofTuples
    this.work.use(bytes, context)
  }
}

/** The allocator gives powers of two. */
function allocationOf(size: number): number {
  let bytes = 8
  while (bytes < size) bytes *= 2
  return bytes
}
