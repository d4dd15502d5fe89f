// Copies the failover slots of the primary to this standby, once: what is gone there goes here, what is there is made here
// or follows. Mirrors synchronize_slots of slotsync.c. When it is done again is left to who calls.

import type { Coroutine } from '../../kernel/task.ts'
import type { Socket } from '../../machine/socket.ts'
import type { SlotSyncState } from '../../replication/slot-sync-state.ts'
import type { WalReceiverState } from '../../replication/wal-receiver-state.ts'
import { fail } from '../../shared/error.ts'
import type { Decoding, DecodingServices } from '../services.ts'
import { synchronizeSlot } from './local-slot.ts'
import { failoverSlots, type RemoteSlot } from './remote-slots.ts'

export interface SlotSyncServices extends DecodingServices {
  readonly slotSync: SlotSyncState
  readonly walReceiver: WalReceiverState
}

export interface SlotSync {
  readonly decoding: Decoding
  readonly services: SlotSyncServices
  /** The slot sync worker comes again; a session wants it done now. */
  readonly isWorker: boolean
}

/** check_and_set_sync_info: from now on nobody else may; false: the server is promoted. */
export function beginSync({ decoding, services, isWorker }: SlotSync): boolean {
  const { slotSync } = services
  if (slotSync.isStopped) {
    if (isWorker) return false
    fail('55000', 'replication slot synchronization will not start because promotion was triggered')
  }
  if (slotSync.syncing) fail('55000', 'cannot synchronize replication slots concurrently')
  slotSync.syncing = decoding.me
  return true
}

/** What is not ready by then is given up: it was made for this time only. */
export function endSync({ decoding: { me }, services }: SlotSync): void {
  services.slots.dropTemporary(me, slot => slot.logical?.isSynced === true)
  services.transactions.slotCatalogXmin = services.slots.requiredCatalogXmin()
  if (services.slotSync.syncing === me) services.slotSync.syncing = undefined
}

/** True if anything has changed here. */
export function* synchronizeSlots(sync: SlotSync, socket: Socket): Coroutine<boolean> {
  const { environment, me } = sync.decoding
  const remotes = yield* failoverSlots(me, environment, socket)
  dropObsolete(sync, remotes)
  let hasChanged = false
  for (const remote of remotes) if (yield* synchronizeSlot(sync, remote)) hasChanged = true
  return hasChanged
}

/** Gone on the primary, or lost here and not there: those come again. */
function dropObsolete({ decoding, services }: SlotSync, remotes: readonly RemoteSlot[]): void {
  const { environment, me } = decoding
  const { slots, transactions } = services
  for (const slot of slots.all) {
    if (!slot.logical?.isSynced) continue
    const remote = remotes.find(({ name }) => name === slot.name)
    if (remote && (remote.invalidation || !slot.invalidation)) continue
    slots.drop(me, slot.name)
    transactions.slotCatalogXmin = slots.requiredCatalogXmin()
    environment.log.log(me, `dropped replication slot "${slot.name}" of database with OID ${slot.logical.database}`)
  }
}
