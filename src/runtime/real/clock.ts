// The clock of a real run: nanoseconds since its start, from the machine's monotonic clock. What is told never goes back
// in time: an observation that says of itself when it was is put no earlier than what was told before it.

export class WallClock {
  /** Of performance.now(), in milliseconds. */
  private origin = performance.now()
  private told = 0
  private stamp: number | undefined

  /** Time 0 is now. */
  begin(): void {
    this.origin = performance.now()
    this.told = 0
  }

  now(): number {
    return Math.round((performance.now() - this.origin) * 1e6)
  }

  /** Milliseconds until a time of the run; 0 if it is past. */
  until(time: number): number {
    return Math.max(0, (time - this.now()) / 1e6)
  }

  /** Since 1970, in milliseconds. */
  epochOf(time: number): number {
    return performance.timeOrigin + this.origin + time / 1e6
  }

  /** The time of what is told now. */
  timeOfTelling(): number {
    const time = Math.min(this.stamp ?? Number.POSITIVE_INFINITY, this.now())
    this.told = Math.max(this.told, time)
    return this.told
  }

  /** What `tell` tells happened at this time, in milliseconds since 1970. */
  at<Result>(epoch: number, tell: () => Result): Result {
    this.stamp = Math.round((epoch - performance.timeOrigin - this.origin) * 1e6)
    try {
      return tell()
    } finally {
      this.stamp = undefined
    }
  }
}
