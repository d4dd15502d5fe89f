// Tells when a process begins and ends to wait, and for what, by the names that pg_stat_activity shows. A process that is
// idle between two messages says so by its title, or by the messages: such waits are not told.

import type { EventKind } from '../../../model/trace.ts'
import type { Trace } from '../../trace.ts'
import type { Cluster } from '../cluster.ts'
import { shownWaitEvent } from '../views/wait-events.ts'

const untold = new Set(['ClientRead', 'WalSenderMain', 'WalReceiverMain', 'RecoveryWalStream'])

/** Nothing is done unless it is wanted. */
export function tellWaits(cluster: Cluster, trace: Trace, wants: ReadonlySet<EventKind>): void {
  if (!wants.has('process.waiting')) return
  const versions = new Map(cluster.all.map(({ name, server }) => [name, server.environment.version]))
  for (const host of cluster.hosts.values()) {
    host.whenWaiting = ({ place, cause }, before, now) => {
      const version = versions.get(place.node ?? '')
      if (version === undefined || !trace.wants('process.waiting')) return
      const shown = (event: string | undefined) =>
        event === undefined || untold.has(event) ? undefined : shownWaitEvent(event, version)
      const wait = shown(now)
      if (!wait && !shown(before)) return
      trace.emit('process.waiting', place, wait ? { wait_event_type: wait.type, wait_event: wait.name } : {}, cause)
    }
  }
}
