// How long the WAL summarizer sleeps when there is nothing to read: longer and longer where little is written, shorter
// where much is. Mirrors summarizer_wait_for_wal.

import { millisecond } from '../../../../model/units.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'

const quantum = 200 * millisecond
const mostQuanta = 150

export class WaitForWal {
  /** Ends the process if it is to end. */
  readonly leaveIfAsked: () => void
  /** Since the last sleep. */
  pagesRead = 0
  private quanta = 1

  constructor(leaveIfAsked: () => void) {
    this.leaveIfAsked = leaveIfAsked
  }

  *wait(me: Process): Coroutine {
    if (this.pagesRead === 0) this.quanta = Math.min(2 * this.quanta, mostQuanta)
    else if (this.pagesRead > 1) this.quanta = Math.max(1, this.quanta - this.pagesRead)
    yield* me.waitLatch({ until: me.now() + this.quanta * quantum, waitEvent: 'WalSummarizerWal' })
    me.latch.reset()
    this.pagesRead = 0
  }
}
