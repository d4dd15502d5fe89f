// Base backups: a copy of a running server's data directory from which a standby can begin. Mirrors what pg_basebackup
// does over a replication connection: a checkpoint, the files, the end-of-backup record, and the WAL in between.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fileAccessError } from '../shared/file-access.ts'
import { checkpointFlags } from '../shared/requests.ts'
import { segmentOf, walFilePath } from '../wal/lsn.ts'
import { xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { backupHistory, backupLabelPath, formatBackupLabel } from './backup-label.ts'
import type { RecoveryServices } from './services.ts'
import { standbySignalPath } from './start-point.ts'

/** Where a copy is made: the volumes of another node. */
export interface CopyTarget {
  readonly data: Volume
  readonly pgWal: Volume
}

/** What is not copied, or is the server's own. */
const excluded = /^(pg_wal\/|pg_replslot\/|pg_notify\/|postmaster\.pid|promote$)/

/** Copies the server to the targets; gives the redo point, from which their WAL must be kept. */
export function* takeBaseBackup(
  me: Process,
  environment: ServerEnvironment,
  services: RecoveryServices,
  targets: readonly CopyTarget[],
): Coroutine<number> {
  const { wal, requests, controlFile } = services
  const began = me.now()
  wal.backupStarted()
  yield* requests.waitForCheckpoint(me, checkpointFlags.immediate | checkpointFlags.force)
  const { checkPoint, checkPointCopy } = controlFile.data
  const { redo, timeline } = checkPointCopy
  for (const path of environment.data.list('')) {
    if (!excluded.test(path)) for (const target of targets) target.data.installCopy(path, environment.data)
  }
  const record = wal.begin(resourceManagers.xlog, xlogInfo.backupEnd, 0)
  record.data.u64(redo)
  wal.insert(me, record)
  const end = yield* wal.switchSegment(me)
  wal.backupStopped()
  const label = { redo, checkpoint: checkPoint, timeline, fromStandby: false }
  if (wal.archiveStatus.isActive) {
    const { name, content } = backupHistory(label, began, { lsn: end, at: me.now() })
    const path = `pg_wal/${name}`
    environment.pgWal.create(path)
    try {
      environment.pgWal.write(me, path, 0, encode(content))
    } catch (error) {
      throw fileAccessError(error, 'ERROR', `could not write file "${path}"`)
    }
    wal.archiveStatus.notify(me, name)
  }
  for (const target of targets) {
    for (let segment = segmentOf(redo); segment <= segmentOf(end); segment++) {
      target.pgWal.installCopy(walFilePath(timeline, segment), environment.pgWal)
    }
    target.data.install(backupLabelPath, encode(formatBackupLabel(label, began)))
    target.data.install(standbySignalPath, new Uint8Array(0))
  }
  return redo
}

function encode(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}
