// A disk: it moves bytes with a bandwidth, answers after a latency, and serves as many requests at once as its queue is
// deep. What is on it is kept by the files; here is only how long it takes.

import type { Kernel } from '../kernel/kernel.ts'
import type { DiskProfile } from './profile.ts'

/** What can be changed of a disk while it runs; missing: as it was made. Nanoseconds, bytes a second. */
export interface DiskChange {
  readonly bandwidth?: number
  readonly fsyncLatency?: number
}

export class Disk {
  private readonly made: DiskProfile
  private readonly kernel: Kernel
  private profile: DiskProfile
  /** When the last byte that it was given will have been moved. */
  private movedAt = Number.NEGATIVE_INFINITY
  /** When each of its places in the queue is free again. */
  private readonly freeAt: number[]

  constructor(kernel: Kernel, profile: DiskProfile) {
    this.kernel = kernel
    this.made = profile
    this.profile = profile
    this.freeAt = Array.from({ length: profile.queueDepth }, () => Number.NEGATIVE_INFINITY)
  }

  change(change: DiskChange): void {
    this.profile = { ...this.made, ...change }
  }

  /** How long until so many bytes are read, from now on. */
  reading(bytes: number): number {
    return this.request(bytes, this.profile.readLatency)
  }

  /** How long until so many bytes are on the platter, from now on; a flush of nothing costs nothing. */
  flushing(bytes: number): number {
    return bytes === 0 ? 0 : this.request(bytes, this.profile.fsyncLatency)
  }

  /** Moves bytes for which nobody waits. */
  move(bytes: number): number {
    return this.request(bytes, 0)
  }

  /** Nothing is under way any more. */
  reset(): void {
    this.movedAt = Number.NEGATIVE_INFINITY
    this.freeAt.fill(Number.NEGATIVE_INFINITY)
  }

  private request(bytes: number, latency: number): number {
    const { now } = this.kernel
    let place = 0
    for (let each = 1; each < this.freeAt.length && this.freeAt[place] > now; each++) {
      if (this.freeAt[each] < this.freeAt[place]) place = each
    }
    const begin = Math.max(now, this.freeAt[place])
    this.movedAt = Math.max(this.movedAt, begin) + Math.round((bytes / this.profile.bandwidth) * 1e9)
    this.freeAt[place] = this.movedAt + latency
    return this.freeAt[place] - now
  }
}
