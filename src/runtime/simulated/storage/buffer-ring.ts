// A few buffers that a big scan or a vacuum uses over and over, so that it doesn't push everything else out of the
// pool. Mirrors BufferAccessStrategy of freelist.c.

import type { Buffer } from './buffer.ts'

export type RingKind = 'bulk read' | 'bulk write' | 'vacuum'

export class BufferRing {
  readonly kind: RingKind
  private readonly buffers: (Buffer | undefined)[]
  private current = -1
  private currentWasInRing = false

  /** `size` in buffers. */
  constructor(kind: RingKind, size: number) {
    this.kind = kind
    this.buffers = new Array<Buffer | undefined>(size).fill(undefined)
  }

  /** The ring's next buffer, if nobody else has used it since; else the pool gives one, for `add`. */
  next(): Buffer | undefined {
    this.current = (this.current + 1) % this.buffers.length
    const buffer = this.buffers[this.current]
    this.currentWasInRing = buffer !== undefined && buffer.pins === 0 && buffer.usage <= 1
    return this.currentWasInRing ? buffer : undefined
  }

  /** Whether the last `next` gave this one, so that no other page of the pool had to go for it. */
  gave(buffer: Buffer): boolean {
    return this.currentWasInRing && this.buffers[this.current] === buffer
  }

  /** Puts a buffer of the pool in the place that `next` looked at. */
  add(buffer: Buffer): void {
    this.buffers[this.current] = buffer
  }

  /** A scan doesn't wait for a flush of the WAL to use its own buffer again: it lets go of it. True if so. */
  reject(buffer: Buffer): boolean {
    if (this.kind !== 'bulk read' || !this.currentWasInRing || this.buffers[this.current] !== buffer) return false
    this.buffers[this.current] = undefined
    return true
  }
}
