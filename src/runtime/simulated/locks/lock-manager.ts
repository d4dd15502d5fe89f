// Heavyweight locks: who gets them, who waits, who gives them back. Mirrors lock.c, and ProcSleep of proc.c; the order
// of the queues is in wait-queue.ts, circles are found in deadlock.ts, messages are in lock-messages.ts.

import type { Coroutine } from '../kernel/task.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail, PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { checkDeadlock } from './deadlock.ts'
import { type Holding, Lock, LockOwner, type Wait } from './lock.ts'
import { failWithDeadlock, reportWait } from './lock-messages.ts'
import { conflicts, type LockMode, lockModeName } from './lock-mode.ts'
import { LockTableSpace } from './lock-table-space.ts'
import { describeLockTag, type LockTag, lockTypes } from './lock-tag.ts'
import type { TakenLock } from './lock-tag-bytes.ts'
import { type ConflictingLock, type RecoveryConflicts, transactionOf } from './recovery-conflicts.ts'
import { type Place, placeInQueue, wakeWaiters } from './wait-queue.ts'

export interface AcquireOptions {
  /** Says what is being done, for CONTEXT: while updating tuple (0,5) in relation "d". */
  readonly context?: () => string
  /** Held until the session ends or releases it, across transactions: advisory locks. */
  readonly session?: boolean
  /** Puts it among the locks of an outer subtransaction: before this mark. */
  readonly before?: number
  /** It is taken by replay, which cancels those who hold it for too long. */
  readonly recovery?: RecoveryConflicts
}

export interface LockView {
  readonly tag: LockTag
  readonly proc: Proc
  readonly mode: LockMode
  readonly granted: boolean
  /** The backend keeps it to itself. */
  readonly fastPath: boolean
  /** When the wait began, nanoseconds; undefined if it does not wait. */
  readonly waitStart: number | undefined
}

export class LockManager {
  private readonly environment: ServerEnvironment
  private readonly locks = new Map(lockTypes.map(type => [type, new Map<number | string, Lock>()]))
  private readonly owners = new Map<Proc, LockOwner>()
  private readonly space: LockTableSpace

  constructor(environment: ServerEnvironment) {
    this.environment = environment
    this.space = new LockTableSpace(environment)
  }

  /** Takes the lock if nobody stands in the way; false, and nothing happened, otherwise. Never waits. */
  tryAcquire(proc: Proc, tag: LockTag, mode: LockMode, options?: AcquireOptions): boolean {
    const owner = this.ownerOf(proc)
    const lock = this.lockOf(tag)
    const holding = lock.holdingOf(owner)
    if (holding.mask === 0) this.makeRoom(holding)
    if ((holding.mask & (1 << mode)) === 0) {
      if ((conflicts[mode] & lock.waitMask) !== 0 || lock.isHeldAgainst(mode, owner)) {
        this.forgetIfUnused(holding)
        return false
      }
      lock.grant(holding, mode)
    }
    remember(holding, mode, options)
    return true
  }

  /** Waits in the queue; fails with 40P01 on deadlock, 55P03 on lock_timeout, or what an interrupt throws. */
  *acquire(proc: Proc, tag: LockTag, mode: LockMode, options?: AcquireOptions): Coroutine {
    if (this.tryAcquire(proc, tag, mode, options)) return
    const owner = this.ownerOf(proc)
    const lock = this.lockOf(tag)
    const holding = lock.holdingOf(owner)
    const place = placeInQueue(lock, owner, mode)
    if (place === 'granted') lock.grant(holding, mode)
    else yield* this.sleep(holding, mode, place, options)
    remember(holding, mode, options)
  }

