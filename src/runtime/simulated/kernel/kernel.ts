// The clock and the loop. Time is integer nanoseconds since the start of the run, and moves only here.

import type TinyQueue from 'tinyqueue'
import { type Due, DueNow, dueQueue, type Wakeable } from './queue.ts'
import { Random } from './random.ts'

/** A few milliseconds' worth. */
const turnsPerLook = 1000

export class Kernel {
  now = 0
  /** How many entries were taken from the queue: what a run costs grows with this. */
  steps = 0
  readonly random: Random
  /** Called now and then however the time passes; what it throws ends the run. */
  look: (() => void) | undefined
  private turns = 0
  private readonly queue: TinyQueue<Due> = dueQueue()
  private readonly dueNow = new DueNow()
  private sequence = 0
  private horizon = Number.POSITIVE_INFINITY

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  /** Makes `target` due at `time`; a time that has passed is now. */
  schedule(time: number, target: Wakeable, token = 0): void {
    if (time <= this.now) this.dueNow.push(target, token)
    else this.queue.push({ time, sequence: this.reserve(), target, token })
  }

  /** The place that an entry has among those of its time, if it is made later and is to stand where one made now would. */
  reserve(): number {
    return ++this.sequence
  }

  /** Makes `target` due at `time`, in a place that was reserved before then. */
  scheduleAs(time: number, sequence: number, target: Wakeable): void {
    this.queue.push({ time, sequence, target, token: 0 })
  }

  /** Calls `action` at `time`, unless cancelled before. */
  at(time: number, action: () => void): Timer {
    const timer = new Timer(action)
    this.schedule(time, timer)
    return timer
  }

  /** When the next entry is due; infinity if none is. */
  nextDueAt(): number {
    return this.dueNow.isEmpty ? (this.queue.peek()?.time ?? Number.POSITIVE_INFINITY) : this.now
  }

  /**
   * Lets time pass without an event, if nothing else is due meanwhile: uncontended work costs no entry in the queue.
   * False, and nothing happened, if something is due first or the run ends first.
   */
  tryAdvance(duration: number): boolean {
    const until = this.now + duration
    if (until > this.horizon || this.nextDueAt() <= until) return false
    if (++this.turns % turnsPerLook === 0) this.look?.()
    this.now = until
    return true
  }

  /**
   * For an entry, as the last thing it does: lets the target run if it would be the next one anyway, without an entry for
   * it, and else makes it due now.
   */
  handOver(target: Wakeable, token: number): void {
    if (this.dueNow.isEmpty && !this.isDueNow(this.queue.peek())) target.due(token)
    else this.dueNow.push(target, token)
  }

  /** Takes what is due up to and including `until`, or until nothing is left; then it is `until`. */
  run(until: number): void {
    while (this.step(until));
    this.horizon = Number.POSITIVE_INFINITY
    if (until !== Number.POSITIVE_INFINITY && this.now < until) this.now = until
  }

  /** Takes the one entry that is due next; false if there is none, or it is due after `until`. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    const next = this.queue.peek()
    // What was made due for this instant before it came goes first.
    const isInQueue = this.dueNow.isEmpty || this.isDueNow(next)
    const time = isInQueue ? (next?.time ?? Number.POSITIVE_INFINITY) : this.now
    if (time > until || time === Number.POSITIVE_INFINITY) return false
    this.horizon = until
    if (++this.turns % turnsPerLook === 0) this.look?.()
    this.steps++
    if (!isInQueue) {
      this.dueNow.runFirst()
      return true
    }
    this.queue.pop()
    this.now = time
    next!.target.due(next!.token)
    return true
  }

  private isDueNow(next: Due | undefined): boolean {
    return next !== undefined && next.time <= this.now
  }
}

export class Timer implements Wakeable {
  private action: (() => void) | undefined

  constructor(action: () => void) {
    this.action = action
  }

  cancel(): void {
    this.action = undefined
  }

  due(): void {
    const action = this.action
    this.action = undefined
    action?.()
  }
}
