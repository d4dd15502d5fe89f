// pg_stat_activity: what every process of the server shows of itself.

import { bootstrapRole } from '../catalog/tables.ts'
import { oidType, xidType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { Proc } from '../shared/proc.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SystemView } from '../sql/system-view.ts'
import { clientColumns, clientValues } from './client-columns.ts'
import { shownWaitEvent } from './wait-events.ts'

function row(proc: Proc, version: ServerEnvironment['version']): Value[] {
  const isClient = proc.backendType === 'client backend' || proc.backendType === 'walsender'
  // A background worker is a backend of the superuser's, without a database.
  const isWorker = proc.backendType.startsWith('logical replication')
  // An autovacuum worker has a database and something like a query, and no role.
  const isParallel = proc.leader !== undefined
  const isSession = isClient || proc.isAutovacuum || isParallel || (isWorker && proc.databaseId !== 0)
  const event = shownWaitEvent(proc.process.waitEvent, version)
  const hasRole = isClient || isParallel
  const time = (nanoseconds: number) => (nanoseconds === 0 ? null : timestampOf(nanoseconds))
  return [
    isSession && proc.databaseId !== 0 ? proc.databaseId : null,
    isSession && proc.database !== '' ? proc.database : null,
    proc.pid,
    proc.leader?.pid ?? null,
    hasRole ? proc.roleId : isWorker ? bootstrapRole : null,
    hasRole ? proc.role : isWorker ? 'postgres' : null,
    proc.applicationName,
    ...clientValues(proc),
    timestampOf(proc.startedAt),
    proc.localTransactionId !== 0 ? time(proc.transactionStartedAt) : null,
    isSession ? time(proc.queryStartedAt) : null,
    isSession ? time(proc.stateChangedAt) : null,
    event?.type ?? null,
    event?.name ?? null,
    isSession ? proc.state : null,
    proc.xid === 0 ? null : proc.xid,
    proc.xmin === 0 ? null : proc.xmin,
    null,
    isSession ? (proc.lastStatement ?? '') : '',
    proc.backendType,
  ]
}

export const pgStatActivity: SystemView = {
  name: 'pg_stat_activity',
  columns: [
    { name: 'datid', type: oidType },
    { name: 'datname', type: nameType },
    { name: 'pid', type: int4Type },
    { name: 'leader_pid', type: int4Type },
    { name: 'usesysid', type: oidType },
    { name: 'usename', type: nameType },
    { name: 'application_name', type: textType },
    ...clientColumns,
    { name: 'backend_start', type: timestamptzType },
    { name: 'xact_start', type: timestamptzType },
    { name: 'query_start', type: timestamptzType },
    { name: 'state_change', type: timestamptzType },
    { name: 'wait_event_type', type: textType },
    { name: 'wait_event', type: textType },
    { name: 'state', type: textType },
    { name: 'backend_xid', type: xidType },
    { name: 'backend_xmin', type: xidType },
    { name: 'query_id', type: int8Type },
    { name: 'query', type: textType },
    { name: 'backend_type', type: textType },
  ],
  rows: ({ session: { server } }) => {
    const { version } = server.environment
    return server.procArray.procs.filter(proc => !proc.isPrepared).map(proc => row(proc, version))
  },
}
