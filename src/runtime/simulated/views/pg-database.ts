// pg_database: the one database there is.

import { databaseOid } from '../catalog/tables.ts'
import { oidType } from '../catalog/types/identifiers.ts'
import { nameType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgDatabase: SystemView = {
  name: 'pg_database',
  columns: [
    { name: 'oid', type: oidType },
    { name: 'datname', type: nameType },
  ],
  rows: ({ session }) => [[databaseOid, session.proc.database]],
}
