// The clock and the loop. Time is integer nanoseconds since the start of the run, and moves only here.

import type TinyQueue from 'tinyqueue'
import { type Due, dueQueue, type Wakeable } from './queue.ts'
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
  private sequence = 0
  private horizon = Number.POSITIVE_INFINITY

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  /** Makes `target` due at `time`; a time that has passed is now. */
  schedule(time: number, target: Wakeable, token = 0): void {
    this.queue.push({ time: Math.max(time, this.now), sequence: ++this.sequence, target, token })
  }

  /** Calls `action` at `time`, unless cancelled before. */
  at(time: number, action: () => void): Timer {
    const timer = new Timer(action)
    this.schedule(time, timer)
    return timer
  }

  /** When the next entry is due; infinity if none is. */
  nextDueAt(): number {
    return this.queue.peek()?.time ?? Number.POSITIVE_INFINITY
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

  /** Takes what is due up to and including `until`, or until nothing is left; then it is `until`. */
  run(until: number): void {
    this.horizon = until
    for (let next = this.queue.peek(); next !== undefined && next.time <= until; next = this.queue.peek()) {
      this.queue.pop()
      this.now = next.time
      this.steps++
      next.target.due(next.token)
    }
    this.horizon = Number.POSITIVE_INFINITY
    if (until !== Number.POSITIVE_INFINITY && this.now < until) this.now = until
  }

  /** Takes the one entry that is due next; false if there is none, or it is due after `until`. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    const next = this.queue.peek()
    if (next === undefined || next.time > until) return false
    this.queue.pop()
    this.horizon = until
    this.now = next.time
    this.steps++
    if (++this.turns % turnsPerLook === 0) this.look?.()
    next.target.due(next.token)
    return true
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
