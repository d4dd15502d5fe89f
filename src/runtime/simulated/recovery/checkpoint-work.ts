// What every checkpoint and restartpoint does between its beginning and its record: all that is in memory and changed
// goes to the files, and the files to the platter. Mirrors CheckPointGuts (xlog.c), BufferSync (bufmgr.c) and
// ProcessSyncRequests (sync.c).

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { removeSnapshots } from '../replication/snapshot-files.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { dataSyncLevel, fileAccessError } from '../shared/file-access.ts'
import { checkpointFlags } from '../shared/requests.ts'
import type { CheckpointStatistics } from './checkpoint-log.ts'
import type { CheckpointPace } from './checkpoint-pace.ts'
import type { RecoveryServices } from './services.ts'

/** The others are those of the commit log and its like. */
const relationFile = /^(base|global)\//

/** Why a checkpoint writes the pages of unlogged relations too. */
const withUnlogged = checkpointFlags.isShutdown | checkpointFlags.endOfRecovery | checkpointFlags.flushAll

export function* writeEverything(
  me: Process,
  environment: ServerEnvironment,
  services: RecoveryServices,
  flags: number,
  pace: CheckpointPace,
  statistics: CheckpointStatistics,
): Coroutine {
  const { commitLog, slots, origins, buffers, transactions, requests, wal } = services
  yield* slots.checkpoint(me, (flags & checkpointFlags.isShutdown) !== 0)
  removeSnapshots(environment.data, Math.min(wal.redoLsn, slots.requiredLogicalLsn()))
  yield* origins.checkpoint(me)
  statistics.writeStartedAt = me.now()
  statistics.slruBuffers += yield* commitLog.writeDirty(me)
  for (const path of transactions.multiXacts.checkpoint(me)) {
    requests.fsyncRequests.register(path)
    statistics.slruBuffers++
  }
  const dirty = buffers.beginCheckpoint((flags & withUnlogged) !== 0)
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
  // As late as possible: most are ended before that.
  const prepared = yield* transactions.prepared.checkpoint(me, services.wal.redoLsn)
  if (prepared === 0 || !environment.settings.get('log_checkpoints')) return
  const what = prepared === 1 ? 'state file was' : 'state files were'
  const of = prepared === 1 ? 'a long-running prepared transaction' : 'long-running prepared transactions'
  environment.log.log(me, `${prepared} two-phase ${what} written for ${of}`)
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
    try {
      yield* data.fsync(me, path, 'DataFileSync')
    } catch (error) {
      // With data_sync_retry they are tried again by the next checkpoint.
      for (const each of paths.slice(paths.indexOf(path))) requests.fsyncRequests.register(each)
      throw fileAccessError(error, dataSyncLevel(settings), `could not fsync file "${path}"`)
    }
    const took = me.now() - began
    statistics.syncFiles++
    if (relationFile.test(path)) buffers.io.of(me).fsyncs++
    statistics.totalSync += took
    statistics.longestSync = Math.max(statistics.longestSync, took)
  }
}
