// What a piece of work of one process uses: pages, WAL, CPU. Mirrors pgBufferUsage, pgWalUsage and pg_rusage, which
// every process keeps; here only who wants to know starts a meter, so that everybody else counts nothing.

import type { Process } from '../machine/process.ts'

export class UsageMeter {
  readonly process: Process
  readonly startedAt: number
  bufferHits = 0
  bufferMisses = 0
  buffersDirtied = 0
  walRecords = 0
  walImages = 0
  walBytes = 0
  walBuffersFull = 0
  private readonly cpuTimeBefore: number

  constructor(process: Process) {
    this.process = process
    this.startedAt = process.now()
    this.cpuTimeBefore = process.cpuTime
  }

  get cpuTime(): number {
    return this.process.cpuTime - this.cpuTimeBefore
  }
}

export class UsageMeters {
  private readonly meters: UsageMeter[] = []

  /** Whoever starts one stops it; a process may have several. */
  start(process: Process): UsageMeter {
    const meter = new UsageMeter(process)
    this.meters.push(meter)
    return meter
  }

  stop(meter: UsageMeter): void {
    this.meters.splice(this.meters.indexOf(meter), 1)
  }

  get areRunning(): boolean {
    return this.meters.length > 0
  }

  bufferHit(): void {
    for (const meter of this.meters) if (meter.process.isRunning) meter.bufferHits++
  }

  bufferMissed(): void {
    for (const meter of this.meters) if (meter.process.isRunning) meter.bufferMisses++
  }

  bufferDirtied(): void {
    for (const meter of this.meters) if (meter.process.isRunning) meter.buffersDirtied++
  }

  walInserted(images: number, bytes: number): void {
    for (const meter of this.meters) {
      if (!meter.process.isRunning) continue
      meter.walRecords++
      meter.walImages += images
      meter.walBytes += bytes
    }
  }

  walBuffersWereFull(): void {
    for (const meter of this.meters) if (meter.process.isRunning) meter.walBuffersFull++
  }
}
