// How far the WAL is summarized, for others to see. Mirrors WalSummarizerData (walsummarizer.c).

import type { Process } from '../machine/process.ts'

/** LSNs are byte positions. */
export class WalSummarizerState {
  /** False: nobody has looked yet what there is, and nothing of the rest is true. */
  isInitialized = false
  /** Where the next summary will begin. */
  timeline = 0
  lsn = 0
  /** A record begins there; else it is the first byte of a segment. */
  isExact = false
  /** How far the WAL was read for it. */
  pending = 0
  process: Process | undefined

  moveTo(timeline: number, lsn: number, isExact: boolean): void {
    this.isInitialized = true
    this.timeline = timeline
    this.lsn = lsn
    this.isExact = isExact
    this.pending = lsn
  }
}
