// pg_stat_all_tables and pg_stat_user_tables: what was counted of every table.

import { Table } from '../catalog/relations.ts'
import { oidType } from '../catalog/types/identifiers.ts'
import { int8Type } from '../catalog/types/integer.ts'
import { nameType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { Execution } from '../sql/expressions/execution.ts'
import type { SystemView } from '../sql/system-view.ts'
import type { DatabaseStatistics } from '../statistics/cumulative-statistics.ts'
import { TableStatistics } from '../statistics/table-statistics.ts'

const columns: SystemView['columns'] = [
  { name: 'relid', type: oidType },
  { name: 'schemaname', type: nameType },
  { name: 'relname', type: nameType },
  { name: 'seq_scan', type: int8Type },
  { name: 'last_seq_scan', type: timestamptzType, since: 16 },
  { name: 'seq_tup_read', type: int8Type },
  { name: 'idx_scan', type: int8Type },
  { name: 'last_idx_scan', type: timestamptzType, since: 16 },
  { name: 'idx_tup_fetch', type: int8Type },
  { name: 'n_tup_ins', type: int8Type },
  { name: 'n_tup_upd', type: int8Type },
  { name: 'n_tup_del', type: int8Type },
  { name: 'n_tup_hot_upd', type: int8Type },
  { name: 'n_tup_newpage_upd', type: int8Type, since: 16 },
  { name: 'n_live_tup', type: int8Type },
  { name: 'n_dead_tup', type: int8Type },
  { name: 'n_mod_since_analyze', type: int8Type },
  { name: 'n_ins_since_vacuum', type: int8Type },
  { name: 'last_vacuum', type: timestamptzType },
  { name: 'last_autovacuum', type: timestamptzType },
  { name: 'last_analyze', type: timestamptzType },
  { name: 'last_autoanalyze', type: timestamptzType },
  { name: 'vacuum_count', type: int8Type },
  { name: 'autovacuum_count', type: int8Type },
  { name: 'analyze_count', type: int8Type },
  { name: 'autoanalyze_count', type: int8Type },
]

const none = new TableStatistics()

/** Index scans are counted with the indexes; a table without any has none to count. */
function row(table: Table, statistics: DatabaseStatistics | undefined): Value[] {
  const of = statistics?.find(table.id) ?? none
  const indexes = table.indexes.map(index => statistics?.find(index.id) ?? none)
  const hasIndexes = indexes.length > 0
  const lastIndexScan = Math.max(0, ...indexes.map(each => each.lastIndexScan))
  return [
    table.id,
    table.isCatalog ? 'pg_catalog' : 'public',
    table.name,
    of.sequentialScans,
    time(of.lastSequentialScan),
    of.sequentialTuplesRead,
    hasIndexes ? indexes.reduce((sum, each) => sum + each.indexScans, 0) : null,
    time(lastIndexScan),
    hasIndexes ? of.indexTuplesFetched : null,
    of.inserted,
    of.updated,
    of.deleted,
    of.hotUpdated,
    of.newPageUpdated,
    of.live,
    of.dead,
    of.modifiedSinceAnalyze,
    of.insertedSinceVacuum,
    time(of.lastVacuum),
    time(of.lastAutovacuum),
    time(of.lastAnalyze),
    time(of.lastAutoanalyze),
    of.vacuums,
    of.autovacuums,
    of.analyzes,
    of.autoanalyzes,
  ]
}

function time(nanoseconds: number): Value {
  return nanoseconds === 0 ? null : timestampOf(nanoseconds)
}

function tables({ session }: Execution, wanted: (table: Table) => boolean): Value[][] {
  const statistics = session.server.statistics.find(session.proc.databaseId)
  return session.catalog.all().flatMap(each => (each instanceof Table && wanted(each) ? [row(each, statistics)] : []))
}

export const pgStatAllTables: SystemView = {
  name: 'pg_stat_all_tables',
  columns,
  rows: execution => tables(execution, () => true),
}

export const pgStatUserTables: SystemView = {
  name: 'pg_stat_user_tables',
  columns,
  rows: execution => tables(execution, table => !table.isCatalog),
}
