// Who may write and flush the WAL: one process at a time. One that finds it taken waits until it is free and looks
// again, because the holder has probably flushed what it wanted. Mirrors LWLockAcquireOrWait on WALWriteLock.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'

export class WriteLock {
  private holder: Process | undefined
  private waiting: Process[] = []

  release(): void {
    this.holder = undefined
    const waiting = this.waiting
    this.waiting = []
    for (const process of waiting) process.continue()
  }

  /** True if `me` has it now; false if it was taken, and `me` has waited until it was released. */
  *acquireOrWait(me: Process): Coroutine<boolean> {
    if (!this.holder) {
      this.holder = me
      return true
    }
    this.waiting.push(me)
    me.waitEvent = 'WALWriteLock'
    yield
    me.waitEvent = undefined
    return false
  }
}
