// A coroutine that can park and be woken. It yields nothing: before it parks it arranges for its own waking.
// A task that is dropped does not run its `finally` blocks, as a killed process doesn't run its handlers.

import type { Kernel } from './kernel.ts'
import { Loop } from './loop.ts'
import type { Wakeable } from './queue.ts'
import { Timeouts } from './timeouts.ts'

/** What every process is written as; `yield` parks it. */
export type Coroutine<Result = void> = Generator<void, Result, void>

export class Task implements Wakeable {
  private readonly kernel: Kernel
  private readonly timeouts: Timeouts
  private coroutine: Coroutine | undefined
  /** The innermost one that it is in. */
  private loop: Loop<unknown> | undefined
  /** Counts parkings, so that a wakeup that was meant for an earlier one is stale. */
  private parking = 0
  private running = false
  private suspended = false
  private missedWhileSuspended = false
  private readonly ended: (error?: unknown) => void

  /** `ended` is called when the coroutine returns or throws, not when it is dropped. */
  constructor(kernel: Kernel, coroutine: Coroutine, ended: (error?: unknown) => void) {
    this.kernel = kernel
    this.timeouts = new Timeouts(kernel, this)
    this.coroutine = coroutine
    this.ended = ended
  }

  get alive(): boolean {
    return this.coroutine !== undefined
  }

  get isRunning(): boolean {
    return this.running
  }

  /** Makes a parked task due at `time`. The first of several wakeups of one parking counts. */
  wakeAt(time: number): void {
    if (this.coroutine !== undefined) this.kernel.schedule(time, this, this.parking)
  }

  wake(): void {
    this.wakeAt(this.kernel.now)
  }

  /** `wake`, as the last thing that an entry does. */
  wakeNext(): void {
    if (this.coroutine !== undefined) this.kernel.handOver(this, this.parking)
  }

  /** The same as `wakeAt`, for one who expects to be woken before. */
  wakeAtLatest(time: number): void {
    if (this.coroutine !== undefined) this.timeouts.add(time, this.parking)
  }

  due(token: number): void {
    if (token !== this.parking || this.coroutine === undefined) return
    if (this.suspended) {
      this.missedWhileSuspended = true
      return
    }
    this.parking++
    this.running = true
    let error: unknown
    let done = false
    try {
      done = !this.goesOn(this.coroutine)
    } catch (thrown) {
      error = thrown
      done = true
    }
    this.running = false
    if (!done || this.coroutine === undefined) return
    this.coroutine = undefined
    this.ended(error)
  }

  /** Runs to the next `yield`, of its innermost loop if it is in one; false: it has come to its end. */
  private goesOn(coroutine: Coroutine): boolean {
    while (this.loop !== undefined) if (this.loop.goesOn()) return true
    return coroutine.next().done !== true
  }

  /** For the task's own code, which waits for its end by `yield*`: until then the task is woken in there. */
  enter<Result>(body: Coroutine<Result>): Loop<Result> {
    const outer = this.loop
    const loop = new Loop(outer, body, () => {
      this.loop = outer
    })
    this.loop = loop
    return loop
  }

  /** Stops the task where it stands, for ever. A task that drops itself runs on to its next `yield` and no further. */
  drop(): void {
    this.coroutine = undefined
  }

  suspend(): void {
    this.suspended = true
  }

  resume(): void {
    this.suspended = false
    if (!this.missedWhileSuspended) return
    this.missedWhileSuspended = false
    this.wake()
  }
}
