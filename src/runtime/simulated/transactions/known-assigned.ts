// What a standby knows of the primary's running transactions: those whose xid it has met in the WAL, and whose end it
// has not. Mirrors KnownAssignedXids of procarray.c, without its fixed size.

import { nextXid, precedes, previousXid } from './transaction-id.ts'

export interface RunningTransactions {
  readonly xids: readonly number[]
  /** How many of `xids`, at the end, are subtransactions. */
  readonly subxidCount: number
  /** The primary had more subtransactions than it lists. */
  readonly overflowed: boolean
  readonly nextXid: number
  readonly oldestRunning: number
  readonly latestCompleted: number
}

export class KnownAssigned {
  private readonly xids = new Set<number>()
  private latestObserved = 0
  /** Whether snapshots can be right yet: a record of running transactions was seen. */
  ready = false

  /** Before redo begins; `next` is the xid that the checkpoint would give out next. */
  start(next: number): void {
    this.latestObserved = previousXid(next)
  }

  /** Every xid up to this one was given out: those that were not met before are running. */
  observe(xid: number): void {
    if (!precedes(this.latestObserved, xid)) return
    let next = this.latestObserved
    do {
      next = nextXid(next)
      this.xids.add(next)
    } while (next !== xid)
    this.latestObserved = xid
  }

  has(xid: number): boolean {
    return this.xids.has(xid)
  }

  ended(xid: number, subxids: readonly number[]): void {
    this.xids.delete(xid)
    for (const subxid of subxids) this.xids.delete(subxid)
  }

  /** What the primary says is running: whoever is older and not listed has ended without a word. */
  apply(running: RunningTransactions, hasEnded: (xid: number) => boolean): void {
    for (const xid of [...this.xids]) {
      if (precedes(xid, running.oldestRunning)) this.xids.delete(xid)
    }
    if (this.ready) return
    for (const xid of running.xids) if (!hasEnded(xid)) this.xids.add(xid)
    const latest = previousXid(running.nextXid)
    if (precedes(this.latestObserved, latest)) this.latestObserved = latest
    this.ready = true
  }

  /** Sorted by number, those before `xmax`. */
  runningBefore(xmax: number): number[] {
    const found: number[] = []
    for (const xid of this.xids) if (precedes(xid, xmax)) found.push(xid)
    return found.sort((a, b) => a - b)
  }

  oldest(): number {
    let oldest = 0
    for (const xid of this.xids) if (oldest === 0 || precedes(xid, oldest)) oldest = xid
    return oldest
  }

  clear(): void {
    this.xids.clear()
  }
}
