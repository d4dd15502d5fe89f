// Starts the slot sync worker of a standby that is to have one, or says what is missing: at every turn of the server loop,
// as the real one does. Mirrors MaybeStartSlotSyncWorker and SlotSyncWorkerCanRestart.

import { second } from '../../../../model/units.ts'
import { missingSetting } from '../../logical/slot-sync/requirements.ts'
import type { Postmaster } from './postmaster-context.ts'

/** In seconds. */
const restartInterval = 10

export function startSlotSyncWorker({ state, children, server, me }: Postmaster): void {
  const { environment } = server
  if (state.phase !== 'hot standby' || (state.isGoingDown && state.shutdown !== 'smart')) return
  // Before 17 there is no such setting.
  if (children.has('slotsync worker') || !environment.settings.get('sync_replication_slots')) return
  const missing = missingSetting(environment)
  if (missing !== undefined) {
    environment.log.report(me, { level: 'LOG', sqlstate: '22023', message: missing })
    return
  }
  const { slotSync } = server.shared
  const now = Math.floor(me.now() / second)
  if (slotSync.workerStartedIn !== undefined && now - slotSync.workerStartedIn < restartInterval) return
  slotSync.workerStartedIn = now
  children.forkAuxiliary('slotsync worker')
}
