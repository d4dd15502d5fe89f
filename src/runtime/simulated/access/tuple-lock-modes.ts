// The four strengths of tuple locks: which lock of the lock manager stands for each while one queues for it, which
// exclude each other, and which bits they leave in a tuple. Mirrors tupleLockExtraInfo of heapam.c and README.tuplock.

import {
  AccessExclusiveLock,
  AccessShareLock,
  conflicts,
  ExclusiveLock,
  type LockMode,
  RowShareLock,
} from '../locks/lock-mode.ts'
import { memberStatus } from '../transactions/multixacts.ts'
import { KeysUpdated, XmaxExclusiveLock, XmaxKeyShareLock, XmaxLockOnly, XmaxShareLock } from './heap-tuple.ts'
import type { TupleLockMode } from './results.ts'

export interface TupleLock {
  readonly mode: TupleLockMode
  /** Weakest first. */
  readonly strength: number
  readonly heavyweight: LockMode
  /** As a member of a multixact: that only locks, that changes the tuple. */
  readonly lockStatus: number
  readonly updateStatus: number
  /** In a tuple that is only locked so, by one transaction. */
  readonly mask: number
  readonly mask2: number
}

export const tupleLocks: Readonly<Record<TupleLockMode, TupleLock>> = {
  'key share': {
    mode: 'key share',
    strength: 0,
    heavyweight: AccessShareLock,
    lockStatus: memberStatus.forKeyShare,
    updateStatus: -1,
    mask: XmaxLockOnly | XmaxKeyShareLock,
    mask2: 0,
  },
  share: {
    mode: 'share',
    strength: 1,
    heavyweight: RowShareLock,
    lockStatus: memberStatus.forShare,
    updateStatus: -1,
    mask: XmaxLockOnly | XmaxShareLock,
    mask2: 0,
  },
  'no key exclusive': {
    mode: 'no key exclusive',
    strength: 2,
    heavyweight: ExclusiveLock,
    lockStatus: memberStatus.forNoKeyUpdate,
    updateStatus: memberStatus.noKeyUpdate,
    mask: XmaxLockOnly | XmaxExclusiveLock,
    mask2: 0,
  },
  exclusive: {
    mode: 'exclusive',
    strength: 3,
    heavyweight: AccessExclusiveLock,
    lockStatus: memberStatus.forUpdate,
    updateStatus: memberStatus.update,
    mask: XmaxLockOnly | XmaxExclusiveLock,
    mask2: KeysUpdated,
  },
}

const byStatus: readonly TupleLock[] = [
  tupleLocks['key share'],
  tupleLocks.share,
  tupleLocks['no key exclusive'],
  tupleLocks.exclusive,
  tupleLocks['no key exclusive'],
  tupleLocks.exclusive,
]

/** How strongly a member of a multixact holds the tuple. */
export function lockOfStatus(status: number): TupleLock {
  return byStatus[status]
}

export function doTupleLocksConflict(a: TupleLock, b: TupleLock): boolean {
  return (conflicts[a.heavyweight] & (1 << b.heavyweight)) !== 0
}
