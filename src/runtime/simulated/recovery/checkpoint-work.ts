// What every checkpoint and restartpoint does between its beginning and its record: all that is in memory and changed
// goes to the files, and the files to the platter. Mirrors CheckPointGuts (xlog.c), BufferSync (bufmgr.c) and
// ProcessSyncRequests (sync.c).

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { CheckpointStatistics } from './checkpoint-log.ts'
import type { CheckpointPace } from './checkpoint-pace.ts'
import type { RecoveryServices } from './services.ts'

/** The others are those of the commit log and its like. */
const relationFile = /^(base|global)\//

export function* writeEverything(
  me: Process,
  environment: ServerEnvironment,
  services: RecoveryServices,
  pace: CheckpointPace,
  statistics: CheckpointStatistics,
): Coroutine {
  const { commitLog, slots, buffers, transactions, requests } = services
  yield* slots.checkpoint(me)
  statistics.writeStartedAt = me.now()
  statistics.slruBuffers += yield* commitLog.writeDirty(me)
  for (const path of transactions.multiXacts.checkpoint(me)) {
    requests.fsyncRequests.register(path)
    statistics.slruBuffers++
  }
  const dirty = buffers.beginCheckpoint()
  let done = 0
  for (const buffer of dirty) {
    if (yield* buffers.writeForCheckpoint(me, buffer)) statistics.buffers++
    done++
    yield* pace.delay(me, done / dirty.length)
  }
  statistics.syncStartedAt = me.now()
  yield* syncFiles(me, environment, services, statistics)
  statistics.syncEndedAt = me.now()
  const sums = requests.checkpoint.statistics
  sums.writeTime += statistics.syncStartedAt - statistics.writeStartedAt
  sums.syncTime += statistics.syncEndedAt - statistics.syncStartedAt
  sums.slruWritten += statistics.slruBuffers
}

function* syncFiles(
  me: Process,
  { settings, data }: ServerEnvironment,
  { requests, buffers }: RecoveryServices,
  statistics: CheckpointStatistics,
): Coroutine {
  const paths = requests.fsyncRequests.absorb()
  if (!settings.get('fsync')) return
  for (const path of paths) {
    // A relation that was dropped meanwhile needs no flush.
    if (!data.exists(path)) continue
    const began = me.now()
    yield* data.fsync(me, path, 'DataFileSync')
    const took = me.now() - began
    statistics.syncFiles++
    if (relationFile.test(path)) buffers.io.of(me).fsyncs++
    statistics.totalSync += took
    statistics.longestSync = Math.max(statistics.longestSync, took)
  }
}
