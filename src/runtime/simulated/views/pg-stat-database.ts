// pg_stat_database: what was counted of the one database there is. Pages are counted as they are used, all else when a
// session reports.

import { oidType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import { nameType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgStatDatabase: SystemView = {
  name: 'pg_stat_database',
  columns: [
    { name: 'datid', type: oidType },
    { name: 'datname', type: nameType },
    { name: 'numbackends', type: int4Type },
    { name: 'xact_commit', type: int8Type },
    { name: 'xact_rollback', type: int8Type },
    { name: 'blks_read', type: int8Type },
    { name: 'blks_hit', type: int8Type },
    { name: 'tup_returned', type: int8Type },
    { name: 'tup_fetched', type: int8Type },
    { name: 'tup_inserted', type: int8Type },
    { name: 'tup_updated', type: int8Type },
    { name: 'tup_deleted', type: int8Type },
    { name: 'conflicts', type: int8Type },
    { name: 'temp_files', type: int8Type },
    { name: 'temp_bytes', type: int8Type },
  ],
  rows: ({ session }) => {
    const { statistics, procArray, buffers } = session.server
    const { database } = statistics
    const backends = procArray.procs.filter(({ backendType: type }) =>
      /^(client backend|autovacuum worker|parallel worker)$/.test(type),
    )
    return [
      [
        session.proc.databaseId,
        session.proc.database,
        backends.length,
        database.commits,
        database.rollbacks,
        buffers.counts.reads,
        buffers.counts.hits,
        database.tuplesReturned,
        database.tuplesFetched,
        database.inserted,
        database.updated,
        database.deleted,
        database.tablespaceConflicts +
          database.lockConflicts +
          database.snapshotConflicts +
          database.bufferPinConflicts +
          database.bufferDeadlocks +
          database.logicalSlotConflicts,
        database.temporaryFiles,
        database.temporaryBytes,
      ],
    ]
  },
}
