// What a sort takes up: memory as long as its rows fit into work_mem; then it writes sorted runs to the tapes of one
// temporary file, which are merged at the end. Mirrors tuplesort.c and logtape.c in their sizes. Rows are kept and sorted
// by who uses this.

import { align } from '../../access/tuple-codec.ts'
import { GrowingArray } from './growing-array.ts'
import type { TemporaryFile } from './temporary-file.ts'
import { sizeOnTape } from './tuple-size.ts'
import type { WorkArea } from './work-area.ts'

const arrayContext = 'TupleSort main'
const tupleContext = 'Caller tuples'
const blockSize = 8192
/** Each block of a tape says which come before and after it. */
const tapePayload = blockSize - 16
const sortTupleSize = 24
const initialSlots = 1024
/** A single column of fixed length needs no tuple: on tape it is 8 bytes behind a length word. */
const datumOnTape = 12
const endOfRun = 4
const mergeBuffer = 32 * blockSize

export interface SortSpaceOptions {
  /** It sorts single values of fixed length. */
  readonly isDatum: boolean
  /** What the allocator adds to a tuple, in bytes. */
  readonly overhead: number
  /** No more rows than this are wanted. */
  readonly bound: number | undefined
}

export class SortSpace {
  private readonly work: WorkArea
  private readonly options: SortSpaceOptions
  private readonly allowed: number
  private readonly array = new GrowingArray(initialSlots, sortTupleSize)
  private rows = 0
  private tupleBytes = 0
  private used: number
  private runBytes = 0
  private runs = 0
  /** What is on each tape, in bytes. */
  private readonly tapes: number[] = []
  private file: TemporaryFile | undefined
  /** Only the first rows are kept, in a heap that has its size. */
  private isHeap = false

  constructor(work: WorkArea, options: SortSpaceOptions) {
    this.work = work
    this.options = options
    this.allowed = work.sortMemory
    this.used = this.array.bytes
    work.use(this.used, arrayContext)
  }

  /** A row comes in, as a minimal tuple of this size. */
  add(size: number): void {
    if (this.isHeap) return
    const { isDatum, overhead, bound } = this.options
    const bytes = isDatum ? 0 : align(size, 8) + overhead
    this.rows++
    this.tupleBytes += bytes
    this.take(bytes, tupleContext)
    this.runBytes += isDatum ? datumOnTape : sizeOnTape(size)
    if (this.rows >= this.array.slots - 1) this.take(this.array.grow(this.used, this.allowed), arrayContext)
    const isFull = this.used > this.allowed
    if (bound !== undefined && !this.file && (this.rows > bound * 2 || (this.rows > bound && isFull))) {
      this.isHeap = true
    } else if (isFull || this.rows >= this.array.slots) this.writeRun()
  }

  /** All rows are there. */
  finish(): void {
    if (!this.file) return
    if (this.rows > 0) this.writeRun()
    this.file.readBack()
  }

  private take(bytes: number, context: string): void {
    this.used += bytes
    this.work.use(bytes, context)
  }

  private writeRun(): void {
    const most = mergeOrder(this.allowed)
    if (!this.file) {
      this.file = this.work.makeFile()
      const buffers = most * blockSize
      if (buffers + this.array.bytes < this.allowed) this.take(buffers, arrayContext)
    }
    const tape = this.runs++ % most
    const before = this.tapes[tape] ?? 0
    const after = before + this.runBytes + endOfRun
    this.tapes[tape] = after
    this.file.grow((Math.ceil(after / tapePayload) - Math.ceil(before / tapePayload)) * blockSize)
    this.take(-this.tupleBytes, tupleContext)
    this.tupleBytes = 0
    this.runBytes = 0
    this.rows = 0
  }
}

/** How many tapes are merged at once. */
function mergeOrder(allowed: number): number {
  return Math.min(500, Math.max(6, Math.floor(allowed / (2 * blockSize + mergeBuffer))))
}
