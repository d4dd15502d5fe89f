// pg_stat_database_conflicts: how many of a standby's sessions gave way to replay, by reason.

import { oidType } from '../catalog/types/identifiers.ts'
import { int8Type } from '../catalog/types/integer.ts'
import { nameType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'
import { DatabaseCounts } from '../statistics/cumulative-statistics.ts'

export const pgStatDatabaseConflicts: SystemView = {
  name: 'pg_stat_database_conflicts',
  columns: [
    { name: 'datid', type: oidType },
    { name: 'datname', type: nameType },
    { name: 'confl_tablespace', type: int8Type },
    { name: 'confl_lock', type: int8Type },
    { name: 'confl_snapshot', type: int8Type },
    { name: 'confl_bufferpin', type: int8Type },
    { name: 'confl_deadlock', type: int8Type },
    { name: 'confl_active_logicalslot', type: int8Type, since: 16 },
  ],
  rows: ({ session: { server } }) =>
    server.databases.all().map(({ oid, name }) => {
      const counts = server.statistics.find(oid)?.counts ?? nothing
      return [
        oid,
        name,
        counts.tablespaceConflicts,
        counts.lockConflicts,
        counts.snapshotConflicts,
        counts.bufferPinConflicts,
        counts.bufferDeadlocks,
        counts.logicalSlotConflicts,
      ]
    }),
}

const nothing = new DatabaseCounts()
