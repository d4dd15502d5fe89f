// Who waits for a lock, in which order, and who goes on when it is given back. Mirrors ProcSleep's joining of the
// queue and ProcLockWakeup of proc.c.

import type { Lock, LockOwner } from './lock.ts'
import { conflicts, type LockMode } from './lock-mode.ts'

/** Where a new waiter stands; or it need not wait; or its waiting closes a circle of two. */
export type Place = number | 'granted' | { readonly deadlockWith: LockOwner }

/**
 * It goes to the end, but before the first waiter who would have to wait for what it holds already: behind that one it
 * would wait for ever.
 */
export function placeInQueue(lock: Lock, owner: LockOwner, mode: LockMode): Place {
  const held = lock.heldWith(owner)
  if (held === 0) return lock.waiters.length
  let ahead = 0
  for (let index = 0; index < lock.waiters.length; index++) {
    const waiter = lock.waiters[index]
    const wanted = waiter.wait!.mode
    if ((conflicts[wanted] & held) !== 0) {
      const heldByWaiter = lock.heldWith(waiter)
      if ((conflicts[mode] & heldByWaiter) !== 0) return { deadlockWith: waiter }
      if ((conflicts[mode] & ahead) === 0 && !lock.isHeldAgainst(mode, owner)) return 'granted'
      return index
    }
    ahead |= 1 << wanted
  }
  return lock.waiters.length
}

/** Grants what can be granted now, in the queue's order: nobody overtakes one whom it would exclude. */
export function wakeWaiters(lock: Lock, cause: number | undefined): void {
  if (lock.waiters.length === 0) return
  let ahead = 0
  for (const waiter of [...lock.waiters]) {
    const wait = waiter.wait!
    if ((conflicts[wait.mode] & ahead) !== 0 || lock.isHeldAgainst(wait.mode, waiter)) {
      ahead |= 1 << wait.mode
      continue
    }
    lock.grant(lock.heldBy(waiter)!, wait.mode)
    wait.outcome = 'granted'
    lock.removeWaiter(waiter)
    waiter.proc.process.latch.set(cause)
  }
}