  /** Gives back before the transaction's end; false if it was not held so. */
  release(proc: Proc, tag: LockTag, mode: LockMode, options?: AcquireOptions): boolean {
    const owner = this.ownerOf(proc)
    const holding = this.locks.get(tag.type)!.get(tag.key)?.heldBy(owner)
    if (!holding) return false
    if (options?.session) {
      if (!holding.session?.[mode]) return false
      holding.session[mode]--
      if (holding.session.every(count => count === 0)) owner.sessionHoldings.delete(holding)
    } else {
      if ((holding.transactionMask & (1 << mode)) === 0) return false
      const index = owner.taken.findLastIndex(each => each.holding === holding && each.mode === mode)
      owner.taken.splice(index, 1)
      holding.transactionMask &= ~(1 << mode)
    }
    this.giveBack(holding, mode)
    return true
  }

  /** At the end of a transaction (session locks stay) or of the session. */
  releaseAll(proc: Proc, which: 'transaction' | 'session'): void {
    this.releaseSince(proc, 0)
    if (which === 'transaction') return
    this.releaseSessionLocks(proc)
    this.leaveGroup(proc)
    this.owners.delete(proc)
  }

  /** ProcKill: the process is gone, perhaps out of a queue. */
  abandon(proc: Proc): void {
    const owner = this.owners.get(proc)
    if (!owner) return
    if (owner.wait) this.leaveQueue(owner, owner.wait)
    this.releaseAll(proc, 'session')
  }

  /** BecomeLockGroupMember: from now on it and the leader count as one. */
  joinGroup(proc: Proc, leader: Proc): void {
    const first = this.ownerOf(leader)
    first.group ??= [first]
    const owner = this.ownerOf(proc)
    owner.group = first.group
    owner.group.push(owner)
  }

  private leaveGroup(proc: Proc): void {
    const owner = this.owners.get(proc)
    if (!owner?.group) return
    owner.group.splice(owner.group.indexOf(owner), 1)
    if (owner.group.length === 1) owner.group[0].group = undefined
    owner.group = undefined
  }

  /** pg_advisory_unlock_all. */
  releaseSessionLocks(proc: Proc): void {
    const owner = this.ownerOf(proc)
    for (const holding of [...owner.sessionHoldings]) {
      holding.session = undefined
      for (let mode = 1; mode <= 8; mode++) this.giveBack(holding, mode as LockMode)
    }
    owner.sessionHoldings.clear()
  }

  /** What the transaction has taken, to be kept by a prepared one. */
  ofTransaction(proc: Proc): TakenLock[] {
    return this.ownerOf(proc).taken.map(({ holding, mode }) => {
      if (holding.session?.some(count => count > 0)) {
        fail('0A000', 'cannot PREPARE while holding both session-level and transaction-level locks on the same object')
      }
      return { tag: holding.lock.tag, mode }
    })
  }

  /** PostPrepare_Locks: the transaction's locks become another's. */
  handOver(from: Proc, to: Proc): void {
    const heir = this.ownerOf(to)
    const { taken } = this.ownerOf(from)
    for (const each of taken.splice(0)) {
      each.holding.owner = heir
      heir.taken.push(each)
    }
  }

  /** lock_twophase_recover: whoever holds what excludes it holds it for the same transaction. */
  grant(proc: Proc, tag: LockTag, mode: LockMode): void {
    const lock = this.lockOf(tag)
    const holding = lock.holdingOf(this.ownerOf(proc))
    lock.grant(holding, mode)
    remember(holding, mode)
  }

  /** Whether it has the lock in this mode already. */
  holds(proc: Proc, tag: LockTag, mode: LockMode): boolean {
    const holding = this.locks.get(tag.type)!.get(tag.key)?.heldBy(this.ownerOf(proc))
    return holding !== undefined && (holding.mask & (1 << mode)) !== 0
  }

  /** How many locks the transaction has, for releaseSince when a subtransaction is rolled back. */
  mark(proc: Proc): number {
    return this.owners.get(proc)?.taken.length ?? 0
  }

  releaseSince(proc: Proc, mark: number): void {
    const taken = this.owners.get(proc)?.taken
    if (!taken) return
    while (taken.length > mark) {
      const { holding, mode } = taken.pop()!
      holding.transactionMask &= ~(1 << mode)
      this.giveBack(holding, mode)
    }
  }

