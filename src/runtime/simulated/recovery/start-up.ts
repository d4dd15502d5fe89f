// The startup process's story: reads pg_control, replays what must be replayed, and hands the server over to those who
// write. Mirrors StartupXLOG of xlog.c.

import { formatLsn } from '../../../model/format.ts'
import { microsecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { fatal, panic } from '../shared/error.ts'
import { checkpointFlags } from '../shared/requests.ts'
import { restoreStatistics } from '../statistics/statistics-file.ts'
import { transactionStatus } from '../storage/commit-log.ts'
import { removeRelationCacheFiles } from '../storage/relation-cache-files.ts'
import { recoverPrepared } from '../transactions/prepare.ts'
import type { ControlFileData } from '../wal/control-file.ts'
import { resourceManagerInfoMask, xlogInfo } from '../wal/record.ts'
import { restoreHistoriesBetween, runRecoveryCommand } from './archive-restore.ts'
import type { BackupLabel } from './backup-label.ts'
import type { RecoveryContext } from './context.ts'
import { redoContext } from './describe-record.ts'
import { insertEndOfRecovery } from './end-of-recovery-record.ts'
import { type Branch, beginTimeline, leaveTimeline } from './new-timeline.ts'
import { insertOverwrite } from './overwrite-record.ts'
import { noTarget } from './recovery-target.ts'
import { redo } from './redo.ts'
import { checkRequiredParameters, reportParameters } from './required-parameters.ts'
import { stopSlotSync } from './slot-sync-stop.ts'
import { findStartPoint, removeBackupLabel, type StartPoint } from './start-point.ts'
import { keepMinRecoveryPoint } from './state-changes.ts'
import { initializeUnlogged, removeUnlogged } from './unlogged-relations.ts'

/** What a start costs besides: reading directories at its beginning, throwing away what is old at its end. */
const startCost = 1500 * microsecond
const endCost = 2000 * microsecond

export function* startUp(me: Process, context: RecoveryContext): Coroutine {
  const { environment, services } = context
  const { recovery, transactions, commitLog, controlFile } = services
  me.charge(startCost)
  yield* me.pause()
  restoreStatistics(environment.data, services.statistics, controlFile.data.state.startsWith('shut down'))
  const start = yield* findStartPoint(me, context)
  const { checkPoint } = start
  removeRelationCacheFiles(environment)
  services.slots.refuseUselessSlots(recovery.isStandby)
  services.slots.review(me.cause)
  transactions.start(checkPoint.nextXid, start.needsRecovery)
  transactions.limits.take(checkPoint.oldestXid, checkPoint.oldestXidDatabase)
  if (!start.needsRecovery) transactions.limits.review(me, checkPoint.nextXid)
  transactions.multiXacts.start(checkPoint.nextMulti, checkPoint.nextMultiOffset)
  services.oids.start(checkPoint.nextOid)
  services.wal.redoLsn = checkPoint.redo
  yield* commitLog.load(me)
  transactions.prepared.restore(me, checkPoint.nextXid, xid => commitLog.status(xid) !== transactionStatus.inProgress)
  yield* restoreHistoriesBetween(me, context, checkPoint.timeline, start.source.target)
  let reason = noTarget
  if (start.needsRecovery) yield* enterRecovery(me, context, start)
  services.origins.restore(me)
  if (start.needsRecovery) {
    const stop = yield* redo(me, context, start)
    if (recovery.isStandby) {
      yield* start.source.shutDownReceiver(me)
      yield* stopSlotSync(me, context)
    }
    recovery.isStandby = false
    if (recovery.archiveRequested) yield* readLastAgain(me, context, start)
    refuseInconsistent(context)
    yield* initializeUnlogged(me, environment)
    reason = stop?.reason ?? reason
  }
  const branch = yield* beginWriting(me, context, start, reason)
  const wasPromoted = branch !== undefined && recovery.promoteTriggered
  commitLog.trim(transactions.nextXid)
  recoverPrepared(me, transactions)
  transactions.endRecovery()
  if (start.needsRecovery) {
    const { endOfRecovery, immediate } = checkpointFlags
    if (wasPromoted) yield* markEndOfRecovery(me, context)
    else yield* services.requests.waitForCheckpoint(me, endOfRecovery | immediate)
    if (branch !== undefined) {
      yield* runRecoveryCommand(me, context, 'recovery_end_command')
      leaveTimeline(me, context, branch)
    }
  }
  yield* reportParameters(me, environment, services)
  yield* controlFile.update(me, {
    state: 'in production',
    ...(wasPromoted ? {} : { minRecoveryPoint: 0, minRecoveryPointTimeline: 0 }),
  })
  me.charge(endCost)
  yield* me.pause()
  recovery.inRecovery = false
  services.slots.review(me.cause)
  recovery.ended.broadcast(me.cause)
  services.requests.wakeWalSenders(me.cause)
  if (wasPromoted) services.requests.requestCheckpoint(checkpointFlags.force, me.cause)
}

/** From now on a crash leads back into this recovery. */
function* enterRecovery(me: Process, context: RecoveryContext, start: StartPoint): Coroutine {
  const { environment, services } = context
  const { controlFile, recovery } = services
  const { checkPoint, record, label } = start
  const control = controlFile.data
  if (!recovery.inArchiveRecovery) {
    environment.log.log(me, 'database system was not properly shut down; automatic recovery in progress')
    const { timeline } = control.checkPointCopy
    const { target } = start.source
    if (target > timeline) {
      environment.log.log(me, `crash recovery starts in timeline ${timeline} and has target timeline ${target}`)
    }
  }
  const isNewer = control.minRecoveryPoint < checkPoint.redo
  const fromBackup = label !== undefined || control.backupStartPoint !== 0
  recovery.backupRedo = fromBackup ? checkPoint.redo : 0
  yield* controlFile.update(me, {
    state: recovery.inArchiveRecovery ? 'in archive recovery' : 'in crash recovery',
    checkPoint: record.start,
    checkPointCopy: checkPoint,
    ...(recovery.inArchiveRecovery && isNewer
      ? { minRecoveryPoint: checkPoint.redo, minRecoveryPointTimeline: checkPoint.timeline }
      : {}),
    ...(label ? backupBounds(context, label, checkPoint.redo) : {}),
  })
  if (label) removeBackupLabel(context)
  yield* checkRequiredParameters(me, context)
  removeUnlogged(environment.data)
  if (!recovery.archiveRequested) return
  const { conflicts } = services.transactions
  conflicts.isHotStandby = environment.settings.get('hot_standby')
  conflicts.context = () => recovery.record && redoContext(recovery.record, environment.version)
  const isShutdown = (record.info & resourceManagerInfoMask) === xlogInfo.checkpointShutdown
  if (isShutdown) services.standbyRedo.applyShutdown(checkPoint.nextXid)
  if (recovery.inArchiveRecovery) keepMinRecoveryPoint(context)
}

/** What must be replayed before the copy makes sense: its end-of-backup record, or as far as its source was. */
function backupBounds({ services }: RecoveryContext, label: BackupLabel, redo: number): Partial<ControlFileData> {
  const { state, minRecoveryPoint } = services.controlFile.data
  const bounds = { backupStartPoint: redo, backupEndRequired: label.method === 'streamed' }
  if (!label.fromStandby) return bounds
  if (state !== 'in archive recovery' && state !== 'shut down in recovery') {
    fatal('XX000', 'backup_label contains data inconsistent with control file', {
      hint: 'This means that the backup is corrupted and you will have to use another backup for recovery.',
    })
  }
  return { ...bounds, backupEndPoint: minRecoveryPoint }
}

/** The last record that counts is read once more: its file is the one that the new timeline begins in. */
function* readLastAgain(me: Process, { services }: RecoveryContext, { reader, source, record }: StartPoint): Coroutine {
  const { replayedStart, records } = services.recovery
  const lsn = records === 0 ? record.start : replayedStart
  source.seek()
  source.startOver()
  reader.begin(lsn)
  if (!(yield* reader.next(me))) panic('XX000', `could not read the last record again, at ${formatLsn(lsn)}`)
}

/** The WAL must reach as far as the data does: through the backup that it comes from, and to every page that was written. */
function refuseInconsistent({ environment, services }: RecoveryContext): void {
  const { recovery, controlFile } = services
  const { backupStartPoint, backupEndRequired, minRecoveryPoint } = controlFile.data
  if (!recovery.archiveRequested && !backupEndRequired) return
  const isShort = recovery.replayedEnd < minRecoveryPoint
  const sqlstate = environment.version < 16 ? 'XX000' : '55000'
  if (backupEndRequired || backupStartPoint !== 0) {
    fatal(sqlstate, 'WAL ends before end of online backup', {
      hint: 'All WAL generated while online backup was taken must be available at recovery.',
    })
  }
  if (isShort) fatal(sqlstate, 'WAL ends before consistent recovery point')
}

/** The WAL goes on behind the last record that is whole. If the server was promoted, gives where it leaves its old timeline. */
function* beginWriting(
  me: Process,
  context: RecoveryContext,
  start: StartPoint,
  reason: string,
): Coroutine<Branch | undefined> {
  const { services } = context
  const { recovery, wal } = services
  const { reader, source, checkPoint } = start
  // A new timeline has only whole records of the old one.
  const broken = start.needsRecovery && !recovery.archiveRequested ? reader.ending?.aborted : undefined
  const end = broken?.missing ?? reader.end
  const isPromoted = recovery.archiveRequested
  const parent = start.needsRecovery ? recovery.replayedTimeline : checkPoint.timeline
  const branch = { parent: source.target, replayed: parent, file: source.timeline, end, reason }
  const timeline = isPromoted ? yield* beginTimeline(me, context, branch) : parent
  yield* wal.startInserting(me, {
    timeline,
    end,
    lastRecord: reader.lastRecord,
    redo: checkPoint.redo,
    overwritesContrecord: broken !== undefined,
  })
  recovery.inArchiveRecovery = false
  recovery.archiveRequested = false
  recovery.idleUpTo = end
  yield* wal.segments.preallocate(me, wal.timeline, wal.endLsn, { added: 0, removed: 0, recycled: 0 })
  if (broken) yield* wal.flush(me, insertOverwrite(me, wal, broken.record))
  return isPromoted ? branch : undefined
}

function* markEndOfRecovery(me: Process, { environment, services }: RecoveryContext): Coroutine {
  const { wal, recovery, controlFile } = services
  const lsn = insertEndOfRecovery(me, wal, recovery.previousTimeline, environment.version)
  yield* wal.flush(me, lsn)
  yield* controlFile.update(me, { minRecoveryPoint: lsn, minRecoveryPointTimeline: wal.timeline })
}
