// pg_stat_activity: what every process of the server shows of itself. Wait event types are PostgreSQL's classes.

import { oidType, xidType } from '../catalog/types/identifiers.ts'
import { int4Type } from '../catalog/types/integer.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import type { Proc } from '../shared/proc.ts'
import { timestampOf } from '../sql/functions/session-functions.ts'
import type { SystemView } from '../sql/system-view.ts'

const lockEvents =
  /^(relation|extend|frozenid|page|tuple|transactionid|virtualxid|spectoken|object|userlock|advisory|applytransaction)$/
const timeoutEvents =
  /^(PgSleep|CheckpointWriteDelay|RecoveryApplyDelay|VacuumDelay|BaseBackupThrottle|RecoveryRetrieveRetryInterval|RegisterSyncRequest|SpinDelay|VacuumTruncate)$/
const clientEvents = /^(Client|WalSenderWaitForWAL|WalReceiverWaitStart|LibPQWalReceiver|SSLOpenServer|GSSOpenServer)/
const ioEvents = /(Read|Write|Sync|Extend|Flush|Truncate|Immediate)$/
const activityEvents = /Main$|^RecoveryWalStream$|Hibernate$/

/** The class of a wait event: what pg_stat_activity.wait_event_type shows. */
export function waitEventType(event: string): string {
  if (lockEvents.test(event)) return 'Lock'
  if (clientEvents.test(event)) return 'Client'
  if (activityEvents.test(event)) return 'Activity'
  if (timeoutEvents.test(event)) return 'Timeout'
  if (ioEvents.test(event)) return 'IO'
  return 'IPC'
}

function row(proc: Proc): Value[] {
  const isClient = proc.backendType === 'client backend' || proc.backendType === 'walsender'
  const event = proc.process.waitEvent
  const text = (value: string) => (isClient ? value : null)
  const time = (nanoseconds: number) => (nanoseconds === 0 ? null : timestampOf(nanoseconds))
  return [
    isClient && proc.databaseId !== 0 ? proc.databaseId : null,
    isClient && proc.database !== '' ? proc.database : null,
    proc.pid,
    isClient ? proc.roleId : null,
    text(proc.role),
    proc.applicationName,
    timestampOf(proc.startedAt),
    proc.xid !== 0 || proc.xmin !== 0 ? time(proc.transactionStartedAt) : null,
    isClient ? time(proc.queryStartedAt) : null,
    isClient ? time(proc.stateChangedAt) : null,
    event === undefined ? null : waitEventType(event),
    event ?? null,
    text(proc.state),
    proc.xid === 0 ? null : proc.xid,
    proc.xmin === 0 ? null : proc.xmin,
    isClient ? (proc.lastStatement ?? '') : '',
    proc.backendType,
  ]
}

export const pgStatActivity: SystemView = {
  name: 'pg_stat_activity',
  columns: [
    { name: 'datid', type: oidType },
    { name: 'datname', type: nameType },
    { name: 'pid', type: int4Type },
    { name: 'usesysid', type: oidType },
    { name: 'usename', type: nameType },
    { name: 'application_name', type: textType },
    { name: 'backend_start', type: timestamptzType },
    { name: 'xact_start', type: timestamptzType },
    { name: 'query_start', type: timestamptzType },
    { name: 'state_change', type: timestamptzType },
    { name: 'wait_event_type', type: textType },
    { name: 'wait_event', type: textType },
    { name: 'state', type: textType },
    { name: 'backend_xid', type: xidType },
    { name: 'backend_xmin', type: xidType },
    { name: 'query', type: textType },
    { name: 'backend_type', type: textType },
  ],
  rows: ({ session }) => session.server.procArray.procs.map(row),
}
