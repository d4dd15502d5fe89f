// pg_stat_subscription: what the workers of each subscription have received. pg_stat_subscription_stats: what went wrong.
// pg_replication_origin_status: how far each origin is.

import { lsnType, oidType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import { conflictKinds, type LogicalWorker } from '../replication/logical-workers.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SystemView } from '../sql/system-view.ts'

const known = (lsn: number): Value => (lsn === 0 ? null : lsn)
const time = (at: number | undefined): Value => (at === undefined ? null : timestampOf(at))

function workerColumns(worker: LogicalWorker): Value[] {
  return [
    worker.table === 0 ? 'apply' : 'table synchronization',
    worker.process?.pid ?? null,
    null,
    worker.table === 0 ? null : worker.table,
    known(worker.receivedLsn),
    time(worker.lastSentAt),
    time(worker.lastReceivedAt),
    known(worker.latestEndLsn),
    time(worker.latestEndAt),
  ]
}

export const pgStatSubscription: SystemView = {
  name: 'pg_stat_subscription',
  columns: [
    { name: 'subid', type: oidType },
    { name: 'subname', type: nameType },
    { name: 'worker_type', type: textType, since: 17 },
    { name: 'pid', type: int4Type },
    { name: 'leader_pid', type: int4Type, since: 16 },
    { name: 'relid', type: oidType },
    { name: 'received_lsn', type: lsnType },
    { name: 'last_msg_send_time', type: timestamptzType },
    { name: 'last_msg_receipt_time', type: timestamptzType },
    { name: 'latest_end_lsn', type: lsnType },
    { name: 'latest_end_time', type: timestamptzType },
  ],
  rows: ({ session: { server, catalog } }) =>
    catalog.subscriptions.flatMap(({ oid, name }): Value[][] => {
      const workers = server.logicalWorkers.of(oid).filter(({ process }) => process !== undefined)
      if (workers.length === 0) return [[oid, name, ...new Array<Value>(9).fill(null)]]
      return workers.map(worker => [oid, name, ...workerColumns(worker)])
    }),
}

export const pgStatSubscriptionStats: SystemView = {
  name: 'pg_stat_subscription_stats',
  columns: [
    { name: 'subid', type: oidType },
    { name: 'subname', type: nameType },
    { name: 'apply_error_count', type: int8Type },
    { name: 'sync_error_count', type: int8Type },
    ...conflictKinds.map(kind => ({ name: `confl_${kind}`, type: int8Type, since: 18 })),
    { name: 'stats_reset', type: timestamptzType },
  ],
  rows: ({ session: { server, catalog } }) =>
    catalog.subscriptions.map(({ oid, name }): Value[] => {
      const { applyErrors, syncErrors, conflicts } = server.logicalWorkers.statisticsOf(oid)
      return [oid, name, applyErrors, syncErrors, ...conflictKinds.map(kind => conflicts.get(kind) ?? 0), null]
    }),
}

export const pgReplicationOriginStatus: SystemView = {
  name: 'pg_replication_origin_status',
  columns: [
    { name: 'local_id', type: oidType },
    { name: 'remote_lsn', type: lsnType },
    { name: 'local_lsn', type: lsnType },
  ],
  rows: ({ session: { server } }) =>
    server.origins.all.map(({ id, remoteLsn, localLsn }): Value[] => [id, remoteLsn, localLsn]),
}