  /** pg_locks. */
  list(): LockView[] {
    const views: LockView[] = []
    for (const lock of this.all()) {
      for (const holding of lock.holdings) addViews(views, holding, this.space.fastPathOf(holding.owner).has(holding))
    }
    return views
  }

  /** Whether anybody waits in its queue. */
  hasWaiters(tag: LockTag): boolean {
    return (this.locks.get(tag.type)!.get(tag.key)?.waiters.length ?? 0) > 0
  }

  private *all(): Generator<Lock> {
    for (const locks of this.locks.values()) yield* locks.values()
  }

  private makeRoom(holding: Holding): void {
    try {
      this.space.take(holding, () => this.all())
    } catch (error) {
      this.forgetIfUnused(holding)
      throw error
    }
  }

  /** pg_blocking_pids: who holds what it waits for, then who waits for it ahead. */
  blockersOf(proc: Proc): Proc[] {
    const owner = this.owners.get(proc)
    return owner?.wait ? blockers(owner, owner.wait).map(each => each.proc) : []
  }

  private ownerOf(proc: Proc): LockOwner {
    let owner = this.owners.get(proc)
    if (!owner) {
      owner = new LockOwner(proc)
      this.owners.set(proc, owner)
    }
    return owner
  }

  private lockOf(tag: LockTag): Lock {
    const locks = this.locks.get(tag.type)!
    let lock = locks.get(tag.key)
    if (!lock) {
      lock = new Lock(tag)
      locks.set(tag.key, lock)
    }
    return lock
  }

  /** Takes the mode back unless the session or the transaction still wants it. */
  private giveBack(holding: Holding, mode: LockMode): void {
    const bit = 1 << mode
    if ((holding.mask & bit) === 0 || (holding.transactionMask & bit) !== 0 || holding.session?.[mode]) return
    const lock = holding.lock
    const wake = lock.ungrant(holding, mode)
    if (wake) wakeWaiters(lock, holding.owner.proc.process.cause)
    this.forgetIfUnused(holding)
  }

  private forgetIfUnused(holding: Holding): void {
    const { lock, owner } = holding
    if (holding.mask !== 0 || owner.wait?.lock === lock) return
    lock.forget(holding)
    // Relations are locked over and over: their locks stay.
    if (lock.holdings.length === 0 && lock.tag.type !== 'relation') this.locks.get(lock.tag.type)!.delete(lock.tag.key)
  }

  private *sleep(
    holding: Holding,
    mode: LockMode,
    place: Exclude<Place, 'granted'>,
    options?: AcquireOptions,
  ): Coroutine {
    const { owner, lock } = holding
    const { proc } = owner
    const me = proc.process
    const title = me.title
    const wait: Wait = { lock, mode, startedAt: me.now(), outcome: 'waiting', mustCheck: false }
    owner.wait = wait
    proc.waitingFor = { mode: lockModeName(mode), target: describeLockTag(lock.tag), startedAt: wait.startedAt }
    lock.waiters.splice(typeof place === 'number' ? place : lock.waiters.length, 0, owner)
    lock.waitMask |= 1 << mode
    try {
      if (typeof place !== 'number') this.failAtOnce(owner, wait, place.deadlockWith)
      this.traceWait(owner, wait)
      me.setTitle(`${title} waiting`)
      if (options?.recovery) yield* this.waitInRecovery(owner, wait, options.recovery)
      else yield* this.wait(owner, wait, options)
      this.traceAcquired(owner, wait)
    } catch (error) {
      if (wait.outcome === 'waiting') this.leaveQueue(owner, wait)
      else if (wait.outcome === 'granted') remember(holding, mode, options)
      if (error instanceof PostgresError && options?.context) error.context ??= options.context()
      throw error
    } finally {
      me.setTitle(title)
      proc.waitingFor = undefined
      owner.wait = undefined
      this.forgetIfUnused(holding)
    }
  }

