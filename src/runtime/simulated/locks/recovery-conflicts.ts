// Replay meets a query in its way: the startup process waits for it as long as max_standby_streaming_delay or
// max_standby_archive_delay allow, counted from when the WAL came, and then cancels it. Mirrors the
// ResolveRecoveryConflict functions of standby.c. What a session makes of it is in processes/backend/interrupts.ts.
//
//   what replay does                      who is in its way                     resolved by
//   removes or freezes row versions       snapshots that may still see them     resolveSnapshot
//   takes a relation's AccessExclusiveLock   those who hold a lock on it        resolveLock
//   moves a page's tuples                 those who have the page pinned        lockForCleanup
//   removes rows of catalogs              logical slots that still need them    `removesCatalogRows`
//   drops a database                      those who are in it                   resolveDatabase

import { microsecond, millisecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import { type ConflictReason, conflictDetails, signalConflict } from '../shared/recovery-conflict.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lockForCleanup } from '../storage/cleanup-lock.ts'

/** Naps of one who waits for a transaction's end: each twice as long as the one before. */
const firstNap = millisecond
const longestNap = 1000 * millisecond
/** A session that was told to cancel is left alone for so long. */
const patience = 5 * millisecond
/** After this the wait shows in the title. */
const shownAfter = 500 * millisecond

/** A transaction that is in the way: a session's, as long as it has this local id. */
export interface VirtualTransaction {
  readonly proc: Proc
  readonly localId: number
}

/** A lock that the startup process waits for in the queue. */
export interface ConflictingLock {
  /** Whether it still waits. */
  readonly waits: () => boolean
  readonly waitEvent: string
  readonly holders: () => VirtualTransaction[]
}

export class RecoveryConflicts {
  /** Sessions may be there, or come: until then replay looks for nobody. */
  isHotStandby = false
  /** When the WAL that is replayed came, and whence. */
  receivedAt = 0
  fromStream = false
  /** The buffer, by its place in the pool, whose pins replay waits for. */
  awaitedPin: number | undefined
  /** What is replayed now, for the log. */
  context: (() => string | undefined) | undefined
  /** Slots that need rows of catalogs that go are given up; see recovery/slot-conflicts.ts. */
  removesCatalogRows: (me: Process, horizon: number, database: number) => Coroutine = function* () {}
  private readonly environment: ServerEnvironment
  private readonly procArray: ProcArray

  constructor(environment: ServerEnvironment, procArray: ProcArray) {
    this.environment = environment
    this.procArray = procArray
  }

  /** Rows that were deleted by `latestRemoved` and before go: whoever may still see them must have ended. 0: none go. */
  *resolveSnapshot(me: Process, latestRemoved: number, database: number, isCatalog: boolean): Coroutine {
    if (!this.mayBeSeen(latestRemoved, database, isCatalog)) return
    const inTheWay = this.procArray.procs.filter(proc => sees(proc, latestRemoved, database))
    if (inTheWay.length > 0) {
      yield* this.resolve(me, inTheWay.map(transactionOf), 'snapshot', 'RecoveryConflictSnapshot', true)
    }
    if (isCatalog) yield* this.removesCatalogRows(me, latestRemoved, database)
  }

  /** Whether `resolveSnapshot` might find anybody; rows of catalogs may be seen by slots. */
  mayBeSeen(latestRemoved: number, database: number, isCatalog: boolean): boolean {
    if (!this.isHotStandby || latestRemoved === 0) return false
    if (isCatalog) return true
    for (const proc of this.procArray.procs) if (sees(proc, latestRemoved, database)) return true
    return false
  }

  /** A tablespace is dropped that is not empty: whoever is in a transaction may have temporary files there. */
  *resolveTablespace(me: Process): Coroutine {
    if (!this.isHotStandby) return
    const inTheWay = this.procArray.procs.filter(proc => proc.localTransactionId !== 0)
    yield* this.resolve(me, inTheWay.map(transactionOf), 'tablespace', 'RecoveryConflictTablespace', true)
  }

  /** Nobody may be in a database that goes: all of its sessions are ended, however long that takes. */
  *resolveDatabase(me: Process, database: number): Coroutine {
    const sessions = () => this.procArray.procs.filter(({ pid, databaseId }) => pid !== 0 && databaseId === database)
    for (let inTheWay = sessions(); inTheWay.length > 0; inTheWay = sessions()) {
      for (const proc of inTheWay) signalConflict(proc, 'database', me.cause)
      yield* me.sleep(2 * patience, 'RecoveryConflictDatabase')
    }
  }

  /** Returns when the lock was given, or when it is time to look again. `mayLog`: its wait was not told of yet. */
  *resolveLock(me: Process, lock: ConflictingLock, mayLog: boolean): Coroutine {
    const limit = this.limit()
    if (me.now() >= limit) {
      yield* this.resolve(me, lock.holders(), 'lock', lock.waitEvent, false)
      return yield* waitFor(me, lock, Number.POSITIVE_INFINITY)
    }
    const checkAt = me.now() + this.environment.settings.get('deadlock_timeout')
    yield* waitFor(me, lock, Math.min(limit, checkAt))
    if (!lock.waits() || me.now() < checkAt) return
    const holders = lock.holders()
    if (holders.length === 0) return
    // One of them may wait for a lock of ours: they look for themselves.
    for (const { proc } of holders) signalConflict(proc, 'buffer deadlock', me.cause)
    if (!mayLog) yield* waitFor(me, lock, limit)
  }

  /** LockBufferForCleanup, by replay: returns when nobody else has the page pinned. */
  *lockForCleanup(me: Process, buffer: Buffer): Coroutine {
    if (buffer.pins === 1) return
    if (!this.isHotStandby) return yield* lockForCleanup(me, buffer)
    const { settings } = this.environment
    const startedAt = me.now()
    const logs = settings.get('log_recovery_conflict_waits')
    let isReported = false
    const { title } = me
    me.setTitle(`${title} waiting`)
    this.awaitedPin = buffer.index
    yield* lockForCleanup(me, buffer, () =>
      this.resolveBufferPin(me, buffer, () => {
        if (!logs || isReported || me.now() < startedAt + settings.get('deadlock_timeout')) return
        isReported = true
        this.report(me, 'buffer pin', startedAt, [])
      }),
    )
    this.awaitedPin = undefined
    if (isReported) this.report(me, 'buffer pin', startedAt, undefined)
    me.setTitle(title)
  }

  /** ResolveRecoveryConflictWithBufferPin: nobody knows who has pins, so everybody is asked to look. */
  private *resolveBufferPin(me: Process, buffer: Buffer, tell: () => void): Coroutine {
    tell()
    const limit = this.limit()
    const isLate = me.now() >= limit
    if (isLate) this.signalAll(me, 'buffer pin')
    const until = isLate
      ? Number.POSITIVE_INFINITY
      : Math.min(limit, me.now() + this.environment.settings.get('deadlock_timeout'))
    yield* waitFor(me, { waits: () => buffer.pins > 1, waitEvent: 'BufferPin' }, until)
    if (buffer.pins > 1) this.signalAll(me, me.now() >= limit ? 'buffer pin' : 'buffer deadlock')
  }

  /** CheckRecoveryConflictDeadlock: before a session waits for a lock, which replay may hold while it waits for a pin. */
  checkBufferDeadlock({ holdsPin }: Proc): void {
    if (this.awaitedPin === undefined || !holdsPin?.(this.awaitedPin)) return
    fail('40P01', 'canceling statement due to conflict with recovery', { detail: conflictDetails['buffer deadlock'] })
  }

  private signalAll(me: Process, reason: ConflictReason): void {
    for (const proc of this.procArray.procs) if (proc.localTransactionId !== 0) signalConflict(proc, reason, me.cause)
  }

  /** log_recovery_conflict_waits; `inTheWay` undefined: the wait is over. */
  report(
    me: Process,
    reason: ConflictReason,
    startedAt: number,
    inTheWay: readonly VirtualTransaction[] | undefined,
  ): void {
    const micros = Math.floor((me.now() - startedAt) / microsecond)
    const after = `${Math.floor(micros / 1000)}.${String(micros % 1000).padStart(3, '0')} ms`
    const what = inTheWay ? 'still waiting' : 'finished waiting'
    const pids = (inTheWay ?? []).filter(({ proc }) => this.isThere(proc)).map(({ proc }) => proc.pid)
    const noun = pids.length === 1 ? 'process' : 'processes'
    this.environment.log.log(me, `recovery ${what} after ${after}: recovery conflict on ${reason}`, {
      sqlstate: '00000',
      ...(pids.length > 0 ? { detail: `Conflicting ${noun}: ${pids.join(', ')}.` } : {}),
      context: this.context?.(),
    })
  }

  /** ResolveRecoveryConflictWithVirtualXIDs: waits for each, and cancels it when the time is over. */
  private *resolve(
    me: Process,
    inTheWay: readonly VirtualTransaction[],
    reason: ConflictReason,
    waitEvent: string,
    reports: boolean,
  ): Coroutine {
    const { settings } = this.environment
    const startedAt = me.now()
    const { title } = me
    let isReported = false
    for (const transaction of inTheWay) {
      let nap = firstNap
      while (this.runs(transaction)) {
        if (me.now() >= this.limit()) {
          signalConflict(transaction.proc, reason, me.cause)
          yield* me.sleep(patience, waitEvent)
        } else {
          yield* me.sleep(nap, waitEvent)
          nap = Math.min(nap * 2, longestNap)
        }
        const waited = me.now() - startedAt
        if (reports && waited >= shownAfter) me.setTitle(`${title} waiting`)
        const tells = reports && !isReported && settings.get('log_recovery_conflict_waits')
        if (!tells || waited < settings.get('deadlock_timeout')) continue
        isReported = true
        this.report(me, reason, startedAt, inTheWay.slice(inTheWay.indexOf(transaction)))
      }
    }
    if (isReported) this.report(me, reason, startedAt, undefined)
    me.setTitle(title)
  }

  /** Until when replay waits for queries. */
  private limit(): number {
    const { settings } = this.environment
    const delay = settings.get(this.fromStream ? 'max_standby_streaming_delay' : 'max_standby_archive_delay')
    return delay < 0 ? Number.POSITIVE_INFINITY : this.receivedAt + delay
  }

  private runs({ proc, localId }: VirtualTransaction): boolean {
    return proc.localTransactionId === localId && this.isThere(proc)
  }

  private isThere(proc: Proc): boolean {
    return this.procArray.byPid(proc.pid) === proc
  }
}

/** Its snapshot is older than the end of a transaction that has removed rows. */
function sees(proc: Proc, latestRemoved: number, database: number): boolean {
  if (proc.localTransactionId === 0 || (database !== 0 && proc.databaseId !== database)) return false
  return proc.xmin !== 0 && proc.xmin <= latestRemoved
}

export function transactionOf(proc: Proc): VirtualTransaction {
  return { proc, localId: proc.localTransactionId }
}

function* waitFor(me: Process, lock: Pick<ConflictingLock, 'waits' | 'waitEvent'>, until: number): Coroutine {
  while (lock.waits() && me.now() < until) {
    yield* me.waitLatch({ until: until === Number.POSITIVE_INFINITY ? undefined : until, waitEvent: lock.waitEvent })
    me.latch.reset()
  }
}
