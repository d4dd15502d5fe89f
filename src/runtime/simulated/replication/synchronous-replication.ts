// Commits that wait for standbys. A backend queues with the LSN of its commit; the WAL senders release it when enough
// synchronous standbys have confirmed. Mirrors syncrep.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { Proc } from '../shared/proc.ts'
import { parseSynchronousStandbyNames, priorityOf, type SynchronousStandbys } from './synchronous-standby-names.ts'
import type { WalSender, WalSenders } from './wal-senders.ts'

const replicationLevels = ['written', 'flushed', 'applied'] as const
type Level = (typeof replicationLevels)[number]

interface Waiter {
  readonly process: Process
  readonly lsn: number
  released: boolean
}

/** What of a standby a commit waits for, by synchronous_commit; off and local wait for nobody. */
const levels: Readonly<Record<string, Level>> = { remote_write: 'written', on: 'flushed', remote_apply: 'applied' }

const locallyCommitted =
  'The transaction has already committed locally, but might not have been replicated to the standby.'

export class SynchronousReplication {
  private readonly environment: ServerEnvironment
  private readonly walSenders: WalSenders
  /** In the order of their LSNs. */
  private readonly queues: Readonly<Record<Level, Waiter[]>> = { written: [], flushed: [], applied: [] }
  /** Up to here everybody was released. */
  private readonly released: Record<Level, number> = { written: 0, flushed: 0, applied: 0 }
  private parsedFrom: string | undefined
  private parsed: SynchronousStandbys | undefined

  constructor(environment: ServerEnvironment, walSenders: WalSenders) {
    this.environment = environment
    this.walSenders = walSenders
  }

  get standbys(): SynchronousStandbys | undefined {
    const text = this.environment.settings.get('synchronous_standby_names')
    if (text !== this.parsedFrom) {
      const parsed = parseSynchronousStandbyNames(text)
      this.parsedFrom = text
      this.parsed = typeof parsed === 'string' ? undefined : parsed
    }
    return this.parsed
  }

  /** Returns when enough standbys have the commit that ends at `lsn`, or the wait is given up. */
  *wait(me: Process, proc: Proc, lsn: number): Coroutine {
    const level = levels[proc.settings.get('synchronous_commit')]
    if (this.standbys === undefined || level === undefined || lsn <= this.released[level]) return
    const waiter: Waiter = { process: me, lsn, released: false }
    const queue = this.queues[level]
    const after = queue.findLastIndex(other => other.lsn <= lsn)
    queue.splice(after + 1, 0, waiter)
    for (;;) {
      if (waiter.released) return
      if (proc.diePending || proc.cancelPending) {
        this.giveUp(me, proc, queue, waiter)
        return
      }
      me.latch.reset()
      if (this.standbys === undefined) this.releaseAll()
      else yield* me.waitLatch({ waitEvent: 'SyncRep' })
    }
  }

  private giveUp(me: Process, proc: Proc, queue: Waiter[], waiter: Waiter): void {
    queue.splice(queue.indexOf(waiter), 1)
    const warning = proc.diePending
      ? {
          sqlstate: '57P01',
          message:
            'canceling the wait for synchronous replication and terminating connection due to administrator command',
        }
      : { sqlstate: '01000', message: 'canceling wait for synchronous replication due to user request' }
    proc.cancelPending = false
    const report = { level: 'WARNING', ...warning, detail: locallyCommitted } as const
    this.environment.log.report(me, { ...report, statement: proc.statement })
    proc.notify?.(report)
    proc.outputIsOff = proc.diePending
  }

  /** A standby has replied, or gone, or the settings have changed: whoever has enough confirmations goes on. */
  releaseWaiters(sender: WalSender): void {
    const standbys = this.standbys
    sender.priority = standbys ? priorityOf(standbys, sender.applicationName) : 0
    if (!standbys) return this.releaseAll()
    if (!sender.counts) {
      sender.announcesTakeover = true
      return
    }
    const candidates = this.candidates(standbys)
    const isSynchronous = this.chosen(standbys).includes(sender)
    if (isSynchronous && sender.announcesTakeover) this.announce(standbys, sender)
    sender.announcesTakeover = !isSynchronous
    // Only the standbys that are synchronous now may release anybody.
    if (!isSynchronous || candidates.length < standbys.count) return
    for (const level of replicationLevels) {
      this.releaseUpTo(level, confirmed(standbys, candidates, level), sender.process.cause)
    }
  }

  /** Standbys that count, the best first. */
  private candidates(standbys: SynchronousStandbys): WalSender[] {
    const candidates = this.walSenders.list.filter(sender => sender.counts)
    return standbys.method === 'priority' ? candidates.sort((a, b) => a.priority - b.priority) : candidates
  }

  /** As pg_stat_replication shows it. */
  stateOf(sender: WalSender): 'async' | 'sync' | 'potential' | 'quorum' {
    const standbys = this.standbys
    // One that has not confirmed anything yet counts as one of pg_basebackup's, which never will.
    if (!standbys || sender.priority === 0 || sender.flushed === 0) return 'async'
    if (!this.chosen(standbys).includes(sender)) return 'potential'
    return standbys.method === 'quorum' ? 'quorum' : 'sync'
  }

  /** The standbys that are synchronous now: all of a quorum, the first ones of a list. */
  private chosen(standbys: SynchronousStandbys): WalSender[] {
    const candidates = this.candidates(standbys)
    return standbys.method === 'quorum' ? candidates : candidates.slice(0, standbys.count)
  }

  private announce(standbys: SynchronousStandbys, { process, proc, priority, applicationName }: WalSender): void {
    const what =
      standbys.method === 'priority'
        ? `synchronous standby with priority ${priority}`
        : 'candidate for quorum synchronous standby'
    this.environment.log.log(process, `standby "${applicationName}" is now a ${what}`, { statement: proc.statement })
  }

  private releaseUpTo(level: Level, lsn: number, cause: number | undefined): void {
    if (lsn <= this.released[level]) return
    this.released[level] = lsn
    const queue = this.queues[level]
    while (queue.length > 0 && queue[0].lsn <= lsn) release(queue.shift()!, cause)
  }

  private releaseAll(): void {
    for (const level of replicationLevels) {
      const queue = this.queues[level]
      if (queue.length > 0) for (const waiter of queue.splice(0)) release(waiter, undefined)
    }
  }
}

function release(waiter: Waiter, cause: number | undefined): void {
  waiter.released = true
  waiter.process.latch.set(cause)
}

/** Up to where enough of the candidates have confirmed: all of the chosen, or any of the quorum. */
function confirmed(standbys: SynchronousStandbys, candidates: readonly WalSender[], level: Level): number {
  if (standbys.method === 'priority') {
    return Math.min(...candidates.slice(0, standbys.count).map(sender => sender[level]))
  }
  const positions = candidates.map(sender => sender[level]).sort((a, b) => b - a)
  return positions[standbys.count - 1]
}
