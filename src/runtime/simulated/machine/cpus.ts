// The CPUs of a host: as many bursts at once as there are CPUs, the others queue in the order in which they came. A CPU
// that goes from one process to another one that waited loses a moment on the way.

import type { Kernel } from '../kernel/kernel.ts'
import type { Wakeable } from '../kernel/queue.ts'
import type { Process } from './process.ts'
import { contextSwitch, timeSlice } from './profile.ts'

export class Cpus {
  private readonly kernel: Kernel
  private readonly declared: number
  count: number
  /** How many of them somebody runs on. */
  busy = 0
  private readonly waiting: Burst[] = []

  constructor(kernel: Kernel, count: number) {
    this.kernel = kernel
    this.declared = count
    this.count = count
  }

  /** So many of them from now on, or as many as there were; what runs is not interrupted. */
  change(count = this.declared): void {
    this.count = count
    this.fillUp()
  }

  /** Wakes the process when it has had `duration` nanoseconds of a CPU. */
  run(process: Process, duration: number): void {
    const burst = new Burst(this, process, duration)
    if (this.busy < this.count) this.begin(burst)
    else this.waiting.push(burst)
  }

  private begin(burst: Burst, delay = 0): void {
    this.busy++
    this.kernel.schedule(this.kernel.now + delay + burst.duration, burst)
  }

  /** For Burst alone. */
  ended(burst: Burst): void {
    this.busy--
    this.fillUp()
    burst.process.continueNext()
  }

  private fillUp(): void {
    while (this.busy < this.count) {
      const next = this.nextWaiting()
      if (!next) return
      this.begin(next, this.switchTo(next))
    }
  }

  /**
   * What it costs that the process had to wait. Bursts are far shorter than what a scheduler gives a process at a time:
   * it pays once for each time slice that it would have had.
   */
  private switchTo({ process, duration }: Burst): number {
    const pays = process.slice <= 0
    process.slice = (pays ? timeSlice : process.slice) - duration
    return pays ? contextSwitch : 0
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
