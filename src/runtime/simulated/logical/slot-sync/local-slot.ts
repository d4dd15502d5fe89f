// One slot of the primary and its copy here. The copy is temporary until it can take the slot's place: as long as it holds
// less than the primary's slot needs, or decoding could not begin there. Mirrors synchronize_one_slot and what it calls.

import { formatLsn } from '../../../../model/format.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { standbyFlushed } from '../../recovery/standby-flushed.ts'
import { newLogicalSlot } from '../../replication/logical-slot.ts'
import type { ReplicationSlot } from '../../replication/slot.ts'
import { snapshotPath } from '../../replication/snapshot-files.ts'
import { fail } from '../../shared/error.ts'
import { precedes } from '../../transactions/transaction-id.ts'
import { segmentOf } from '../../wal/lsn.ts'
import { advanceSlot } from '../advance-slot.ts'
import type { RemoteSlot } from './remote-slots.ts'
import type { SlotSync } from './slot-sync.ts'

/** True if the copy has changed. */
export function* synchronizeSlot(sync: SlotSync, remote: RemoteSlot): Coroutine<boolean> {
  const { me, services } = sync.decoding
  const { slots } = services
  const present = slots.find(remote.name)
  if (present && !present.logical?.isSynced) {
    const complaint = 'exiting from slot synchronization because same name slot'
    fail('55000', `${complaint} "${remote.name}" already exists on the standby`)
  }
  if (!present) return remote.invalidation ? false : yield* makeCopy(sync, remote)
  const slot = slots.acquire(me, remote.name, true)
  try {
    return yield* follow(sync, slot, remote)
  } finally {
    slots.release(me, slot)
  }
}

function* makeCopy(sync: SlotSync, remote: RemoteSlot): Coroutine<boolean> {
  const { me, proc, services } = sync.decoding
  const { slots, wal, transactions } = services
  const logical = newLogicalSlot(remote.plugin, proc.databaseId, { failover: remote.failover, isSynced: true })
  // What a restartpoint may remove at any moment is not to be counted upon.
  const safe = Math.min(wal.redoLsn, slots.requiredLsn())
  const slot = yield* slots.create(me, remote.name, Math.max(remote.restartLsn, safe), logical, true)
  try {
    if (wal.segments.lastRemoved >= segmentOf(slot.restartLsn)) {
      fail('XX000', `WAL required by replication slot ${slot.name} has been removed concurrently`)
    }
    slot.catalogXmin = transactions.oldestSafeForDecoding()
    transactions.slotCatalogXmin = slots.requiredCatalogXmin()
    if (isAhead(sync, remote)) return false
    yield* makeReady(sync, slot, remote)
    return true
  } finally {
    slots.release(me, slot)
  }
}

function* follow(sync: SlotSync, slot: ReplicationSlot, remote: RemoteSlot): Coroutine<boolean> {
  const { me, services } = sync.decoding
  const wasInvalid = slot.invalidation !== undefined
  if (!wasInvalid && remote.invalidation) {
    slot.invalidation = remote.invalidation
    yield* services.slots.persist(me, slot)
  }
  if (slot.invalidation) return !wasInvalid
  if (isAhead(sync, remote)) return false
  if (slot.isTemporary) return yield* makeReady(sync, slot, remote)
  const { confirmedFlush } = slot.logical!
  if (remote.confirmedFlush < confirmedFlush) {
    const [here, there] = [formatLsn(confirmedFlush), formatLsn(remote.confirmedFlush)]
    fail('XX000', `cannot synchronize local slot "${slot.name}"`, {
      detail: `Local slot's start streaming location LSN(${here}) is ahead of remote slot's LSN(${there}).`,
    })
  }
  return (yield* update(sync, slot, remote)).hasChanged
}

