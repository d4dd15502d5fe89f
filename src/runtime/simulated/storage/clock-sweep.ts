// Which buffer is used next: a free one, or the first unpinned one whose usage count the clock hand has brought to 0.
// Mirrors freelist.c.

import type { Latch } from '../machine/latch.ts'
import { fail } from '../shared/error.ts'
import { Buffer } from './buffer.ts'
import type { BufferRing } from './buffer-ring.ts'

export class ClockSweep {
  /** How many buffers the pool may have. */
  readonly size: number
  /** Those that were used so far; the others come first. */
  readonly buffers: Buffer[] = []
  /** The next buffer that the hand looks at. */
  hand = 0
  /** How often the hand came round. */
  passes = 0
  /** Buffers given out so far, those of rings aside. */
  allocations = 0
  /** The background writer sleeps deeply: the next allocation wakes it. */
  wakeOnAllocation: Latch | undefined
  /** Frames whose page went away. */
  private readonly free: Buffer[] = []

  constructor(size: number) {
    this.size = size
  }

  /** A buffer without pins, perhaps with a page that must be written first. */
  victim(ring?: BufferRing): Buffer {
    const own = ring?.next()
    if (own) return own
    this.wakeOnAllocation?.set()
    this.wakeOnAllocation = undefined
    this.allocations++
    const buffer = this.freeBuffer() ?? this.sweep()
    ring?.add(buffer)
    return buffer
  }

  release(buffer: Buffer): void {
    this.free.push(buffer)
  }

  private freeBuffer(): Buffer | undefined {
    for (let buffer = this.free.pop(); buffer; buffer = this.free.pop()) {
      if (buffer.home === undefined && buffer.pins === 0) return buffer
    }
    if (this.buffers.length === this.size) return undefined
    const buffer = new Buffer(this.buffers.length)
    this.buffers.push(buffer)
    return buffer
  }

  private sweep(): Buffer {
    for (let tries = this.size; tries > 0; ) {
      const buffer = this.buffers[this.hand]
      if (++this.hand === this.size) {
        this.hand = 0
        this.passes++
      }
      if (buffer.pins > 0) tries--
      else if (buffer.usage === 0) return buffer
      else {
        buffer.usage--
        tries = this.size
      }
    }
    return fail('XX000', 'no unpinned buffers available')
  }
}
