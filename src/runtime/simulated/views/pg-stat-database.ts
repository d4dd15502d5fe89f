// pg_stat_database: what was counted of every database. Pages are counted as they are used, all else when a session
// reports.

import { oidType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import { nameType } from '../catalog/types/text.ts'
import type { Value } from '../catalog/types/type.ts'
import type { Proc } from '../shared/proc.ts'
import type { SqlServices } from '../sql/context.ts'
import type { SystemView } from '../sql/system-view.ts'
import { DatabaseCounts } from '../statistics/cumulative-statistics.ts'

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
    const { databases } = session.server
    return [{ oid: 0, name: null }, ...databases.all()].map(({ oid, name }) => row(session.server, oid, name))
  },
}

/** What is counted of the shared catalogs stands first, under no name. */
function row({ statistics, procArray, buffers }: SqlServices, oid: number, name: string | null): Value[] {
  const counts = statistics.find(oid)?.counts ?? nothing
  const backends = procArray.procs.filter(each => each.databaseId === oid && isCounted(each))
  const usage = buffers.usageOf(oid)
  return [
    oid,
    name,
    oid === 0 ? 0 : backends.length,
    counts.commits,
    counts.rollbacks,
    usage.reads,
    usage.hits,
    counts.tuplesReturned,
    counts.tuplesFetched,
    counts.inserted,
    counts.updated,
    counts.deleted,
    counts.tablespaceConflicts +
      counts.lockConflicts +
      counts.snapshotConflicts +
      counts.bufferPinConflicts +
      counts.bufferDeadlocks +
      counts.logicalSlotConflicts,
    counts.temporaryFiles,
    counts.temporaryBytes,
  ]
}

const nothing = new DatabaseCounts()

function isCounted({ backendType }: Proc): boolean {
  return /^(client backend|autovacuum worker|parallel worker)$/.test(backendType)
}
