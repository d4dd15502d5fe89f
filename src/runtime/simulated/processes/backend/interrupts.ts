// A backend's signals and timeouts: handlers set flags and the latch, CHECK_FOR_INTERRUPTS acts on them. Mirrors
// ProcessInterrupts, quickdie, die and StatementCancelHandler of postgres.c, and timeout.c.
// Lock and deadlock timeouts belong to locks/.

import type { Timer } from '../../kernel/kernel.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import type { Server } from '../../server.ts'
import { fail, fatal } from '../../shared/error.ts'
import type { Proc } from '../../shared/proc.ts'
import { type ConflictReason, conflictDetails } from '../../shared/recovery-conflict.ts'
import { versionFacts } from '../../shared/versions.ts'
import type { TransactionState } from '../../transactions/transaction-state.ts'
import { notify } from './report.ts'

type Timeout = 'statement' | 'idle in transaction' | 'idle session' | 'transaction' | 'idle statistics'

const crashDetail =
  'The postmaster has commanded this server process to roll back the current transaction and exit, because another server process exited abnormally and possibly corrupted shared memory.'
const crashHint = 'In a moment you should be able to reconnect to the database and repeat your command.'

export class Interrupts {
  private readonly me: Process
  private readonly server: Server
  private readonly client: Socket
  private readonly timers = new Map<Timeout, Timer>()
  private readonly fired = new Set<Timeout>()
  private proc: Proc | undefined
  private dies = false
  /** It is in the way of recovery, and gives up its statement, or itself. */
  private conflict: { readonly reason: ConflictReason; readonly ends: 'statement' | 'session' } | undefined
  /** The session's, once there is one. */
  transaction: TransactionState | undefined
  /** While a statement runs, a cancel request means it; at other times it is dropped. */
  inStatement = false

  constructor(me: Process, server: Server, client: Socket) {
    this.me = me
    this.server = server
    this.client = client
    me.ignore('USR2', 'CHLD')
    me.remember('HUP')
    me.on('USR1', () => this.raise(() => this.takeConflicts()))
    me.on('INT', () =>
      this.raise(() => {
        if (this.proc) this.proc.cancelPending = this.inStatement
      }),
    )
    me.on('TERM', () =>
      this.raise(() => {
        this.dies = true
        if (this.proc) this.proc.diePending = true
      }),
    )
    me.on('QUIT', () => this.quickDie())
    me.checkForInterrupts = () => this.process()
  }

  /** The session has its place in shared memory. */
  attach(proc: Proc): void {
    this.proc = proc
    proc.diePending = this.dies
    proc.notify = notice => notify(this.client, notice)
  }

  /** Sets a timeout of so many nanoseconds; 0 is none. */
  arm(timeout: Timeout, duration: number): void {
    this.disarm(timeout)
    if (duration <= 0) return
    const { kernel } = this.server.environment
    this.timers.set(
      timeout,
      kernel.at(this.me.now() + duration, () => this.raise(() => this.fired.add(timeout))),
    )
  }

  /** Whether the timeout runs, or has fired and was not looked at. */
  isArmed(timeout: Timeout): boolean {
    return this.timers.has(timeout)
  }

  /** True once after the timeout has fired: for what a session does when it is idle. */
  takeFired(timeout: Timeout): boolean {
    if (!this.fired.delete(timeout)) return false
    this.timers.delete(timeout)
    return true
  }

  disarm(timeout: Timeout): void {
    if (this.timers.size === 0 && this.fired.size === 0) return
    this.timers.get(timeout)?.cancel()
    this.timers.delete(timeout)
    this.fired.delete(timeout)
  }

  /** Before a new statement: a cancel request for the last one is not for this one. */
  forgetCancel(): void {
    if (this.proc) this.proc.cancelPending = false
  }

  private raise(change: () => void): void {
    change()
    this.me.latch.set()
  }

