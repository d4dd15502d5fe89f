// pg_stat_bgwriter: who wrote how many buffers. Until 16 it has the checkpointer's figures too. They count from the
// start of the server, and are there at once; PostgreSQL keeps them over a clean shutdown, and shows them within a second.

import { millisecond } from '../../../model/units.ts'
import { float8Type } from '../catalog/types/float.ts'
import { int8Type } from '../catalog/types/integer.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgStatBgwriter: SystemView = {
  name: 'pg_stat_bgwriter',
  columns: [
    { name: 'checkpoints_timed', type: int8Type, until: 16 },
    { name: 'checkpoints_req', type: int8Type, until: 16 },
    { name: 'checkpoint_write_time', type: float8Type, until: 16 },
    { name: 'checkpoint_sync_time', type: float8Type, until: 16 },
    { name: 'buffers_checkpoint', type: int8Type, until: 16 },
    { name: 'buffers_clean', type: int8Type },
    { name: 'maxwritten_clean', type: int8Type },
    { name: 'buffers_backend', type: int8Type, until: 16 },
    { name: 'buffers_backend_fsync', type: int8Type, until: 16 },
    { name: 'buffers_alloc', type: int8Type },
  ],
  rows: ({ session: { server } }) => {
    const { counts } = server.buffers
    const sums = server.requests.checkpoint.statistics
    return [
      [
        sums.timed + sums.restartpointsTimed,
        sums.requested + sums.restartpointsRequested,
        Math.floor(sums.writeTime / millisecond),
        Math.floor(sums.syncTime / millisecond),
        counts.writtenByCheckpoints,
        counts.writtenByCleaning,
        server.buffers.stoppedRounds,
        // A page that a backend adds to a relation counts as one that it wrote.
        counts.writtenByBackends + counts.extends,
        0,
        server.buffers.allocations,
      ],
    ]
  },
}
