// How many locks the server has room for. Mirrors LockShmemSize and the fast path of lock.c: shared memory is made for
// max_locks_per_transaction locks of every process that may come, a tenth more, and whatever the whole block has left
// over; a backend keeps its first weak locks on relations to itself, unless somebody wants a strong one.
//
// Simpler on purpose: what is left over is 2,500 bytes a process, which is its mean on real servers, and not the sum of
// what every other part of shared memory did not use. The count at which the table is full is a few per cent from the
// real one at ordinary sizes.

import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { maxBackends } from '../shared/max-backends.ts'
import { versionFacts } from '../shared/versions.ts'
import type { Holding, Lock, LockOwner } from './lock.ts'
import { RowExclusiveLock, ShareUpdateExclusiveLock } from './lock-mode.ts'

/** Entries of the two tables with their hash headers, in bytes. */
const lockSize = 168
const holdingSize = 80
const leftOverPerProcess = 2500

/** Modes that exclude nothing a reader or writer of the table wants. */
const weakModes = (1 << (RowExclusiveLock + 1)) - 1
const strongModes = 0x1ff & ~weakModes & ~(1 << ShareUpdateExclusiveLock)

export class LockTableSpace {
  private readonly environment: ServerEnvironment
  private readonly entries: number
  private readonly capacity: number
  private readonly fastPathSlots: number
  /** Locks taken so far, and how many there may be until the table could be full. */
  private taken = 0
  private lookAt = 0

  constructor(environment: ServerEnvironment) {
    this.environment = environment
    const { settings, version } = environment
    const processes = maxBackends(environment)
    const perTransaction = settings.get('max_locks_per_transaction')
    this.entries = perTransaction * (processes + settings.get('max_prepared_transactions'))
    this.capacity = Math.floor(1.1 * this.entries * (lockSize + 2 * holdingSize)) + leftOverPerProcess * processes
    this.fastPathSlots = version < 18 ? 16 : Math.max(16, powerOfTwo(perTransaction))
    this.lookAt = this.entries / 2
  }

  /** Fails if there is no room for one more; `holding` is new, and `locks` are all there are. */
  take(holding: Holding, locks: () => Iterable<Lock>): void {
    if (++this.taken < this.lookAt) return
    const free = this.capacity - this.used(locks())
    if (free < 0 && !this.fastPathOf(holding.owner).has(holding)) {
      const setting = versionFacts(this.environment.version).settingName('max_locks_per_transaction')
      fail('53200', 'out of shared memory', { hint: `You might need to increase ${setting}.` })
    }
    this.lookAt = this.taken + Math.max(1, Math.floor(free / (lockSize + holdingSize)))
  }

  /** What a backend keeps to itself: its first weak locks on relations on which nobody holds or wants a strong one. */
  fastPathOf(owner: LockOwner): ReadonlySet<Holding> {
    const kept = new Set<Holding>()
    if (owner.proc.isPrepared) return kept
    for (const { holding } of owner.taken) {
      if (kept.size === this.fastPathSlots) break
      if (isWeak(holding)) kept.add(holding)
    }
    return kept
  }

  private used(locks: Iterable<Lock>): number {
    const fast = new Map<LockOwner, ReadonlySet<Holding>>()
    let [inTable, holdings] = [0, 0]
    for (const lock of locks) {
      let here = 0
      for (const holding of lock.holdings) {
        let kept = fast.get(holding.owner)
        if (!kept) {
          kept = this.fastPathOf(holding.owner)
          fast.set(holding.owner, kept)
        }
        if (!kept.has(holding)) here++
      }
      if (here > 0) inTable++
      holdings += here
    }
    // Half of the table is made at the start, and serves for nothing else.
    return Math.max(inTable, this.entries / 2) * lockSize + Math.max(holdings, this.entries) * holdingSize
  }
}

function isWeak({ lock, mask }: Holding): boolean {
  return (
    lock.tag.type === 'relation' && ((lock.grantMask | lock.waitMask) & strongModes) === 0 && (mask & ~weakModes) === 0
  )
}

function powerOfTwo(atLeast: number): number {
  let power = 1
  while (power < atLeast) power *= 2
  return power
}
