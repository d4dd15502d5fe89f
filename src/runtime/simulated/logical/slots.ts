// Logical slots as their consumers use them: made, where a consistent beginning is found first; opened for decoding; told
// how far the consumer is. Mirrors pg_create_logical_replication_slot, CreateDecodingContext and
// LogicalConfirmReceivedLocation.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import { logRunningTransactions } from '../recovery/running-transactions.ts'
import { confirm, type LogicalSlot, newLogicalSlot } from '../replication/logical-slot.ts'
import { isOutputPlugin } from '../replication/output-plugins.ts'
import type { ReplicationSlot } from '../replication/slot.ts'
import { fail } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import type { Snapshot } from '../transactions/snapshot.ts'
import { LogicalDecoder } from './decoder.ts'
import type { OutputPlugin } from './output-plugin.ts'
import type { Decoding } from './services.ts'

/** CheckLogicalDecodingRequirements */
export function checkRequirements({ environment, services }: Decoding): void {
  const { settingName, settingChoice } = versionFacts(environment.version)
  const level = `${settingName('wal_level')} >= ${settingChoice('logical')}`
  if (!services.wal.isLogical) fail('55000', `logical decoding requires ${level}`)
  if (!services.recovery.inRecovery) return
  if (environment.version === 15) fail('0A000', 'logical decoding cannot be used while in recovery')
  if (services.controlFile.data.walLevel !== 'logical') {
    fail('55000', `logical decoding on standby requires ${level} on the primary`)
  }
}

export interface NewSlot {
  readonly name: string
  readonly plugin: string
  readonly database: number
  /** Standbys may keep a copy of it. */
  readonly failover?: boolean
  readonly isTemporary?: boolean
}

/**
 * Gives the slot, which decodes from what commits from now on; its consumer has it until `release`. `whenFound` gets what
 * rows were like there, as long as nobody has waited since.
 */
export function* createLogicalSlot(
  decoding: Decoding,
  { name, plugin, database, failover = false, isTemporary = false }: NewSlot,
  whenFound?: (snapshot: Snapshot) => void,
): Coroutine<ReplicationSlot> {
  const { me, services } = decoding
  const { slots, wal, transactions } = services
  const { recovery } = services
  if (recovery.inRecovery && failover) {
    fail('0A000', 'cannot enable failover for a replication slot created on the standby')
  }
  if (failover && isTemporary) fail('0A000', 'cannot enable failover for a temporary replication slot')
  const logical = newLogicalSlot(pluginOf(plugin), database, { failover })
  const slot = yield* slots.create(
    me,
    name,
    recovery.inRecovery ? recovery.replayedEnd : wal.insertLsn,
    logical,
    isTemporary,
  )
  try {
    slots.acquire(me, name, true)
    slot.catalogXmin = transactions.oldestSafeForDecoding()
    transactions.slotCatalogXmin = slots.requiredCatalogXmin()
    // A standby can't, and waits for its primary to do so.
    if (!recovery.inRecovery) yield* wal.flush(me, logRunningTransactions(me, services))
    const decoder = new LogicalDecoder(decoding, slot, undefined, 0, whenFound !== undefined)
    while (!decoder.isConsistent) {
      me.checkForInterrupts?.()
      if (!(yield* decoder.step())) yield* decoding.rest()
    }
    slot.logical!.confirmedFlush = decoder.position
    whenFound?.(decoder.initialSnapshot())
    yield* slots.persist(me, slot)
  } catch (error) {
    slots.release(me, slot)
    slots.drop(me, name)
    transactions.slotCatalogXmin = slots.requiredCatalogXmin()
    throw error
  }
  return slot
}

function pluginOf(name: string) {
  if (isOutputPlugin(name)) return name
  return fail('58P01', `could not access file "${name}": No such file or directory`)
}

/** Acquires the slot and begins to decode from it. `start`: where the consumer believes to be, 0 if it leaves that. */
export function openDecoder(
  decoding: Decoding,
  name: string,
  { start = 0, briefly = false }: { readonly start?: number; readonly briefly?: boolean },
  makePlugin: (logical: LogicalSlot) => OutputPlugin,
): { readonly slot: ReplicationSlot; readonly decoder: LogicalDecoder } {
  const { me, proc, services, environment } = decoding
  const slot = services.slots.acquire(me, name, briefly)
  try {
    const { logical } = slot
    if (!logical) fail('55000', 'cannot use physical replication slot for logical decoding')
    if (logical.database !== proc.databaseId) {
      fail('55000', `replication slot "${name}" was not created in this database`)
    }
    if (services.recovery.inRecovery && logical.isSynced) refuseSynced(slot)
    if (slot.invalidation && environment.version >= 16) refuseLost(decoding, slot)
    const plugin = makePlugin(logical)
    const from = Math.max(start, logical.confirmedFlush)
    if (start > 0 && start < logical.confirmedFlush) {
      const places = `${formatLsn(start)} has been already streamed, forwarding to ${formatLsn(from)}`
      environment.log.log(me, places, { statement: proc.statement })
    }
    const decoder = new LogicalDecoder(decoding, slot, plugin, from)
    environment.log.log(me, `starting logical decoding for slot "${name}"`, {
      detail: `Streaming transactions committing after ${formatLsn(from)}, reading WAL from ${formatLsn(slot.restartLsn)}.`,
      statement: proc.statement,
    })
    if (slot.invalidation) refuseLost(decoding, slot)
    return { slot, decoder }
  } catch (error) {
    services.slots.release(me, slot)
    throw error
  }
}

function refuseSynced({ name }: ReplicationSlot): never {
  return fail('55000', `cannot use replication slot "${name}" for logical decoding`, {
    detail: 'This replication slot is being synchronized from the primary server.',
    hint: 'Specify another replication slot.',
  })
}

function refuseLost({ environment }: Decoding, { name, invalidation }: ReplicationSlot): never {
  return fail('55000', `can no longer get changes from replication slot "${name}"`, {
    detail:
      environment.version === 15
        ? 'This slot has never previously reserved WAL, or it has been invalidated.'
        : invalidation === 'wal_removed'
          ? 'This slot has been invalidated because it exceeded the maximum reserved size.'
          : 'This slot has been invalidated because it was conflicting with recovery.',
  })
}

/**
 * The consumer has everything before `lsn`. What the slot needs no more is on the platter before it is given up; how far
 * the consumer is, the caller makes sure of who wants it kept.
 */
export function* confirmReceived(
  { me, services }: Pick<Decoding, 'me' | 'services'>,
  slot: ReplicationSlot,
  lsn: number,
): Coroutine {
  const { slots, transactions } = services
  const { xmin, restart } = confirm(slot.logical!, lsn)
  if (xmin !== undefined) slot.catalogXmin = xmin
  if (restart !== undefined) slots.advance(slot, restart, me.cause)
  if (xmin === undefined && restart === undefined) return
  yield* slots.persist(me, slot)
  transactions.slotCatalogXmin = slots.requiredCatalogXmin()
}
