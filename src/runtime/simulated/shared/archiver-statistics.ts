// What pg_stat_archiver tells: how often the archiver succeeded and failed, and with which file last. Mirrors
// pgstat_archiver.c, but for the file that keeps statistics over a clean restart: here they begin anew.

interface Outcome {
  count: number
  last?: { readonly name: string; readonly at: number }
}

export class ArchiverStatistics {
  readonly archives: Outcome = { count: 0 }
  readonly failures: Outcome = { count: 0 }
  /** When counting began, in nanoseconds since the start of the run. */
  readonly resetAt: number

  constructor(now: number) {
    this.resetAt = now
  }

  archived(name: string, at: number): void {
    this.archives.count++
    this.archives.last = { name, at }
  }

  failed(name: string, at: number): void {
    this.failures.count++
    this.failures.last = { name, at }
  }
}
