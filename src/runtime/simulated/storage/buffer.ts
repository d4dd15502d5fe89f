// A frame of the buffer pool: one page of some relation, and what is known of it.

import type { Process } from '../machine/process.ts'
import type { RelationLocator } from '../wal/record.ts'
import { Page } from './page.ts'

/** How often pages were found in the pool, and how often they had to be read. */
export interface BufferUsage {
  hits: number
  reads: number
}

/** The buffers of one fork of a relation, by block. */
export class ForkBuffers {
  readonly locator: RelationLocator
  readonly fork: number
  /** Of its file on the data volume. */
  readonly path: string
  /** BM_PERMANENT: a crash must not lose it. False for an unlogged relation, but for its init fork. */
  readonly isPermanent: boolean
  /**
   * RelationNeedsWAL: also false of a relation that the running transaction has made, under wal_level minimal, until that
   * transaction commits.
   */
  needsWal: boolean
  /** Of its database, in its tablespace. */
  readonly usage: BufferUsage
  readonly buffers: (Buffer | undefined)[] = []

  constructor(
    locator: RelationLocator,
    fork: number,
    { path, isPermanent, usage }: Pick<ForkBuffers, 'path' | 'isPermanent' | 'usage'>,
  ) {
    this.locator = locator
    this.fork = fork
    this.path = path
    this.isPermanent = isPermanent
    this.needsWal = isPermanent
    this.usage = usage
  }

  set(block: number, buffer: Buffer): void {
    // Growing step by step keeps the array dense, which keeps looking up fast.
    while (this.buffers.length <= block) this.buffers.push(undefined)
    this.buffers[block] = buffer
  }
}

export class Buffer {
  /** Its place in the pool, from 0. */
  readonly index: number
  readonly page = new Page()
  /** Where it belongs; undefined if the frame is free. */
  home: ForkBuffers | undefined
  block = 0
  /** How many use it: it stays where it is meanwhile. */
  pins = 0
  /** From 0 to 5: how often the clock hand passes by before it takes the frame. */
  usage = 0
  /** The page differs from the file. */
  dirty = false
  /** It was dirty when the running checkpoint began, and that checkpoint has yet to write it. */
  checkpointNeeded = false
  /** While the page is being read: who waits for it. */
  readers: Process[] | undefined
  /** Who has it pinned, and waits until nobody else has. */
  cleaner: Process | undefined

  constructor(index: number) {
    this.index = index
  }

  /** UnpinBuffer: it is used by one less. */
  unpin(): void {
    if (this.pins === 0) throw new Error(`block ${this.block} is not pinned`)
    this.pins--
    if (this.cleaner !== undefined && this.pins === 1) this.cleaner.latch.set()
  }

  get locator(): RelationLocator {
    return this.home!.locator
  }

  get fork(): number {
    return this.home!.fork
  }

  get isPermanent(): boolean {
    return this.home!.isPermanent
  }

  get needsWal(): boolean {
    return this.home!.needsWal
  }
}
