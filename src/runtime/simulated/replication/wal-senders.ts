// What the WAL senders of a server show of themselves. Mirrors WalSndCtl and WalSnd (walsender_private.h).

import { millisecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Proc } from '../shared/proc.ts'
import { LagTracker } from './lag-tracker.ts'
import type { ReplicationSlot } from './slot.ts'

export type WalSenderPhase = 'startup' | 'catchup' | 'streaming' | 'stopping'

/** LSNs are byte positions; 0 means not known yet. */
export class WalSender {
  readonly process: Process
  readonly pid: number
  readonly applicationName: string
  readonly proc: Proc
  readonly lag = new LagTracker()
  phase: WalSenderPhase = 'startup'
  isStopping = false
  sent = 0
  written = 0
  flushed = 0
  applied = 0
  /** Its place in synchronous_standby_names, from 1; 0: it is not in there. */
  priority = 0
  /** When its standby becomes synchronous next, that is told. */
  announcesTakeover = true
  slot: ReplicationSlot | undefined
  /** When the last reply was sent; undefined: none came. */
  replySentAt: number | undefined
  /** When the last reply came. */
  repliedAt: number

  constructor(process: Process, proc: Proc) {
    this.process = process
    this.pid = process.pid
    this.proc = proc
    this.applicationName = proc.applicationName
    this.repliedAt = process.now()
  }

  /** Whether its standby can count as synchronous now. */
  get counts(): boolean {
    return (this.phase === 'streaming' || this.phase === 'stopping') && this.priority > 0 && this.flushed > 0
  }
}

export class WalSenders {
  /** In the order in which they connected. */
  readonly list: WalSender[] = []

  add(process: Process, proc: Proc): WalSender {
    const sender = new WalSender(process, proc)
    this.list.push(sender)
    return sender
  }

  /**
   * Before the shutdown checkpoint: nothing but WAL is sent from now on. Each sender is told, and waited for until it
   * has understood (WalSndInitStopping, WalSndWaitStopping).
   */
  *stop(me: Process): Coroutine {
    for (const sender of this.list) {
      sender.isStopping = true
      sender.process.latch.set(me.cause)
    }
    while (this.list.some(sender => sender.phase !== 'stopping' && sender.process.alive)) {
      yield* me.sleep(10 * millisecond, 'WalSenderStopping')
    }
  }

  remove(sender: WalSender): void {
    const index = this.list.indexOf(sender)
    if (index >= 0) this.list.splice(index, 1)
  }
}
