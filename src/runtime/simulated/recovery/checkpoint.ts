// Checkpoints of a server that writes WAL: on time, for the amount of WAL, requested, at shutdown, at the end of
// recovery. Mirrors CreateCheckPoint of xlog.c. Those of a standby are in restartpoint.ts.

import { millisecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { checkpointFlags } from '../shared/requests.ts'
import { versionFacts } from '../shared/versions.ts'
import { appendCheckPoint, type CheckPoint } from '../wal/checkpoint-record.ts'
import { xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { codeOf } from '../wal/wal-level.ts'
import { type CheckpointStatistics, describeEnd, describeFlags, newStatistics } from './checkpoint-log.ts'
import { CheckpointPace } from './checkpoint-pace.ts'
import { writeEverything } from './checkpoint-work.ts'
import { logRunningTransactions } from './running-transactions.ts'
import type { RecoveryServices } from './services.ts'
import { removeOldSegments } from './wal-retention.ts'

/** What the checkpointer remembers from one to the next: how much WAL lies between two redo points, in bytes. */
export class CheckpointHistory {
  distance = 0
  estimate = 0

  /** The estimate rises at once and falls slowly. */
  learn(distance: number): void {
    this.distance = distance
    this.estimate = this.estimate < distance ? distance : 0.9 * this.estimate + 0.1 * distance
  }
}

export interface CheckpointOptions {
  readonly flags: number
  readonly history: CheckpointHistory
  readonly isUrgent: () => boolean
  readonly meanwhile: () => Coroutine
}

/** False: nothing has happened since the last one, so none was made. */
export function* createCheckpoint(
  me: Process,
  environment: ServerEnvironment,
  services: RecoveryServices,
  { flags, history, isUrgent, meanwhile }: CheckpointOptions,
): Coroutine<boolean> {
  const { wal, controlFile, recovery } = services
  const isShutdown = (flags & (checkpointFlags.isShutdown | checkpointFlags.endOfRecovery)) !== 0
  const statistics = newStatistics(me.now())
  if (isShutdown) yield* controlFile.update(me, { state: 'shutting down' })
  if (!isShutdown && !(flags & checkpointFlags.force) && wal.endLsn === recovery.idleUpTo) return false
  const priorRedo = controlFile.data.checkPointCopy.redo
  const oldestActiveXid = isShutdown ? 0 : services.transactions.oldestRunning()
  const redo = setRedoPoint(me, environment, services, isShutdown)
  const reason = describeFlags(flags)
  if (environment.settings.get('log_checkpoints')) environment.log.log(me, `checkpoint starting: ${reason}`)
  const { trace } = environment
  const started = trace.emit('checkpoint.started', me.place, { reason, redo }, me.cause)
  yield* waitForCommits(me, services)
  const pace = new CheckpointPace(environment, services.requests, {
    flags: isShutdown ? flags | checkpointFlags.immediate : flags,
    startedAt: statistics.startedAt,
    startLsn: redo,
    currentLsn: () => wal.insertLsn,
    isUrgent,
    meanwhile,
  })
  const unlinks = services.buffers.files.takeUnlinks()
  yield* writeEverything(me, environment, services, flags, pace, statistics)
  if (!isShutdown && !wal.isMinimal) logRunningTransactions(me, services)
  const checkPoint = content(me, services, redo, {
    isShutdown,
    oldestActiveXid,
    previousTimeline: flags & checkpointFlags.endOfRecovery ? recovery.previousTimeline : 0,
  })
  const record = wal.begin(
    resourceManagers.xlog,
    isShutdown ? xlogInfo.checkpointShutdown : xlogInfo.checkpointOnline,
    0,
  )
  appendCheckPoint(environment.version, record.data, checkPoint)
  const end = wal.insert(me, record)
  const start = wal.lastRecord
  recovery.idleUpTo = end
  yield* wal.flush(me, end)
  yield* controlFile.update(me, {
    ...(isShutdown ? { state: 'shut down' as const } : {}),
    checkPoint: start,
    checkPointCopy: checkPoint,
    minRecoveryPoint: 0,
    minRecoveryPointTimeline: 0,
  })
  // Only now it is certain that the record at the redo point is on the platter: a summary can end there.
  services.requests.walSummarizerLatch?.set(me.cause)
  services.buffers.files.unlink(unlinks)
  history.learn(redo - priorRedo)
  yield* removeOldSegments(
    me,
    environment,
    services,
    { redo, end, timeline: wal.timeline, estimate: history.estimate },
    statistics.segments,
  )
  if (!isShutdown) yield* wal.segments.preallocate(me, wal.timeline, end, statistics.segments)
  finish(me, environment, services, statistics, { reason, lsn: start, redo, history, started })
  return true
}

/**
 * From here on every first change of a page is logged whole. 17 marks the redo point of a checkpoint on a running server by
 * a record of its own.
 */
function setRedoPoint(
  me: Process,
  { version }: ServerEnvironment,
  { wal }: RecoveryServices,
  isShutdown: boolean,
): number {
  if (isShutdown || version < 17) {
    wal.redoLsn = wal.insertLsn
    return wal.redoLsn
  }
  const record = wal.begin(resourceManagers.xlog, xlogInfo.checkpointRedo, 0)
  record.data.u32(codeOf(wal.level))
  wal.insert(me, record)
  wal.redoLsn = wal.lastRecord
  return wal.redoLsn
}

/**
 * A commit whose record is before the redo point must be in the commit log before that is written. The next one of the
 * same session need not be waited for.
 */
function* waitForCommits(me: Process, { procArray }: RecoveryServices): Coroutine {
  const waitFor = procArray.procs
    .filter(proc => proc.delaysCheckpoint)
    .map(proc => ({ proc, transaction: proc.localTransactionId }))
  const isCommitting = ({ proc, transaction }: (typeof waitFor)[number]) =>
    proc.delaysCheckpoint && proc.localTransactionId === transaction && proc.process.alive
  while (waitFor.some(isCommitting)) {
    yield* me.sleep(10 * millisecond, 'CheckpointDelayStart')
  }
}

function content(
  me: Process,
  services: RecoveryServices,
  redo: number,
  about: { readonly isShutdown: boolean; readonly oldestActiveXid: number; readonly previousTimeline: number },
): CheckPoint {
  const { wal, transactions, oids } = services
  const { isShutdown, oldestActiveXid, previousTimeline } = about
  const { multiXacts } = transactions
  return {
    redo,
    timeline: wal.timeline,
    previousTimeline: previousTimeline || wal.timeline,
    fullPageWrites: wal.fullPageWrites,
    walLevel: wal.level,
    nextXid: transactions.nextXid,
    // Nobody takes any more of those that are logged ahead.
    nextOid: isShutdown ? oids.next : oids.nextLogged,
    nextMulti: multiXacts.nextMulti,
    nextMultiOffset: multiXacts.nextMember,
    oldestXid: transactions.limits.oldestXid,
    oldestXidDatabase: transactions.limits.oldestDatabase,
    oldestMulti: 1,
    oldestMultiDatabase: 1,
    time: me.now(),
    oldestActiveXid,
  }
}

function finish(
  me: Process,
  environment: ServerEnvironment,
  { buffers }: RecoveryServices,
  statistics: CheckpointStatistics,
  end: {
    readonly reason: string
    readonly lsn: number
    readonly redo: number
    readonly history: CheckpointHistory
    readonly started: number
  },
): void {
  statistics.endedAt = me.now()
  const { settings, log, trace, version } = environment
  const { lsn, redo, history, reason } = end
  const { distance, estimate } = history
  if (settings.get('log_checkpoints')) {
    const facts = versionFacts(version)
    log.log(me, describeEnd('checkpoint', statistics, buffers.size, { lsn, redo, distance, estimate }, facts))
  }
  const total = statistics.endedAt - statistics.startedAt
  trace.emit(
    'checkpoint.completed',
    me.place,
    { reason, redo, buffers: statistics.buffers, total },
    end.started || me.cause,
  )
}
