// Where recovery begins: what pg_control and backup_label say, and what the log says of that. Mirrors the first part of
// StartupXLOG (xlog.c) and InitWalRecovery (xlogrecovery.c).

import { formatLsn } from '../../../model/format.ts'
import { microsecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import { FileError } from '../machine/file-error.ts'
import type { Process } from '../machine/process.ts'
import { dataDirectoryOf } from '../shared/environment.ts'
import { fatal, panic } from '../shared/error.ts'
import { formatTimestamp } from '../shared/timestamp.ts'
import { versionFacts } from '../shared/versions.ts'
import { type CheckPoint, readCheckPoint } from '../wal/checkpoint-record.ts'
import type { ControlFileData } from '../wal/control-file.ts'
import { WalReader } from '../wal/reader.ts'
import { resourceManagerInfoMask, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { findNewestTimeline, hasHistory } from './archive-restore.ts'
import { type BackupLabel, backupLabelPath, readBackupLabel } from './backup-label.ts'
import type { RecoveryContext } from './context.ts'
import { announce, type RecoveryTarget, readTarget } from './recovery-target.ts'
import { switchPoint, timelineAt } from './timelines.ts'
import { RecoverySource, type TimelineGoal } from './wal-source.ts'

export const standbySignalPath = 'standby.signal'

export const recoverySignalPath = 'recovery.signal'

export interface StartPoint {
  readonly source: RecoverySource
  readonly reader: WalReader
  /** Where recovery is to stop; undefined: at the end of the WAL. */
  readonly target: RecoveryTarget | undefined
  /** It is to be a standby, once it has recovered from a crash of its own. */
  readonly isForStandby: boolean
  /** The checkpoint record that recovery begins with. */
  readonly record: WalRecord
  readonly checkPoint: CheckPoint
  /** There is something to replay, or there may be. */
  readonly needsRecovery: boolean
  readonly label: BackupLabel | undefined
}

/** A fresh cluster has about so many files; opening one to flush it costs this, even if it has nothing to flush. */
const filesOfCluster = 970
const openAndFlush = 55 * microsecond

export function* findStartPoint(me: Process, context: RecoveryContext): Coroutine<StartPoint> {
  const { environment, services } = context
  const { log, data, version } = environment
  const control = services.controlFile.data
  announceState(me, context, control)
  if (control.state !== 'shut down' && control.state !== 'shut down in recovery') {
    services.wal.segments.removeTemporary()
    yield* syncDataDirectory(me, context)
  }
  const label = readBackupLabel(data)
  const { recovery } = services
  const isForStandby = data.exists(standbySignalPath)
  recovery.archiveRequested = isForStandby || data.exists(recoverySignalPath)
  const target = recovery.archiveRequested ? readTarget(environment.settings) : undefined
  const goal = yield* findGoal(me, context, isForStandby)
  const facts = versionFacts(version)
  const announcement = isForStandby ? 'entering standby mode' : announce(target)
  const isLate = facts.backupRedoBeforeStandbyMode
  if (recovery.archiveRequested && !isLate) log.log(me, announcement)
  // Without a label only these tell how far the data must be recovered to make sense: else from a crash first.
  const knowsMinimum = control.minRecoveryPoint !== 0 || control.backupEndRequired || control.state === 'shut down'
  recovery.inArchiveRecovery = label !== undefined || (recovery.archiveRequested && knowsMinimum)
  recovery.isStandby = recovery.inArchiveRecovery && isForStandby
  if (label) {
    const positions = `redo LSN ${formatLsn(label.redo)}, checkpoint LSN ${formatLsn(label.checkpoint)}`
    log.log(me, `starting backup recovery with ${positions}, on timeline ID ${label.timeline}`)
  } else if (control.backupStartPoint !== 0) {
    log.log(me, `restarting backup recovery with redo LSN ${formatLsn(control.backupStartPoint)}`)
  }
  const source = new RecoverySource(context, goal)
  const reader = new WalReader(version, source, control.systemIdentifier)
  const checkpoint = label ?? {
    redo: control.checkPointCopy.redo,
    checkpoint: control.checkPoint,
    timeline: control.checkPointCopy.timeline,
  }
  source.fetchingFrom = checkpoint
  const record = yield* readCheckpointRecord(me, context, reader, checkpoint.checkpoint, label !== undefined)
  source.fetchingFrom = undefined
  if (recovery.archiveRequested && isLate) log.log(me, announcement)
  const checkPoint = readCheckPoint(new DataView(record.data.buffer, record.data.byteOffset), 0)
  refuseOtherHistory(source, checkpoint, control)
  return {
    source,
    reader,
    target,
    isForStandby,
    record,
    checkPoint,
    needsRecovery:
      recovery.archiveRequested ||
      checkPoint.redo < checkpoint.checkpoint ||
      control.state !== 'shut down' ||
      label !== undefined,
    label,
  }
}

/** The timeline to recover to: what recovery_target_timeline says, if anything beyond pg_wal was asked for. */
function* findGoal(me: Process, context: RecoveryContext, isForStandby: boolean): Coroutine<TimelineGoal> {
  const { environment, services } = context
  const { settings, log } = environment
  const { checkPointCopy, minRecoveryPointTimeline } = services.controlFile.data
  const own = Math.max(checkPointCopy.timeline, minRecoveryPointTimeline)
  if (!services.recovery.archiveRequested) return { timeline: own, followsLatest: false }
  const { settingName } = versionFacts(environment.version)
  const canRestore = settings.get('restore_command') !== ''
  if (!isForStandby && !canRestore) {
    fatal('22023', `must specify ${settingName('restore_command')} when standby mode is not enabled`)
  }
  if (isForStandby && !canRestore && settings.get('primary_conninfo') === '') {
    log.report(me, {
      level: 'WARNING',
      sqlstate: '01000',
      message: `specified neither ${settingName('primary_conninfo')} nor ${settingName('restore_command')}`,
      hint: 'The database server will regularly poll the pg_wal subdirectory to check for files placed there.',
    })
  }
  const wanted = settings.get('recovery_target_timeline')
  if (wanted === 'current') return { timeline: own, followsLatest: false }
  if (wanted === 'latest') return { timeline: yield* findNewestTimeline(me, context, own), followsLatest: true }
  const timeline = Number(wanted)
  if (timeline !== 1 && !(yield* hasHistory(me, context, timeline))) {
    fatal('22023', `recovery target timeline ${timeline} does not exist`)
  }
  return { timeline, followsLatest: false }
}

/** What the data comes from must be part of the history that it is to be recovered to. */
function refuseOtherHistory(
  { target, history }: RecoverySource,
  { checkpoint, timeline }: { readonly checkpoint: number; readonly timeline: number },
  { minRecoveryPoint, minRecoveryPointTimeline }: ControlFileData,
): void {
  if (timelineAt(history, checkpoint) !== timeline) {
    const fork = switchPoint(history, timeline)
    if (fork === undefined) fatal('XX000', `requested timeline ${timeline} is not in this server's history`)
    fatal('XX000', `requested timeline ${target} is not a child of this server's history`, {
      detail:
        `Latest checkpoint is at ${formatLsn(checkpoint)} on timeline ${timeline}, ` +
        `but in the history of the requested timeline, the server forked off from that timeline at ${formatLsn(fork)}.`,
    })
  }
  if (minRecoveryPoint === 0 || timelineAt(history, minRecoveryPoint - 1) === minRecoveryPointTimeline) return
  const place = `${formatLsn(minRecoveryPoint)} on timeline ${minRecoveryPointTimeline}`
  fatal('XX000', `requested timeline ${target} does not contain minimum recovery point ${place}`)
}

function* readCheckpointRecord(
  me: Process,
  { environment }: RecoveryContext,
  reader: WalReader,
  lsn: number,
  isFromLabel: boolean,
): Coroutine<WalRecord> {
  const { log, version } = environment
  reader.begin(lsn)
  const record = yield* reader.next(me)
  const info = record ? record.info & resourceManagerInfoMask : -1
  const isCheckpoint =
    record?.resourceManager === resourceManagers.xlog &&
    (info === xlogInfo.checkpointShutdown || info === xlogInfo.checkpointOnline)
  if (record && isCheckpoint) return record
  const facts = versionFacts(version)
  if (reader.ending?.message !== undefined) log.log(me, reader.ending.message)
  if (isFromLabel) {
    log.log(me, 'invalid checkpoint record')
    fatal('XX000', facts.noRequiredCheckpoint(lsn), { hint: restoreHint(dataDirectoryOf(environment)) })
  }
  log.log(me, facts.invalidCheckpoint)
  panic('XX000', facts.noCheckpoint(lsn))
}

function restoreHint(directory: string): string {
  return (
    `If you are restoring from a backup, touch "${directory}/recovery.signal" and add required recovery options.\n` +
    `If you are not restoring from a backup, try removing the file "${directory}/backup_label".\n` +
    `Be careful: removing "${directory}/backup_label" will result in a corrupt cluster if restoring from a backup.`
  )
}

function announceState(me: Process, { environment: { log } }: RecoveryContext, control: ControlFileData): void {
  const time = formatTimestamp(control.time)
  switch (control.state) {
    case 'shut down':
      log.log(me, `database system was shut down at ${time}`)
      return
    case 'shut down in recovery':
      log.log(me, `database system was shut down in recovery at ${time}`)
      return
    case 'shutting down':
      log.log(me, `database system shutdown was interrupted; last known up at ${time}`)
      return
    case 'in crash recovery':
      log.log(me, `database system was interrupted while in recovery at ${time}`, {
        hint: 'This probably means that some data is corrupted and you will have to use the last backup for recovery.',
      })
      return
    case 'in archive recovery':
      log.log(
        me,
        `database system was interrupted while in recovery at log time ${formatTimestamp(control.checkPointCopy.time)}`,
        {
          hint: 'If this has occurred more than once some data might be corrupted and you might need to choose an earlier recovery target.',
        },
      )
      return
    default:
      log.log(me, `database system was interrupted; last known up at ${time}`)
  }
}

/** After a crash nobody knows what the page cache still holds back: every file is flushed before redo reads one. */
function* syncDataDirectory(me: Process, { environment }: RecoveryContext): Coroutine {
  const { data, pgWal, settings, log } = environment
  if (!settings.get('fsync')) return
  me.charge(filesOfCluster * openAndFlush)
  yield* me.pause()
  for (const volume of data === pgWal ? [data] : [data, pgWal]) {
    for (const path of volume.list('')) {
      if (volume.isDurable(path)) continue
      try {
        yield* volume.fsync(me, path, 'DataFileSync')
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        log.log(me, `could not fsync file "./${path}": ${error.message}`, { sqlstate: '58030' })
      }
    }
  }
}

export function removeBackupLabel({ environment: { data } }: RecoveryContext): void {
  if (data.exists(backupLabelPath)) data.rename(backupLabelPath, `${backupLabelPath}.old`)
}
