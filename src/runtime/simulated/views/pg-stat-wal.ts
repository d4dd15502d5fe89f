// pg_stat_wal: how much WAL was made, and how often it was written and flushed. Its times are those of
// track_wal_io_timing = off.

import { float8Type } from '../catalog/types/float.ts'
import { int8Type } from '../catalog/types/integer.ts'
import { Numeric, numericType } from '../catalog/types/numeric.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgStatWal: SystemView = {
  name: 'pg_stat_wal',
  columns: [
    { name: 'wal_records', type: int8Type },
    { name: 'wal_fpi', type: int8Type },
    { name: 'wal_bytes', type: numericType },
    { name: 'wal_buffers_full', type: int8Type },
    { name: 'wal_write', type: int8Type, until: 17 },
    { name: 'wal_sync', type: int8Type, until: 17 },
    { name: 'wal_write_time', type: float8Type, until: 17 },
    { name: 'wal_sync_time', type: float8Type, until: 17 },
  ],
  rows: ({ session: { server } }) => {
    const { usage, fileCounts } = server.wal
    const { records, fullPageImages, bytes, buffersFull } = usage
    return [[records, fullPageImages, Numeric.of(bytes), buffersFull, fileCounts.writes, fileCounts.syncs, 0, 0]]
  },
}
