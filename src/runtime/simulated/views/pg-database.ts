// pg_database: the one that sessions are in, and the templates, which have no files here but grow old with the cluster.

import { oidType, xidType } from '../catalog/types/identifiers.ts'
import { nameType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgDatabase: SystemView = {
  name: 'pg_database',
  columns: [
    { name: 'oid', type: oidType },
    { name: 'datname', type: nameType },
    { name: 'datfrozenxid', type: xidType },
  ],
  rows: ({ session }) =>
    session.transaction.transactions.limits.databases.map(({ oid, name, frozenXid }) => [oid, name, frozenXid]),
}
