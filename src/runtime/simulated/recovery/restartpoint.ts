// Restartpoints: the checkpoints of a server that recovers. It can't write WAL, so it makes them where its primary made
// one: what was replayed up to there goes to the platter, and the next start begins there. Mirrors CreateRestartPoint.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { checkpointFlags } from '../shared/requests.ts'
import { formatTimestampTz } from '../shared/timestamp.ts'
import { versionFacts } from '../shared/versions.ts'
import type { CheckpointOptions } from './checkpoint.ts'
import { describeEnd, describeFlags, newStatistics } from './checkpoint-log.ts'
import { CheckpointPace } from './checkpoint-pace.ts'
import { writeEverything } from './checkpoint-work.ts'
import type { RecoveryServices } from './services.ts'
import { removeOldSegments } from './wal-retention.ts'

/** False: no checkpoint was replayed since the last one, so there is nothing to make it at. */
export function* createRestartpoint(
  me: Process,
  environment: ServerEnvironment,
  services: RecoveryServices,
  { flags, history, isUrgent, meanwhile }: CheckpointOptions,
): Coroutine<boolean> {
  const { controlFile, recovery, wal } = services
  const { settings, log, trace, version } = environment
  const last = recovery.lastCheckpoint
  if (!recovery.inRecovery) return false
  if (!last || last.checkPoint.redo <= controlFile.data.checkPointCopy.redo) {
    // Whoever has read here before a shutdown is not to find older data after it.
    yield* wal.flush(me, recovery.replayedEnd)
    if (flags & checkpointFlags.isShutdown) yield* controlFile.update(me, { state: 'shut down in recovery' })
    return false
  }
  const { redo } = last.checkPoint
  const priorRedo = controlFile.data.checkPointCopy.redo
  const statistics = newStatistics(me.now())
  const reason = describeFlags(flags)
  if (settings.get('log_checkpoints')) log.log(me, `restartpoint starting: ${reason}`)
  const started = trace.emit('checkpoint.started', me.place, { reason, redo }, me.cause)
  wal.redoLsn = redo
  const pace = new CheckpointPace(environment, services.requests, {
    flags,
    startedAt: statistics.startedAt,
    startLsn: recovery.replayedEnd,
    currentLsn: () => recovery.replayedEnd,
    isUrgent,
    meanwhile,
  })
  const unlinks = services.buffers.files.takeUnlinks()
  yield* writeEverything(me, environment, services, flags, pace, statistics)
  // Somebody may have promoted the server meanwhile: then the control file is not ours any more.
  const { data } = controlFile
  if (data.state === 'in archive recovery' && data.checkPointCopy.redo < redo) {
    yield* controlFile.update(me, {
      ...(flags & checkpointFlags.isShutdown ? { state: 'shut down in recovery' as const } : {}),
      checkPoint: last.start,
      checkPointCopy: last.checkPoint,
      ...(data.minRecoveryPoint < last.end
        ? { minRecoveryPoint: last.end, minRecoveryPointTimeline: last.checkPoint.timeline }
        : {}),
    })
  }
  services.buffers.files.unlink(unlinks)
  history.learn(redo - priorRedo)
  const timeline = recovery.replayedTimeline
  const end = Math.max(recovery.replayedEnd, services.walReceiver.flushed)
  yield* removeOldSegments(
    me,
    environment,
    services,
    { redo, end, timeline, estimate: history.estimate },
    statistics.segments,
  )
  statistics.endedAt = me.now()
  if (settings.get('log_checkpoints')) {
    const { distance, estimate } = history
    const facts = versionFacts(version)
    const where = { lsn: last.start, redo, distance, estimate }
    log.log(me, describeEnd('restartpoint', statistics, services.buffers.size, where, facts))
    const { lastTransactionTime } = recovery
    log.log(
      me,
      `recovery restart point at ${formatLsn(redo)}`,
      lastTransactionTime === undefined
        ? {}
        : { detail: `Last completed transaction was at log time ${formatTimestampTz(lastTransactionTime)}.` },
    )
  }
  trace.emit(
    'checkpoint.completed',
    me.place,
    { reason, redo, buffers: statistics.buffers, total: statistics.endedAt - statistics.startedAt },
    started || me.cause,
  )
  return true
}