/** The primary's slot is where this standby's WAL does not reach yet: nobody made its reader wait for it. */
function isAhead({ decoding, services, isWorker }: SlotSync, { name, confirmedFlush }: RemoteSlot): boolean {
  const here = standbyFlushed(services.recovery, services.walReceiver)
  if (confirmedFlush <= here) return false
  const skipping = 'skipping slot synchronization because the received slot sync'
  const message = `${skipping} LSN ${formatLsn(confirmedFlush)} for slot "${name}" is ahead of the standby position ${formatLsn(here)}`
  if (!isWorker) fail('55000', message)
  decoding.environment.log.report(decoding.me, { level: 'LOG', sqlstate: '55000', message })
  return true
}

/** update_and_persist_local_synced_slot; true: from now on the copy stays. */
function* makeReady(sync: SlotSync, slot: ReplicationSlot, remote: RemoteSlot): Coroutine<boolean> {
  const { decoding, services } = sync
  const { environment, me, proc } = decoding
  const { precedes: isBehind, isConsistent } = yield* update(sync, slot, remote)
  if (isBehind) return false
  const { statement } = proc
  if (!isConsistent) {
    const place = formatLsn(slot.restartLsn)
    environment.log.log(me, `could not synchronize replication slot "${slot.name}"`, {
      detail: `Synchronization could lead to data loss, because the standby could not build a consistent snapshot to decode WALs at LSN ${place}.`,
      statement,
    })
    return false
  }
  slot.isTemporary = false
  yield* services.slots.persist(me, slot)
  environment.log.log(me, `newly created replication slot "${slot.name}" is sync-ready now`, { statement })
  return true
}

interface Update {
  readonly hasChanged: boolean
  /** The primary's slot needs what the copy does not hold. */
  readonly precedes: boolean
  /** Decoding can begin where the copy is now. */
  readonly isConsistent: boolean
}

/** update_local_synced_slot */
function* update({ decoding, services }: SlotSync, slot: ReplicationSlot, remote: RemoteSlot): Coroutine<Update> {
  const { me, environment } = decoding
  const { slots, transactions } = services
  const logical = slot.logical!
  if (remote.restartLsn < slot.restartLsn || precedes(remote.catalogXmin, slot.catalogXmin)) {
    if (slot.isTemporary) reportBehind(decoding, slot, remote)
    return { hasChanged: false, precedes: true, isConsistent: false }
  }
  const before = positionOf(slot)
  let isConsistent = false
  if (
    remote.confirmedFlush > logical.confirmedFlush ||
    remote.restartLsn > slot.restartLsn ||
    precedes(slot.catalogXmin, remote.catalogXmin)
  ) {
    isConsistent = environment.data.exists(snapshotPath(remote.restartLsn))
    if (isConsistent) {
      slots.advance(slot, remote.restartLsn, me.cause)
      logical.confirmedFlush = remote.confirmedFlush
      slot.catalogXmin = remote.catalogXmin
    } else isConsistent = yield* advanceSlot(decoding, slot, remote.confirmedFlush)
  }
  const isConfigured = logical.failover === remote.failover && logical.plugin === remote.plugin
  logical.failover = remote.failover
  logical.plugin = remote.plugin
  const hasChanged = !isConfigured || positionOf(slot) !== before
  if (hasChanged) yield* slots.persist(me, slot)
  transactions.slotCatalogXmin = slots.requiredCatalogXmin()
  return { hasChanged, precedes: false, isConsistent }
}

function positionOf({ restartLsn, catalogXmin, logical }: ReplicationSlot): string {
  return `${restartLsn} ${catalogXmin} ${logical!.confirmedFlush}`
}

function reportBehind(
  { environment, me, proc }: SlotSync['decoding'],
  slot: ReplicationSlot,
  remote: RemoteSlot,
): void {
  const needed = `WAL at LSN ${formatLsn(remote.restartLsn)} and catalog xmin ${remote.catalogXmin}`
  const held = `LSN ${formatLsn(slot.restartLsn)} and catalog xmin ${slot.catalogXmin}`
  environment.log.log(me, `could not synchronize replication slot "${slot.name}"`, {
    detail: `Synchronization could lead to data loss, because the remote slot needs ${needed}, but the standby has ${held}.`,
    statement: proc.statement,
  })
}
