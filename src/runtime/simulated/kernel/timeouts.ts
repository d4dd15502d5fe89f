// When a task gives up waiting. Who waits with a timeout is nearly always woken before it, and what is left of the wait
// is a stale entry that comes due long after. There are many of these, and the later a wait began the later it ends: so
// they line up here, and only the first one stands in the kernel's queue.

import type { Kernel } from './kernel.ts'
import type { Wakeable } from './queue.ts'

export class Timeouts implements Wakeable {
  private readonly kernel: Kernel
  private readonly target: Wakeable
  /** In three columns: when each is due, its place among what is due then, and its token; `first` is the next one. */
  private times: number[] = []
  private places: number[] = []
  private tokens: number[] = []
  private first = 0

  constructor(kernel: Kernel, target: Wakeable) {
    this.kernel = kernel
    this.target = target
  }

  /** Makes the target due at `time`, as `Kernel.schedule` does. */
  add(time: number, token: number): void {
    const { kernel, times } = this
    const isAlone = this.first === times.length
    // One that ends before others that began earlier cannot line up.
    if (time <= kernel.now || (!isAlone && time < times[times.length - 1])) {
      kernel.schedule(time, this.target, token)
      return
    }
    times.push(time)
    this.places.push(kernel.reserve())
    this.tokens.push(token)
    if (isAlone) this.scheduleFirst()
  }

  due(): void {
    const token = this.tokens[this.first++]
    if (this.first < this.times.length) this.scheduleFirst()
    if (this.first > this.times.length / 2) this.forgetPast()
    this.target.due(token)
  }

  private scheduleFirst(): void {
    this.kernel.scheduleAs(this.times[this.first], this.places[this.first], this)
  }

  private forgetPast(): void {
    this.times = this.times.slice(this.first)
    this.places = this.places.slice(this.first)
    this.tokens = this.tokens.slice(this.first)
    this.first = 0
  }
}
