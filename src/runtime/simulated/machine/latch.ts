// A latch: a flag that its owner can sleep on, and that anyone may set. Mirrors latch.c: set is remembered until reset,
// so a wakeup between looking for work and going to sleep is not lost.

import type { Process } from './process.ts'

export class Latch {
  isSet = false
  /** The process that sleeps on it now. */
  private sleeper: Process | undefined

  /** `cause`: the event that led to this wakeup. */
  set(cause?: number): void {
    this.take(cause)?.continue()
  }

  /** The same, as the last thing that an entry of the queue does. */
  setNext(cause?: number): void {
    this.take(cause)?.continueNext()
  }

  /** Who is to be woken. */
  private take(cause: number | undefined): Process | undefined {
    const sleeper = this.sleeper
    if (cause !== undefined && sleeper) sleeper.cause = cause
    if (this.isSet) return undefined
    this.isSet = true
    this.sleeper = undefined
    return sleeper
  }

  reset(): void {
    this.isSet = false
  }

  /** For Process alone. */
  sleep(process: Process): void {
    this.sleeper = process
  }

  wakeUp(): void {
    this.sleeper = undefined
  }
}