  private process(): void {
    const { fired } = this
    if (this.conflict?.ends === 'session') this.endForConflict(this.conflict.reason)
    if (this.dies) fatal('57P01', 'terminating connection due to administrator command')
    if (this.client.ending !== undefined && this.inStatement && this.client.ending !== 'end of file') {
      fatal('08006', 'connection to client lost')
    }
    if (this.conflict) this.giveWay(this.conflict.reason)
    if (this.proc?.cancelPending && this.inStatement) {
      this.proc.cancelPending = false
      fail('57014', 'canceling statement due to user request')
    }
    if (fired.delete('statement') && this.inStatement) fail('57014', 'canceling statement due to statement timeout')
    if (fired.delete('transaction')) fatal('25P04', 'terminating connection due to transaction timeout')
    if (fired.delete('idle in transaction')) fatal('25P03', 'terminating connection due to idle-in-transaction timeout')
    if (fired.delete('idle session')) fatal('57P05', 'terminating connection due to idle-session timeout')
    this.proc?.takeParallelMessages?.()
  }

  /** RecoveryConflictInterrupt */
  private takeConflicts(): void {
    const { proc } = this
    if (!proc) return
    for (const reason of proc.conflicts) this.takeConflict(proc, reason)
    proc.conflicts.clear()
  }

  private takeConflict(proc: Proc, reason: ConflictReason): void {
    if (reason === 'database') {
      this.conflict = { reason, ends: 'session' }
      return
    }
    if (reason === 'logical slot') {
      this.conflict = { reason, ends: 'statement' }
      return
    }
    if (reason === 'buffer deadlock' && !proc.waitingFor) return
    if (reason === 'buffer deadlock' || reason === 'buffer pin') {
      const { locks, transactions } = this.server.shared
      const { awaitedPin } = transactions.conflicts
      if (awaitedPin === undefined || !proc.holdsPin?.(awaitedPin)) {
        if (reason === 'buffer deadlock' && awaitedPin === undefined) locks.alertDeadlockCheck(proc)
        return
      }
    }
    if (proc.localTransactionId === 0) return
    const ends = this.transaction && this.transaction.depth > 1 ? 'session' : 'statement'
    this.conflict = { reason, ends }
  }

  /** Its statement, or the session that is idle in a transaction. */
  private giveWay(reason: ConflictReason): void {
    this.conflict = undefined
    this.transaction?.statistics.conflicted(reason)
    const detail = conflictDetails[reason]
    const { proc } = this
    // A WAL sender streams outside of statements, and counts at once.
    const isStreaming = proc?.backendType === 'walsender' && reason === 'logical slot'
    if (isStreaming) this.server.shared.statistics.of(proc.databaseId).counts.logicalSlotConflicts++
    if (this.inStatement || isStreaming) fail('40001', 'canceling statement due to conflict with recovery', { detail })
    fatal('40001', 'terminating connection due to conflict with recovery', {
      detail,
      hint: 'In a moment you should be able to reconnect to the database and repeat your command.',
    })
  }

  private endForConflict(reason: ConflictReason): never {
    this.transaction?.statistics.conflicted(reason)
    fatal(reason === 'database' ? '57P04' : '40001', 'terminating connection due to conflict with recovery', {
      detail: conflictDetails[reason],
      hint: versionFacts(this.server.environment.version).conflictEndHint,
    })
  }

  private quickDie(): void {
    const { me, server, client } = this
    const warning = { level: 'WARNING', sqlstate: '57P02' }
    switch (server.quitReason) {
      case 'crash':
        notify(client, {
          ...warning,
          message: 'terminating connection because of crash of another server process',
          detail: crashDetail,
          hint: crashHint,
        })
        break
      case 'immediate shutdown':
        notify(client, {
          ...warning,
          sqlstate: '57P01',
          message: 'terminating connection due to immediate shutdown command',
        })
        break
      case undefined: {
        const message = 'terminating connection because of unexpected SIGQUIT signal'
        server.environment.log.report(me, { level: 'WARNING', sqlstate: '57P01', message })
        notify(client, { ...warning, sqlstate: '57P01', message })
      }
    }
    me.exitAtOnce(2)
  }
}

/** What the session shows of itself while it runs a statement or waits for one. */
export function showActivity(proc: Proc, now: number, state: Proc['state'], statement?: string): void {
  proc.state = state
  proc.stateChangedAt = now
  proc.statement = statement
  if (statement !== undefined) {
    proc.lastStatement = statement
    proc.queryStartedAt = now
  }
}
