// pg_stat_archiver: how often WAL was archived, and how often that failed.

import { int8Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgStatArchiver: SystemView = {
  name: 'pg_stat_archiver',
  columns: [
    { name: 'archived_count', type: int8Type },
    { name: 'last_archived_wal', type: textType },
    { name: 'last_archived_time', type: timestamptzType },
    { name: 'failed_count', type: int8Type },
    { name: 'last_failed_wal', type: textType },
    { name: 'last_failed_time', type: timestamptzType },
    { name: 'stats_reset', type: timestamptzType },
  ],
  rows: ({ session }) => {
    const { archives, failures, resetAt } = session.server.archiverStatistics
    const [archived, failed] = [archives, failures].map(({ count, last }) => [
      count,
      last?.name ?? null,
      last ? timestampOf(last.at) : null,
    ])
    return [[...archived, ...failed, timestampOf(resetAt)]]
  },
}
