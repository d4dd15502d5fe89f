// Where the client of a process is, as pg_stat_activity and pg_stat_replication show it. client_hostname is null, as
// without log_hostname.

import { int4Type } from '../catalog/types/integer.ts'
import { inetType } from '../catalog/types/network.ts'
import { textType } from '../catalog/types/text.ts'
import type { Value } from '../catalog/types/type.ts'
import { clientAddress, clientPort } from '../shared/logging/client-address.ts'
import type { Proc } from '../shared/proc.ts'
import type { SystemView } from '../sql/system-view.ts'

export const clientColumns: SystemView['columns'] = [
  { name: 'client_addr', type: inetType },
  { name: 'client_hostname', type: textType },
  { name: 'client_port', type: int4Type },
]

/** All null for a process that serves no client. */
export function clientValues({ process, pid }: Proc): Value[] {
  const [socket] = process.type === 'backend' || process.type === 'walsender' ? process.sockets : []
  return socket ? [clientAddress(socket.to), null, clientPort(pid)] : [null, null, null]
}
