// pg_prepared_xacts: transactions that were prepared and wait for somebody to end them.

import { xidType } from '../catalog/types/identifiers.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgPreparedXacts: SystemView = {
  name: 'pg_prepared_xacts',
  columns: [
    { name: 'transaction', type: xidType },
    { name: 'gid', type: textType },
    { name: 'prepared', type: timestamptzType },
    { name: 'owner', type: nameType },
    { name: 'database', type: nameType },
  ],
  rows: ({ session: { proc, server } }) =>
    server.transactions.prepared.all.flatMap(({ gid, xid, state, proc: heir }) =>
      heir && state ? [[xid, gid, timestampOf(state.preparedAt), roleOf(state.owner), proc.database]] : [],
    ),
}

/** There is one role. */
function roleOf(oid: number): string {
  return oid === 10 ? 'postgres' : String(oid)
}
