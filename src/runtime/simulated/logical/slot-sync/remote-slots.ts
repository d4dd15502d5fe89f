// What the primary says of itself and of its failover slots, asked in SQL. Mirrors validate_remote_info and the first half
// of synchronize_slots.

import { lsnType } from '../../catalog/types/identifiers.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import { isOutputPlugin, type OutputPluginName } from '../../replication/output-plugins.ts'
import { rowsOf } from '../../replication/primary-connection.ts'
import { type SlotInvalidation, slotInvalidations } from '../../replication/slot.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'

/** LSNs and transaction ids are 0 where the slot is lost. */
export interface RemoteSlot {
  readonly name: string
  readonly plugin: OutputPluginName
  readonly confirmedFlush: number
  readonly restartLsn: number
  readonly catalogXmin: number
  readonly failover: boolean
  readonly invalidation: SlotInvalidation | undefined
}

/** Refuses a primary that is a standby itself, or does not have this standby's slot. */
export function* validateRemote(me: Process, environment: ServerEnvironment, socket: Socket): Coroutine {
  const slot = environment.settings.get('primary_slot_name')
  const query =
    'SELECT pg_is_in_recovery(), count(*) = 1 FROM pg_catalog.pg_replication_slots ' +
    `WHERE slot_type='physical' AND slot_name='${slot}'`
  const rows = yield* rowsOf(me, environment, socket, query)
  if ('failure' in rows) {
    const { couldNotFetchPrimarySlot: told } = versionFacts(environment.version)
    fail('XX000', `${told.message(slot)}: ${rows.failure}`, { hint: told.hint })
  }
  const [[isStandby, hasSlot]] = rows
  if (isStandby === 't') fail('0A000', 'cannot synchronize replication slots from a standby server')
  if (hasSlot !== 't') {
    fail('22023', `replication slot "${slot}" specified by "primary_slot_name" does not exist on primary server`)
  }
}

export function* failoverSlots(me: Process, environment: ServerEnvironment, socket: Socket): Coroutine<RemoteSlot[]> {
  const twoPhaseAt = environment.version >= 18 ? ' two_phase_at,' : ''
  const query =
    'SELECT slot_name, plugin, confirmed_flush_lsn, restart_lsn, catalog_xmin, two_phase,' +
    `${twoPhaseAt} failover, database, invalidation_reason ` +
    'FROM pg_catalog.pg_replication_slots WHERE failover and NOT temporary'
  const rows = yield* rowsOf(me, environment, socket, query)
  if ('failure' in rows) {
    fail('XX000', `could not fetch failover logical slots info from the primary server: ${rows.failure}`)
  }
  // One that still looks for its beginning is left for the next time.
  return rows.map(slotOf).filter(slot => slot.invalidation !== undefined || isWhole(slot))
}

function slotOf(row: readonly (string | null)[]): RemoteSlot {
  const [name, plugin, confirmedFlush, restartLsn, catalogXmin] = row
  if (plugin === null || !isOutputPlugin(plugin)) throw new Error(`a failover slot of the plugin ${plugin}`)
  return {
    name: name!,
    plugin,
    confirmedFlush: lsnOf(confirmedFlush),
    restartLsn: lsnOf(restartLsn),
    catalogXmin: Number(catalogXmin ?? 0),
    failover: row.at(-3) === 't',
    invalidation: slotInvalidations.find(each => each === row.at(-1)),
  }
}

function lsnOf(text: string | null): number {
  return text === null ? 0 : (lsnType.input(text) as number)
}

function isWhole({ confirmedFlush, restartLsn, catalogXmin }: RemoteSlot): boolean {
  return confirmedFlush > 0 && restartLsn > 0 && catalogXmin > 0
}
