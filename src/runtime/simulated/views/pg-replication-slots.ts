// pg_replication_slots: the slots, who reads from them, and whether the WAL that they need is there.

import { booleanType } from '../catalog/types/boolean.ts'
import { lsnType, oidType, xidType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import type { ReplicationSlot } from '../replication/slot.ts'
import { safeWalSize } from '../replication/wal-availability.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SqlServer } from '../sql/context.ts'
import type { SystemView } from '../sql/system-view.ts'

const known = (value: number): Value => (value === 0 ? null : value)

/** 16 makes no difference between the reasons. */
function isConflicting({ invalidation }: ReplicationSlot, version: number): boolean {
  return invalidation !== undefined && (version === 16 || invalidation !== 'wal_removed')
}

function row(server: SqlServer, slot: ReplicationSlot): Value[] {
  const { settings } = server.environment
  const status = server.slots.statusOf(slot)
  const safe = status === 'lost' ? undefined : safeWalSize(settings, server.wal.writtenLsn, slot.restartLsn)
  const { logical } = slot
  return [
    slot.name,
    logical?.plugin ?? null,
    logical ? 'logical' : 'physical',
    logical?.database ?? null,
    logical ? 'postgres' : null,
    slot.isTemporary,
    slot.activePid !== 0,
    known(slot.activePid),
    known(slot.xmin),
    known(slot.catalogXmin),
    known(slot.restartLsn),
    known(logical?.confirmedFlush ?? 0),
    status ?? null,
    safe ?? null,
    false,
    null,
    slot.inactiveSince === undefined ? null : timestampOf(slot.inactiveSince),
    logical ? isConflicting(slot, server.environment.version) : null,
    slot.invalidation ?? null,
    logical?.failover ?? false,
    logical?.isSynced ?? false,
  ]
}

export const pgReplicationSlots: SystemView = {
  name: 'pg_replication_slots',
  columns: [
    { name: 'slot_name', type: nameType },
    { name: 'plugin', type: nameType },
    { name: 'slot_type', type: textType },
    { name: 'datoid', type: oidType },
    { name: 'database', type: nameType },
    { name: 'temporary', type: booleanType },
    { name: 'active', type: booleanType },
    { name: 'active_pid', type: int4Type },
    { name: 'xmin', type: xidType },
    { name: 'catalog_xmin', type: xidType },
    { name: 'restart_lsn', type: lsnType },
    { name: 'confirmed_flush_lsn', type: lsnType },
    { name: 'wal_status', type: textType },
    { name: 'safe_wal_size', type: int8Type },
    { name: 'two_phase', type: booleanType },
    { name: 'two_phase_at', type: lsnType, since: 18 },
    { name: 'inactive_since', type: timestamptzType, since: 17 },
    { name: 'conflicting', type: booleanType, since: 16 },
    { name: 'invalidation_reason', type: textType, since: 17 },
    { name: 'failover', type: booleanType, since: 17 },
    { name: 'synced', type: booleanType, since: 17 },
  ],
  rows: ({ session: { server } }) => server.slots.all.map(slot => row(server, slot)),
}
