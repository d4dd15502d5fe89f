// pg_stat_replication: the WAL senders, how far their standbys are, and how far behind.

import { lsnType, oidType, xidType } from '../catalog/types/identifiers.ts'
import { int4Type } from '../catalog/types/integer.ts'
import { Interval, intervalType } from '../catalog/types/interval.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import type { WalSender } from '../replication/wal-senders.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SqlServer } from '../sql/context.ts'
import type { SystemView } from '../sql/system-view.ts'
import { clientColumns, clientValues } from './client-columns.ts'

const known = (value: number): Value => (value === 0 ? null : value)
const lag = (nanoseconds: number | undefined): Value =>
  nanoseconds === undefined ? null : new Interval(0, 0, Math.floor(nanoseconds / 1000))

function row({ synchronousReplication }: SqlServer, sender: WalSender): Value[] {
  return [
    sender.pid,
    sender.proc.roleId,
    sender.proc.role,
    sender.applicationName,
    ...clientValues(sender.proc),
    timestampOf(sender.process.startedAt),
    known(sender.proc.xmin),
    sender.phase,
    known(sender.sent),
    known(sender.written),
    known(sender.flushed),
    known(sender.applied),
    lag(sender.lag.writeLag),
    lag(sender.lag.flushLag),
    lag(sender.lag.replayLag),
    sender.flushed === 0 ? 0 : sender.priority,
    synchronousReplication.stateOf(sender),
    sender.replySentAt === undefined ? null : timestampOf(sender.replySentAt),
  ]
}

export const pgStatReplication: SystemView = {
  name: 'pg_stat_replication',
  columns: [
    { name: 'pid', type: int4Type },
    { name: 'usesysid', type: oidType },
    { name: 'usename', type: nameType },
    { name: 'application_name', type: textType },
    ...clientColumns,
    { name: 'backend_start', type: timestamptzType },
    { name: 'backend_xmin', type: xidType },
    { name: 'state', type: textType },
    { name: 'sent_lsn', type: lsnType },
    { name: 'write_lsn', type: lsnType },
    { name: 'flush_lsn', type: lsnType },
    { name: 'replay_lsn', type: lsnType },
    { name: 'write_lag', type: intervalType },
    { name: 'flush_lag', type: intervalType },
    { name: 'replay_lag', type: intervalType },
    { name: 'sync_priority', type: int4Type },
    { name: 'sync_state', type: textType },
    { name: 'reply_time', type: timestamptzType },
  ],
  rows: ({ session: { server } }) => server.walSenders.list.map(sender => row(server, sender)),
}
