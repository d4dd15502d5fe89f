// pg_stat_progress_vacuum: how far each running vacuum is.

import { oidType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import { nameType, textType } from '../catalog/types/text.ts'
import type { Value } from '../catalog/types/type.ts'
import type { Proc } from '../shared/proc.ts'
import type { SystemView } from '../sql/system-view.ts'

function row({ pid, database, databaseId, vacuumProgress: progress }: Proc): Value[][] {
  if (!progress) return []
  return [
    [
      pid,
      databaseId,
      database,
      progress.relation,
      progress.phase,
      progress.heapBlocks,
      progress.scannedBlocks,
      progress.vacuumedBlocks,
      progress.indexScans,
      progress.maxDeadTuples,
      progress.deadTuples,
      progress.deadTuples,
      progress.indexes,
      progress.indexesDone,
    ],
  ]
}

export const pgStatProgressVacuum: SystemView = {
  name: 'pg_stat_progress_vacuum',
  columns: [
    { name: 'pid', type: int4Type },
    { name: 'datid', type: oidType },
    { name: 'datname', type: nameType },
    { name: 'relid', type: oidType },
    { name: 'phase', type: textType },
    { name: 'heap_blks_total', type: int8Type },
    { name: 'heap_blks_scanned', type: int8Type },
    { name: 'heap_blks_vacuumed', type: int8Type },
    { name: 'index_vacuum_count', type: int8Type },
    { name: 'max_dead_tuples', type: int8Type, until: 16 },
    { name: 'num_dead_tuples', type: int8Type, until: 16 },
    { name: 'num_dead_item_ids', type: int8Type, since: 17 },
    { name: 'indexes_total', type: int8Type, since: 17 },
    { name: 'indexes_processed', type: int8Type, since: 17 },
  ],
  rows: ({ session }) => session.server.procArray.procs.flatMap(row),
}
