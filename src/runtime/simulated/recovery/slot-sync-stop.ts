// The end of slot synchronization: before the standby becomes a primary, whoever synchronizes its slots must have left
// them. Mirrors ShutDownSlotSync.

import { millisecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { RecoveryContext } from './context.ts'

export function* stopSlotSync(me: Process, { services, checkForInterrupts }: RecoveryContext): Coroutine {
  const { slotSync, slots } = services
  slotSync.isStopped = true
  slotSync.syncing?.latch.set(me.cause)
  while (slotSync.syncing?.alive) {
    yield* me.waitLatch({ until: me.now() + 10 * millisecond, waitEvent: 'ReplicationSlotsyncShutdown' })
    me.latch.reset()
    checkForInterrupts()
  }
  // Nobody has looked at them in between: they count as left now.
  for (const slot of slots.all) if (slot.logical?.isSynced) slot.inactiveSince = me.now()
}
