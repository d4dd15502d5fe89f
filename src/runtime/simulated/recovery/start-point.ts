// Where recovery begins: what pg_control and backup_label say, and what the log says of that. Mirrors the first part of
// StartupXLOG (xlog.c) and InitWalRecovery (xlogrecovery.c).

import { formatLsn } from '../../../model/format.ts'
import { microsecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import { FileError } from '../machine/file-error.ts'
import type { Process } from '../machine/process.ts'
import { panic } from '../shared/error.ts'
import { formatTimestamp } from '../shared/timestamp.ts'
import { versionFacts } from '../shared/versions.ts'
import { type CheckPoint, readCheckPoint } from '../wal/checkpoint-record.ts'
import type { ControlFileData } from '../wal/control-file.ts'
import { WalReader } from '../wal/reader.ts'
import { resourceManagerInfoMask, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { backupLabelPath, readBackupLabel } from './backup-label.ts'
import type { RecoveryContext } from './context.ts'
import { RecoverySource } from './wal-source.ts'

export const standbySignalPath = 'standby.signal'

export interface StartPoint {
  readonly source: RecoverySource
  readonly reader: WalReader
  /** The checkpoint record that recovery begins with. */
  readonly record: WalRecord
  readonly checkPoint: CheckPoint
  /** There is something to replay, or there may be. */
  readonly needsRecovery: boolean
  readonly hasBackupLabel: boolean
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
  recovery.isStandby = data.exists(standbySignalPath)
  recovery.inArchiveRecovery = recovery.isStandby
  const facts = versionFacts(version)
  if (recovery.isStandby && !(label && facts.backupRedoBeforeStandbyMode)) log.log(me, 'entering standby mode')
  if (label) {
    const positions = `redo LSN ${formatLsn(label.redo)}, checkpoint LSN ${formatLsn(label.checkpoint)}`
    log.log(me, `starting backup recovery with ${positions}, on timeline ID ${label.timeline}`)
    if (recovery.isStandby && facts.backupRedoBeforeStandbyMode) log.log(me, 'entering standby mode')
  }
  const timeline = label?.timeline ?? control.checkPointCopy.timeline
  const source = new RecoverySource(context, timeline)
  const reader = new WalReader(version, source, control.systemIdentifier)
  const checkpointLsn = label?.checkpoint ?? control.checkPoint
  const record = yield* readCheckpointRecord(me, context, reader, checkpointLsn)
  const checkPoint = readCheckPoint(new DataView(record.data.buffer, record.data.byteOffset), 0)
  if (recovery.isStandby) source.followLatest()
  return {
    source,
    reader,
    record,
    checkPoint,
    needsRecovery:
      recovery.inArchiveRecovery ||
      checkPoint.redo < checkpointLsn ||
      control.state !== 'shut down' ||
      label !== undefined,
    hasBackupLabel: label !== undefined,
  }
}

function* readCheckpointRecord(
  me: Process,
  { environment: { log, version } }: RecoveryContext,
  reader: WalReader,
  lsn: number,
): Coroutine<WalRecord> {
  reader.begin(lsn)
  const record = yield* reader.next(me)
  const info = record ? record.info & resourceManagerInfoMask : -1
  const isCheckpoint =
    record?.resourceManager === resourceManagers.xlog &&
    (info === xlogInfo.checkpointShutdown || info === xlogInfo.checkpointOnline)
  if (record && isCheckpoint) return record
  const facts = versionFacts(version)
  if (reader.ending?.message !== undefined) log.log(me, reader.ending.message)
  log.log(me, facts.invalidCheckpoint)
  panic('XX000', facts.noCheckpoint(lsn))
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
