// Base backups: a copy of a running server's data directory from which another can begin. Mirrors what pg_basebackup
// does over a replication connection: a checkpoint, the files, the end-of-backup record. Who copies the files, and where
// the WAL in between comes from, is for those who want the copy.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fileAccessError } from '../shared/file-access.ts'
import { checkpointFlags } from '../shared/requests.ts'
import { isTemporaryFile } from '../storage/temporary-files.ts'
import { previousSegmentOf, segmentOf, walFilePath } from '../wal/lsn.ts'
import { xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { refuseMinimal } from '../wal/wal-level.ts'
import { type BackupLabel, backupHistory, backupLabelPath, formatBackupLabel } from './backup-label.ts'
import type { RecoveryServices } from './services.ts'
import { standbySignalPath } from './start-point.ts'
import { unloggedForks } from './unlogged-relations.ts'

/** Where a copy is made: the volumes of another node. */
export interface CopyTarget {
  readonly data: Volume
  readonly pgWal: Volume
}

/** A backup that has begun; times are nanoseconds. */
export interface BackupUnderWay {
  readonly label: BackupLabel
  readonly began: number
}

export interface FinishedBackup {
  readonly labelFile: Uint8Array
  /** Segments that a copy needs, the last one included. */
  readonly firstSegment: number
  readonly lastSegment: number
  readonly timeline: number
  /** The file in which the archive is told of the backup, if there is one. */
  readonly history?: string
}

/** What is not copied, or is the server's own. */
const excluded = /^(pg_wal\/|pg_replslot\/|pg_notify\/|postmaster\.pid|promote$|backup_label\.old$)/

/** Paths in the data directory that belong into a copy. */
export function filesToCopy({ data }: ServerEnvironment): readonly string[] {
  const unlogged = new Set(unloggedForks(data))
  return data.list('').filter(path => !excluded.test(path) && !isTemporaryFile(path) && !unlogged.has(path))
}

/** From here on every page is logged whole that is changed for the first time since the checkpoint. */
export function* beginBackup(
  me: Process,
  { version }: ServerEnvironment,
  { wal, requests, controlFile }: RecoveryServices,
): Coroutine<BackupUnderWay> {
  refuseMinimal(wal, version, 'making an online backup')
  const began = me.now()
  wal.backupStarted()
  // A copy begins with a segment, so that nothing before it is needed.
  yield* wal.switchSegment(me)
  yield* requests.waitForCheckpoint(me, checkpointFlags.immediate | checkpointFlags.force)
  const { checkPoint, checkPointCopy } = controlFile.data
  const { redo, timeline } = checkPointCopy
  return { label: { redo, checkpoint: checkPoint, timeline, fromStandby: false, method: 'streamed' }, began }
}

/** All files are copied: the copy makes sense once its WAL is replayed up to here. */
export function* endBackup(
  me: Process,
  environment: ServerEnvironment,
  { wal }: RecoveryServices,
  { label, began }: BackupUnderWay,
): Coroutine<FinishedBackup> {
  const record = wal.begin(resourceManagers.xlog, xlogInfo.backupEnd, 0)
  record.data.u64(label.redo)
  wal.insert(me, record)
  const end = yield* wal.switchSegment(me)
  wal.backupStopped()
  const finished = {
    labelFile: encode(formatBackupLabel(label, began)),
    firstSegment: segmentOf(label.redo),
    lastSegment: previousSegmentOf(end),
    timeline: label.timeline,
  }
  if (!wal.archiveStatus.isActive) return finished
  const { name, content } = backupHistory(label, began, { lsn: end, at: me.now() })
  const path = `pg_wal/${name}`
  environment.pgWal.create(path)
  try {
    environment.pgWal.write(me, path, 0, encode(content))
  } catch (error) {
    throw fileAccessError(error, 'ERROR', `could not write file "${path}"`)
  }
  wal.archiveStatus.notify(me, name)
  return { ...finished, history: name }
}

/** Copies the server to the targets at one instant; gives the redo point, from which their WAL must be kept. */
export function* copyToStandbys(
  me: Process,
  environment: ServerEnvironment,
  services: RecoveryServices,
  targets: readonly CopyTarget[],
): Coroutine<number> {
  const backup = yield* beginBackup(me, environment, services)
  for (const path of filesToCopy(environment)) {
    for (const target of targets) target.data.installCopy(path, environment.data)
  }
  const { labelFile, firstSegment, lastSegment, timeline } = yield* endBackup(me, environment, services, backup)
  for (const target of targets) {
    for (let segment = firstSegment; segment <= lastSegment; segment++) {
      target.pgWal.installCopy(walFilePath(timeline, segment), environment.pgWal)
    }
    target.data.install(backupLabelPath, labelFile)
    target.data.install(standbySignalPath, new Uint8Array(0))
  }
  return backup.label.redo
}

function encode(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}
