// A condition variable: processes sleep on it until it is broadcast. Mirrors condition_variable.c. The sleeper checks
// its condition again after every wakeup.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'

export class ConditionVariable {
  private readonly sleepers = new Set<Process>()

  broadcast(cause?: number): void {
    const sleepers = [...this.sleepers]
    this.sleepers.clear()
    for (const sleeper of sleepers) sleeper.latch.set(cause)
  }

  /** For who waits for other things besides: its latch is set at the next broadcast. */
  listen(me: Process): void {
    this.sleepers.add(me)
  }

  /** Sleeps until it is broadcast (true) or the time has come (false); interrupts are looked at on the way. */
  *sleep(me: Process, waitEvent: string, until?: number): Coroutine<boolean> {
    this.sleepers.add(me)
    for (;;) {
      const woken = yield* me.waitLatch({ waitEvent, until })
      if (woken) me.latch.reset()
      try {
        yield* me.pause()
      } catch (error) {
        this.sleepers.delete(me)
        throw error
      }
      if (!this.sleepers.has(me)) return true
      if (!woken) {
        this.sleepers.delete(me)
        return false
      }
    }
  }
}
