// What a hash join takes up: the hash table of its inner side, up to what a hash may have; where that is not enough both
// sides are split into batches, all but the first of which wait in a pair of temporary files each. Mirrors
// ExecChooseHashTableSize and the batch files of nodeHashjoin.c, as if the rows were spread evenly.

import { align } from '../../access/tuple-codec.ts'
import type { TemporaryFile } from './temporary-file.ts'
import type { WorkArea } from './work-area.ts'

const context = 'HashTableContext'
const tupleOverhead = 16
const bucketSize = 8
const hashSize = 4
const fewestBuckets = 1024

export class HashJoinSpace {
  private readonly work: WorkArea
  private innerRows = 0
  private innerBytes = 0
  private innerOnDisk = 0
  private inner: TemporaryFile[] = []
  private outer: TemporaryFile[] = []
  private outerBytes = 0

  constructor(work: WorkArea) {
    this.work = work
  }

  /** A row of the inner side, as a minimal tuple of this size. */
  addInner(size: number): void {
    const bytes = tupleOverhead + align(size, 8)
    this.innerRows++
    this.innerBytes += bytes
    this.innerOnDisk += hashSize + size
    if (this.innerBytes <= this.work.hashMemory) this.work.use(bytes, context)
  }

  /** The inner side is complete. */
  finishInner(): void {
    const buckets = powerOfTwo(Math.max(fewestBuckets, this.innerRows)) * bucketSize
    const { hashMemory } = this.work
    if (this.innerBytes + buckets <= hashMemory) return this.work.use(buckets, context)
    const room = Math.max(hashMemory / 4, hashMemory - Math.min(buckets, hashMemory / 8))
    const batches = powerOfTwo(Math.ceil(this.innerBytes / room) + 1)
    this.inner = Array.from({ length: batches - 1 }, () => this.work.makeFile())
    for (const file of this.inner) file.grow(Math.floor(this.innerOnDisk / batches))
  }

  /** Whether there is more than one batch. */
  get isSplit(): boolean {
    return this.inner.length > 0
  }

  /** A row of the outer side, where there is more than one batch. */
  addOuter(size: number): void {
    this.outerBytes += hashSize + size
  }

  /** The rows of a batch of the outer side that were not in the first one are written. */
  flushOuter(): void {
    const batches = this.inner.length + 1
    if (batches === 1 || this.outerBytes === 0) return
    if (this.outer.length === 0) this.outer = this.inner.map(() => this.work.makeFile())
    const share = Math.floor(this.outerBytes / batches)
    for (const file of this.outer) file.grow(share)
    this.outerBytes = 0
  }

  /** Both sides are read: batch after batch is read back and joined. */
  finish(): void {
    this.inner.forEach((file, batch) => {
      for (const each of [file, this.outer[batch]]) {
        each?.readBack()
        if (each) this.work.remove(each)
      }
    })
    this.inner = []
    this.outer = []
  }
}

function powerOfTwo(least: number): number {
  let power = 1
  while (power < least) power *= 2
  return power
}
