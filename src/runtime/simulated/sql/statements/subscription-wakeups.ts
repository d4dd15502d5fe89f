// Who is woken when a change of a subscription is committed: the launcher, and from 16 on its workers. Mirrors
// ApplyLauncherWakeupAtCommit and LogicalRepWorkersWakeupAtCommit.

import type { Session } from '../session.ts'

interface Wakeups {
  launcher: boolean
  readonly subscriptions: Set<number>
}

const wakeups = new WeakMap<Session, Wakeups>()

function of(session: Session): Wakeups {
  const known = wakeups.get(session)
  if (known) return known
  const own: Wakeups = { launcher: false, subscriptions: new Set() }
  wakeups.set(session, own)
  session.transaction.listeners.push({
    ended(committed) {
      const { logicalWorkers } = session.server
      const { cause } = session.me
      if (committed && own.launcher) logicalWorkers.wakeLauncher(cause)
      if (committed) for (const subscription of own.subscriptions) logicalWorkers.wake(subscription, cause)
      own.launcher = false
      own.subscriptions.clear()
    },
  })
  return own
}

export function wakeLauncherAtCommit(session: Session): void {
  of(session).launcher = true
}

/** Until 15 they look when they have something to do, or after a second. */
export function wakeWorkersAtCommit(session: Session, subscription: number): void {
  if (session.server.environment.version >= 16) of(session).subscriptions.add(subscription)
}
