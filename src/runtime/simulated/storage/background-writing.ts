// How far ahead of the clock hand the background writer cleans: as many buffers as will probably be needed before its
// next round, judged by how many were in the last ones. Mirrors BgBufferSync of bufmgr.c.

import { millisecond, second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Settings } from '../settings/settings.ts'
import type { Buffer } from './buffer.ts'
import type { ClockSweep } from './clock-sweep.ts'

/** Averages move by a sixteenth of what is new. */
const smoothing = 16
/** Even an idle pool is looked through once in this time. */
const scanWholePool = 120 * second

export class BackgroundWriting {
  private readonly settings: Settings
  private readonly sweep: ClockSweep
  /** Where the hand was in the last round; undefined before the first. */
  private previous: { readonly hand: number; readonly passes: number } | undefined
  private next = 0
  private nextPasses = 0
  private seenAllocations = 0
  private smoothedAllocations = 0
  /** Buffers that the hand passes by for each one that it takes. */
  private smoothedDensity = 10
  /** Rounds that ended because bgwriter_lru_maxpages was reached. */
  stoppedRounds = 0

  constructor(settings: Settings, sweep: ClockSweep) {
    this.settings = settings
    this.sweep = sweep
  }

  /** True if nothing is to do until a buffer is allocated. */
  *round(flush: (buffer: Buffer) => Coroutine): Coroutine<boolean> {
    const { sweep, settings } = this
    const allocations = sweep.allocations - this.seenAllocations
    this.seenAllocations = sweep.allocations
    const maxPages = settings.get('bgwriter_lru_maxpages')
    if (maxPages <= 0) {
      this.previous = undefined
      return true
    }
    const toLap = this.catchUp(allocations)
    const ahead = Math.floor((sweep.size - toLap) / this.smoothedDensity)
    const wanted = this.wanted(allocations, ahead)
    let scanned = 0
    let reusable = ahead
    let written = 0
    while (scanned < toLap && reusable < wanted) {
      const buffer = sweep.buffers[this.next]
      if (++this.next >= sweep.size) {
        this.next = 0
        this.nextPasses++
      }
      scanned++
      if (buffer === undefined) reusable++
      if (buffer === undefined || buffer.pins > 0 || buffer.usage > 0) continue
      reusable++
      if (!buffer.dirty) continue
      yield* flush(buffer)
      if (++written >= maxPages) {
        this.stoppedRounds++
        break
      }
    }
    if (scanned > 0 && reusable > ahead) this.learnDensity(scanned / (reusable - ahead))
    return toLap === 0 && allocations === 0
  }

  /** Finds out where the hand is; gives how many buffers lie between where cleaning goes on and the hand's next lap. */
  private catchUp(allocations: number): number {
    const { hand, passes, size } = this.sweep
    let moved = 0
    let toLap = size
    if (this.previous) moved = hand - this.previous.hand + (passes - this.previous.passes) * size
    if (this.previous && this.nextPasses > passes) toLap = hand - this.next
    else if (this.previous && this.nextPasses === passes && this.next >= hand) toLap = size - (this.next - hand)
    else {
      this.next = hand
      this.nextPasses = passes
    }
    this.previous = { hand, passes }
    if (moved > 0 && allocations > 0) this.learnDensity(moved / allocations)
    return toLap
  }

  private learnDensity(scansPerAllocation: number): void {
    this.smoothedDensity += (scansPerAllocation - this.smoothedDensity) / smoothing
  }

  /** How many reusable buffers there should be ahead of the hand. */
  private wanted(allocations: number, ahead: number): number {
    if (this.smoothedAllocations <= allocations) this.smoothedAllocations = allocations
    else this.smoothedAllocations += (allocations - this.smoothedAllocations) / smoothing
    const upcoming = Math.floor(this.smoothedAllocations * this.settings.get('bgwriter_lru_multiplier'))
    if (upcoming === 0) this.smoothedAllocations = 0
    const delay = Math.max(millisecond, this.settings.get('bgwriter_delay'))
    const minimum = Math.floor(this.sweep.size / (scanWholePool / delay))
    return Math.max(upcoming, minimum + ahead)
  }
}
