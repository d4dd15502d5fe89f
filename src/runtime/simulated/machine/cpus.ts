// The CPUs of a host: as many bursts at once as there are CPUs, the others queue in the order in which they came.

import type { Kernel } from '../kernel/kernel.ts'
import type { Wakeable } from '../kernel/queue.ts'
import type { Process } from './process.ts'

export class Cpus {
  private readonly kernel: Kernel
  private readonly count: number
  private busy = 0
  private readonly waiting: Burst[] = []

  constructor(kernel: Kernel, count: number) {
    this.kernel = kernel
    this.count = count
  }

  /** Wakes the process when it has had `duration` nanoseconds of a CPU. */
  run(process: Process, duration: number): void {
    const burst = new Burst(this, process, duration)
    if (this.busy < this.count) this.begin(burst)
    else this.waiting.push(burst)
  }

  private begin(burst: Burst): void {
    this.busy++
    this.kernel.schedule(this.kernel.now + burst.duration, burst)
  }

  /** For Burst alone. */
  ended(burst: Burst): void {
    this.busy--
    burst.process.continue()
    const next = this.nextWaiting()
    if (next) this.begin(next)
  }

  private nextWaiting(): Burst | undefined {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (next.process.alive) return next
    }
    return undefined
  }
}

/** A process on a CPU. It ends with its time also if the process was killed meanwhile. */
class Burst implements Wakeable {
  readonly process: Process
  readonly duration: number
  private readonly cpus: Cpus

  constructor(cpus: Cpus, process: Process, duration: number) {
    this.cpus = cpus
    this.process = process
    this.duration = duration
  }

  due(): void {
    this.cpus.ended(this)
  }
}
