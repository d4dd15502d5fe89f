// pg_stat_checkpointer (17): how many checkpoints and restartpoints, why, and what they wrote.

import { millisecond } from '../../../model/units.ts'
import { float8Type } from '../catalog/types/float.ts'
import { int8Type } from '../catalog/types/integer.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgStatCheckpointer: SystemView = {
  name: 'pg_stat_checkpointer',
  since: 17,
  columns: [
    { name: 'num_timed', type: int8Type },
    { name: 'num_requested', type: int8Type },
    { name: 'num_done', type: int8Type, since: 18 },
    { name: 'restartpoints_timed', type: int8Type },
    { name: 'restartpoints_req', type: int8Type },
    { name: 'restartpoints_done', type: int8Type },
    { name: 'write_time', type: float8Type },
    { name: 'sync_time', type: float8Type },
    { name: 'buffers_written', type: int8Type },
    { name: 'slru_written', type: int8Type, since: 18 },
  ],
  rows: ({ session: { server } }) => {
    const sums = server.requests.checkpoint.statistics
    return [
      [
        sums.timed,
        sums.requested,
        sums.done,
        sums.restartpointsTimed,
        sums.restartpointsRequested,
        sums.restartpointsDone,
        Math.floor(sums.writeTime / millisecond),
        Math.floor(sums.syncTime / millisecond),
        server.buffers.counts.writtenByCheckpoints,
        sums.slruWritten,
      ],
    ]
  },
}
