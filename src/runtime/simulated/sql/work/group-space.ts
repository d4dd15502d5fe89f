// What grouping by a hash takes up: an entry for each group, up to what a hash may have; rows of further groups wait on the
// tapes of a temporary file. Mirrors the spilling of nodeAgg.c in its sizes, as if the rows were spread evenly.

import type { WorkArea } from './work-area.ts'

const context = 'ExecutorState'
const blockSize = 8192
const tapePayload = blockSize - 16
const bucketSize = 24
const stateSize = 32
const tupleOverhead = 24
const hashSize = 4
const fewestPartitions = 4
/** Tapes get their blocks in bunches that double. */
const firstBunch = 8
const mostInBunch = 128

export class GroupSpace {
  private readonly work: WorkArea
  private readonly states: number
  private used = 0
  private groups = 0
  private buckets = 256
  private isFull = false
  private spilledRows = 0
  private spilledBytes = 0

  /** `aggregates`: how many results each group has. */
  constructor(work: WorkArea, aggregates: number) {
    this.work = work
    this.states = aggregates > 0 ? stateSize + 16 * (aggregates - 1) : 0
  }

  /** The first row of a group comes in, as a minimal tuple of this size. */
  add(size: number): void {
    if (this.isFull) {
      this.spilledRows++
      this.spilledBytes += hashSize + size
      return
    }
    let bytes = size + tupleOverhead + this.states
    if (++this.groups * 10 > this.buckets * 9) {
      bytes += this.buckets * bucketSize
      this.buckets *= 2
    }
    this.used += bytes
    this.work.use(bytes, context)
    this.isFull = this.used > this.work.hashMemory
  }

  /** All rows were there: what waits is read back, part by part. */
  finish(): void {
    if (this.spilledRows === 0) return
    const wanted = (1.5 * this.spilledRows * this.used) / this.groups
    let partitions = fewestPartitions
    while (partitions < 1 + wanted / this.work.hashMemory) partitions *= 2
    const file = this.work.makeFile()
    file.grow(partitions * allocated(this.spilledBytes / partitions) * blockSize)
    file.readBack()
  }
}

/** How many blocks a tape has that holds so many bytes. */
function allocated(bytes: number): number {
  const needed = Math.ceil(bytes / tapePayload)
  let blocks = 0
  for (let bunch = firstBunch; blocks < needed; bunch = Math.min(mostInBunch, bunch * 2)) blocks += bunch
  return blocks
}