  private *wait(owner: LockOwner, wait: Wait, options?: AcquireOptions): Coroutine {
    const { proc } = owner
    const me = proc.process
    const settings = proc.settings
    const lockTimeout = settings.get('lock_timeout')
    const giveUpAt = lockTimeout > 0 ? wait.startedAt + lockTimeout : undefined
    let checkAt: number | undefined = wait.startedAt + settings.get('deadlock_timeout')
    const reports = settings.get('log_lock_waits')
    let reported = false
    while (wait.outcome === 'waiting') {
      const until = checkAt === undefined ? giveUpAt : Math.min(checkAt, giveUpAt ?? checkAt)
      yield* me.waitLatch({ until, waitEvent: wait.lock.tag.type })
      me.latch.reset()
      me.checkForInterrupts?.()
      if (wait.outcome !== 'waiting') break
      if (wait.mustCheck || (checkAt !== undefined && me.now() >= checkAt)) {
        checkAt = undefined
        wait.mustCheck = false
        reported = this.check(owner, wait, reports, options)
      } else if (giveUpAt !== undefined && me.now() >= giveUpAt) {
        fail('55P03', 'canceling statement due to lock timeout')
      }
    }
    if (reported) reportWait(this.environment.log, owner, wait, 'acquired', options)
  }

  /** ProcSleep of the startup process: it looks for no deadlock itself, but has those in its way look. */
  private *waitInRecovery(owner: LockOwner, wait: Wait, recovery: RecoveryConflicts): Coroutine {
    const { lock, startedAt } = wait
    const { process: me, settings } = owner.proc
    const conflicting: ConflictingLock = {
      waits: () => wait.outcome === 'waiting',
      waitEvent: lock.tag.type,
      holders: () =>
        lock.holdings
          .filter(each => each.owner !== owner && (each.mask & conflicts[wait.mode]) !== 0)
          .map(each => transactionOf(each.owner.proc)),
    }
    let isReported = false
    while (wait.outcome === 'waiting') {
      const mayLog = settings.get('log_recovery_conflict_waits') && !isReported
      yield* recovery.resolveLock(me, conflicting, mayLog)
      const inTheWay = conflicting.holders()
      if (!mayLog || me.now() < startedAt + settings.get('deadlock_timeout') || inTheWay.length === 0) continue
      isReported = true
      recovery.report(me, 'lock', startedAt, inTheWay)
    }
    if (isReported) recovery.report(me, 'lock', startedAt, undefined)
  }

  /** CheckDeadLockAlert: one who waits looks for a deadlock at once. */
  alertDeadlockCheck(proc: Proc): void {
    const wait = this.owners.get(proc)?.wait
    if (!wait) return
    wait.mustCheck = true
    proc.process.latch.set()
  }

  /** CheckDeadLock: fails if the waiter is part of a circle. True if the wait was reported. */
  private check(owner: LockOwner, wait: Wait, reports: boolean, options?: AcquireOptions): boolean {
    const log = this.environment.log
    const found = checkDeadlock(owner)
    if (found !== 'none' && found !== 'reordered') {
      this.leaveQueue(owner, wait)
      if (reports) reportWait(log, owner, wait, 'detected deadlock', options)
      failWithDeadlock(found)
    }
    if (found === 'none') this.cancelAutovacuum(owner, wait)
    if (!reports) return false
    if (found === 'reordered') reportWait(log, owner, wait, 'avoided deadlock', options)
    if (wait.outcome === 'waiting') reportWait(log, owner, wait, 'still waiting', options)
    return true
  }

