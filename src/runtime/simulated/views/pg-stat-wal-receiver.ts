// pg_stat_wal_receiver: how far the stream from the upstream is. What libpq would make of the connection string is left
// out.

import { lsnType } from '../catalog/types/identifiers.ts'
import { int4Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import { parseConninfo } from '../replication/conninfo.ts'
import type { WalReceiverState } from '../replication/wal-receiver-state.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SystemView } from '../sql/system-view.ts'

const known = (value: number): Value => (value === 0 ? null : value)
const time = (nanoseconds: number): Value => (nanoseconds === 0 ? null : timestampOf(nanoseconds))

function row(state: WalReceiverState, pid: number): Value[] {
  const options = parseConninfo(state.conninfo)
  return [
    pid,
    state.phase,
    known(state.receiveStart),
    state.timeline,
    known(state.written),
    known(state.flushed),
    state.flushedTimeline,
    time(state.lastMessageSentAt),
    time(state.lastMessageAt),
    known(state.latestEnd),
    time(state.latestEndAt),
    state.slotName === '' ? null : state.slotName,
    options.get('host') ?? null,
    Number(options.get('port') ?? 5432),
  ]
}

export const pgStatWalReceiver: SystemView = {
  name: 'pg_stat_wal_receiver',
  columns: [
    { name: 'pid', type: int4Type },
    { name: 'status', type: textType },
    { name: 'receive_start_lsn', type: lsnType },
    { name: 'receive_start_tli', type: int4Type },
    { name: 'written_lsn', type: lsnType },
    { name: 'flushed_lsn', type: lsnType },
    { name: 'received_tli', type: int4Type },
    { name: 'last_msg_send_time', type: timestamptzType },
    { name: 'last_msg_receipt_time', type: timestamptzType },
    { name: 'latest_end_lsn', type: lsnType },
    { name: 'latest_end_time', type: timestamptzType },
    { name: 'slot_name', type: textType },
    { name: 'sender_host', type: textType },
    { name: 'sender_port', type: int4Type },
  ],
  rows: ({ session }) => {
    const { walReceiver } = session.server
    return walReceiver.isConnected && walReceiver.process ? [row(walReceiver, walReceiver.process.pid)] : []
  },
}
