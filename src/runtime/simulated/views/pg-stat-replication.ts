// pg_stat_replication: the WAL senders and how far their standbys are.

import { lsnType } from '../catalog/types/identifiers.ts'
import { int4Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import type { WalSender } from '../replication/wal-senders.ts'
import { timestampOf } from '../sql/functions/session-functions.ts'
import type { SystemView } from '../sql/system-view.ts'

const known = (lsn: number): Value => (lsn === 0 ? null : lsn)

function row(sender: WalSender): Value[] {
  return [
    sender.pid,
    sender.applicationName,
    timestampOf(sender.process.startedAt),
    sender.phase,
    known(sender.sent),
    known(sender.written),
    known(sender.flushed),
    known(sender.applied),
    sender.priority,
    sender.announced ?? 'async',
    timestampOf(sender.repliedAt),
  ]
}

export const pgStatReplication: SystemView = {
  name: 'pg_stat_replication',
  columns: [
    { name: 'pid', type: int4Type },
    { name: 'application_name', type: textType },
    { name: 'backend_start', type: timestamptzType },
    { name: 'state', type: textType },
    { name: 'sent_lsn', type: lsnType },
    { name: 'write_lsn', type: lsnType },
    { name: 'flush_lsn', type: lsnType },
    { name: 'replay_lsn', type: lsnType },
    { name: 'sync_priority', type: int4Type },
    { name: 'sync_state', type: textType },
    { name: 'reply_time', type: timestamptzType },
  ],
  rows: ({ session }) => session.server.walSenders.list.map(row),
}
