// How long standbys take: when which WAL was sent, and how long after that a standby has written, flushed and replayed
// it. Mirrors LagTrackerWrite and LagTrackerRead (walsender.c).

interface Sample {
  readonly lsn: number
  readonly time: number
}

/** LAG_TRACKER_BUFFER_SIZE: more samples than that are not kept for a standby that doesn't come along. */
const capacity = 8192

/** One position of a standby: what it has not reached yet, and what it reached last. */
class Reader {
  private waiting: Sample[] = []
  private first = 0
  private lastRead: Sample | undefined
  /** The oldest sample when there was no more room: it stands for all that were dropped. */
  private overflowed: Sample | undefined

  add(sample: Sample): void {
    if (this.waiting.length - this.first >= capacity - 1) {
      this.overflowed ??= this.waiting[this.first]
      this.first++
    }
    this.waiting.push(sample)
  }

  /** The lag in nanoseconds, now that the standby has got to `lsn`; undefined: nothing new is known. */
  read(lsn: number, now: number): number | undefined {
    let time: number | undefined
    if (this.overflowed) {
      if (this.overflowed.lsn > lsn) return now - this.overflowed.time
      time = this.overflowed.time
      this.lastRead = this.overflowed
      this.overflowed = undefined
    }
    while (this.first < this.waiting.length && this.waiting[this.first].lsn <= lsn) {
      this.lastRead = this.waiting[this.first++]
      time = this.lastRead.time
    }
    if (this.first === this.waiting.length) {
      this.waiting = []
      this.first = 0
      this.lastRead = undefined
    } else if (this.first > capacity) {
      this.waiting.splice(0, this.first)
      this.first = 0
    }
    if (time === undefined) time = this.estimate(lsn)
    return time === undefined ? undefined : now - time
  }

  /** No sample was reached: a standby that stands still has a lag that grows. */
  private estimate(lsn: number): number | undefined {
    const next: Sample | undefined = this.waiting[this.first]
    if (!next) return undefined
    const before = this.lastRead
    if (!before) return next.time
    if (lsn < before.lsn) return undefined
    const fraction = (lsn - before.lsn) / (next.lsn - before.lsn)
    return before.time + Math.floor((next.time - before.time) * fraction)
  }
}

export interface Positions {
  readonly written: number
  readonly flushed: number
  readonly applied: number
}

export class LagTracker {
  /** In nanoseconds; undefined: not known. */
  writeLag: number | undefined
  flushLag: number | undefined
  replayLag: number | undefined
  private readonly write = new Reader()
  private readonly flush = new Reader()
  private readonly replay = new Reader()
  private lastLsn = 0
  private previous: Positions = { written: 0, flushed: 0, applied: 0 }

  /** All WAL up to `lsn` is flushed here now, and about to be sent. */
  sent(lsn: number, now: number): void {
    if (lsn === this.lastLsn) return
    this.lastLsn = lsn
    const sample = { lsn, time: now }
    this.write.add(sample)
    this.flush.add(sample)
    this.replay.add(sample)
  }

  /** The standby says how far it is; `sent`: how far it could be. */
  replied(positions: Positions, sent: number, now: number): void {
    const { written, flushed, applied } = positions
    const { previous } = this
    const isDone = applied === sent && flushed === sent
    const isSame = written === previous.written && flushed === previous.flushed && applied === previous.applied
    this.previous = positions
    // A standby that has had all and says the same twice has no lag that would still mean anything.
    const clears = isDone && isSame
    const write = this.write.read(written, now)
    const flush = this.flush.read(flushed, now)
    const replay = this.replay.read(applied, now)
    if (write !== undefined || clears) this.writeLag = write
    if (flush !== undefined || clears) this.flushLag = flush
    if (replay !== undefined || clears) this.replayLag = replay
  }
}
