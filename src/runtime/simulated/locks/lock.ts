// A lock that somebody holds or waits for, and each transaction's part in it. Mirrors LOCK, PROCLOCK and PROC's lock
// fields of lock.h and proc.h.

import type { Proc } from '../shared/proc.ts'
import { conflicts, type LockMode } from './lock-mode.ts'
import type { LockTag } from './lock-tag.ts'

export class Lock {
  readonly tag: LockTag
  /** Modes that somebody holds, and how many hold each. */
  grantMask = 0
  readonly granted = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  /** Modes that somebody waits for. */
  waitMask = 0
  /** Who holds it or waits for it, in the order in which they came. */
  readonly holdings: Holding[] = []
  /** Who waits, the next first. */
  waiters: LockOwner[] = []

  constructor(tag: LockTag) {
    this.tag = tag
  }

  holdingOf(owner: LockOwner): Holding {
    const held = this.heldBy(owner)
    if (held) return held
    const holding = new Holding(this, owner)
    this.holdings.push(holding)
    return holding
  }

  /** A few hold a lock at a time: a list is searched faster than a map is kept. */
  heldBy(owner: LockOwner): Holding | undefined {
    for (const holding of this.holdings) if (holding.owner === owner) return holding
    return undefined
  }

  forget(holding: Holding): void {
    const index = this.holdings.indexOf(holding)
    if (index >= 0) this.holdings.splice(index, 1)
  }

  /** LockCheckConflicts: whether others hold what excludes `mode`. */
  isHeldAgainst(mode: LockMode, owner: LockOwner): boolean {
    const against = conflicts[mode] & this.grantMask
    if (against === 0) return false
    if (owner.group) return this.isHeldOutside(owner.group, against)
    const own = this.heldBy(owner)?.mask ?? 0
    if (own === 0) return true
    for (let each = 1; each <= 8; each++) {
      if ((against & (1 << each)) !== 0 && this.granted[each] > ((own & (1 << each)) !== 0 ? 1 : 0)) return true
    }
    return false
  }

  /** Members of a lock group never exclude each other. */
  private isHeldOutside(group: readonly LockOwner[], against: number): boolean {
    return this.holdings.some(each => (each.mask & against) !== 0 && !group.includes(each.owner))
  }

  /** Modes that the owner holds, or its group. */
  heldWith(owner: LockOwner): number {
    const { group } = owner
    if (!group) return this.heldBy(owner)?.mask ?? 0
    return this.holdings.reduce((mask, each) => (group.includes(each.owner) ? mask | each.mask : mask), 0)
  }

  grant(holding: Holding, mode: LockMode): void {
    const bit = 1 << mode
    this.granted[mode]++
    this.grantMask |= bit
    holding.mask |= bit
  }

  /** Takes a granted mode back; true if somebody waits for what it excluded. */
  ungrant(holding: Holding, mode: LockMode): boolean {
    if (--this.granted[mode] === 0) this.grantMask &= ~(1 << mode)
    holding.mask &= ~(1 << mode)
    return (conflicts[mode] & this.waitMask) !== 0
  }

  /** Takes it out of the queue. */
  removeWaiter(owner: LockOwner): void {
    this.waiters.splice(this.waiters.indexOf(owner), 1)
    this.waitMask = this.waiters.reduce((mask, waiter) => mask | (1 << waiter.wait!.mode), 0)
  }
}

/** What one transaction or session has of a lock. */
export class Holding {
  readonly lock: Lock
  owner: LockOwner
  /** Modes that it holds. */
  mask = 0
  /** Of these, those that end with the transaction. */
  transactionMask = 0
  /** How often the session holds each mode; made when first needed. */
  session: number[] | undefined

  constructor(lock: Lock, owner: LockOwner) {
    this.lock = lock
    this.owner = owner
  }
}

export interface Wait {
  readonly lock: Lock
  readonly mode: LockMode
  readonly startedAt: number
  outcome: 'waiting' | 'granted' | 'deadlock'
  /** A standby's replay asks it to look for a deadlock now. */
  mustCheck: boolean
}

/** What the lock manager knows of a backend. */
export class LockOwner {
  readonly proc: Proc
  /** What the transaction took, in order: a subtransaction's locks are those since its mark. */
  readonly taken: { readonly holding: Holding; readonly mode: LockMode }[] = []
  /** Where the session holds something across transactions. */
  readonly sessionHoldings = new Set<Holding>()
  wait: Wait | undefined
  /** A parallel query's leader and its workers, who count as one; undefined: it is alone. */
  group: LockOwner[] | undefined

  constructor(proc: Proc) {
    this.proc = proc
  }

  /** Whether it and the other count as one. */
  isWith(other: LockOwner): boolean {
    return this === other || (this.group !== undefined && this.group === other.group)
  }
}