  /** An autovacuum worker gives its lock up, unless it must keep transaction ids from running out. */
  private cancelAutovacuum(owner: LockOwner, { lock, mode }: Wait): void {
    const blocker = lock.holdings.find(
      each => each.owner !== owner && (each.mask & conflicts[mode]) !== 0 && each.owner.proc.isAutovacuum,
    )?.owner.proc
    if (!blocker || blocker.preventsWraparound) return
    const { log, trace } = this.environment
    const me = owner.proc.process
    log.report(me, {
      level: 'DEBUG1',
      message: `sending cancel to blocking autovacuum PID ${blocker.pid}`,
      detail: `Process ${me.pid} waits for ${lockModeName(mode)} on ${describeLockTag(lock.tag)}.`,
    })
    const target = { signal: 'SIGINT', to: blocker.pid, type: blocker.process.type }
    const sent = trace.emit('signal.sent', me.place, target, me.cause)
    blocker.process.signal('INT', sent || me.cause)
  }

  /** Two who wait for each other at one lock: seen without waiting for deadlock_timeout. */
  private failAtOnce(owner: LockOwner, wait: Wait, other: LockOwner): never {
    const tag = wait.lock.tag
    const members = [owner, other].map(each => ({ owner: each, tag, mode: each.wait!.mode }))
    this.leaveQueue(owner, wait)
    failWithDeadlock(members)
  }

  /** RemoveFromWaitQueue: those behind may go on without it. */
  private leaveQueue(owner: LockOwner, wait: Wait): void {
    const { lock } = wait
    lock.removeWaiter(owner)
    wait.outcome = 'deadlock'
    const holding = lock.heldBy(owner)!
    if (holding.mask === 0) lock.forget(holding)
    wakeWaiters(lock, owner.proc.process.cause)
  }

  private traceWait(owner: LockOwner, wait: Wait): void {
    const { trace } = this.environment
    if (!trace.wants('lock.waited')) return
    const me = owner.proc.process
    const target = describeLockTag(wait.lock.tag)
    const blocker = blockers(owner, wait)[0]?.proc.pid ?? 0
    trace.emit('lock.waited', me.place, { mode: lockModeName(wait.mode), target, blocker }, me.cause)
  }

  private traceAcquired(owner: LockOwner, wait: Wait): void {
    const { trace } = this.environment
    if (!trace.wants('lock.acquired')) return
    const me = owner.proc.process
    const target = describeLockTag(wait.lock.tag)
    const waited = me.now() - wait.startedAt
    trace.emit('lock.acquired', me.place, { mode: lockModeName(wait.mode), target, waited }, me.cause)
  }
}

function remember(holding: Holding, mode: LockMode, options?: AcquireOptions): void {
  if (options?.session) {
    holding.session ??= [0, 0, 0, 0, 0, 0, 0, 0, 0]
    holding.session[mode]++
    holding.owner.sessionHoldings.add(holding)
    return
  }
  if ((holding.transactionMask & (1 << mode)) !== 0) return
  holding.transactionMask |= 1 << mode
  const { taken } = holding.owner
  if (options?.before === undefined) taken.push({ holding, mode })
  else taken.splice(options.before, 0, { holding, mode })
}

function blockers(owner: LockOwner, wait: Wait): LockOwner[] {
  const { lock, mode } = wait
  const found: LockOwner[] = []
  for (const holding of lock.holdings) {
    if (!holding.owner.isWith(owner) && (holding.mask & conflicts[mode]) !== 0) found.push(holding.owner)
  }
  for (const ahead of lock.waiters) {
    if (ahead === owner) break
    if ((conflicts[mode] & (1 << ahead.wait!.mode)) !== 0 && !found.includes(ahead)) found.push(ahead)
  }
  return found
}

function addViews(views: LockView[], holding: Holding, fastPath: boolean): void {
  const { lock, owner } = holding
  const { tag } = lock
  for (let mode = 1; mode <= 8; mode++) {
    if ((holding.mask & (1 << mode)) === 0) continue
    views.push({ tag, proc: owner.proc, mode: mode as LockMode, granted: true, fastPath, waitStart: undefined })
  }
  const wait = owner.wait
  if (wait?.lock !== lock || wait.outcome !== 'waiting') return
  views.push({ tag, proc: owner.proc, mode: wait.mode, granted: false, fastPath: false, waitStart: wait.startedAt })
}
