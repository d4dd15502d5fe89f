// Base backups in archives: taken from a server that goes on working, and made into a server again. It mirrors what an
// administrator has: pg_backup_start and pg_backup_stop around a copy without its WAL, which the archive has.

import { second } from '../../../model/units.ts'
import type { Ordered, RequestOf } from '../../engine.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Archive } from '../machine/archive.ts'
import { File } from '../machine/file.ts'
import type { Process } from '../machine/process.ts'
import { backupLabelPath } from '../recovery/backup-label.ts'
import { beginBackup, endBackup, filesToCopy } from '../recovery/base-backup.ts'
import { recoverySignalPath, standbySignalPath } from '../recovery/start-point.ts'
import { PostgresError } from '../shared/error.ts'
import { formatTimestampTz } from '../shared/timestamp.ts'
import { segmentName } from '../wal/lsn.ts'
import type { ClusterNode } from './cluster-node.ts'

/** Files are copied in pieces of so many bytes: what changes meanwhile is copied as it is then. */
const pieceSize = 1024 * 1024
/** How often a backup looks whether its WAL is in the archive. */
const archiveInterval = second
/** Below this directory an archive keeps its base backups, the newest alone. */
const directory = 'base/'
const settingsName = 'base.conf'

/** Copies the server into the archive; done when the archive has the WAL that the copy needs, too. */
export function* takeBackup(me: Process, node: ClusterNode, archive: Archive): Coroutine<Ordered> {
  const { environment, shared, postmaster } = node.server
  const services = shared
  const isSame = () => node.postmaster === postmaster
  try {
    const backup = yield* beginBackup(me, environment, services)
    const copies = new Map<string, File>()
    for (const path of filesToCopy(environment)) {
      const copy = yield* copyFile(me, node, archive, path)
      if (!isSame()) return { refused: 'the server has ended meanwhile' }
      if (copy) copies.set(path, copy)
    }
    const finished = yield* endBackup(me, environment, services, backup)
    for (const name of archive.list(directory)) archive.remove(name)
    for (const [path, file] of copies) archive.add(directory + path, file)
    archive.add(directory + backupLabelPath, fileOf(finished.labelFile))
    archive.add(settingsName, fileOf(new TextEncoder().encode(JSON.stringify(node.settingTexts()))))
    const { archiveStatus } = services.wal
    const last = segmentName(finished.timeline, finished.lastSegment)
    const waits = () => archiveStatus.isReady(last) || archiveStatus.isReady(finished.history!)
    while (archiveStatus.isActive && waits()) {
      yield* me.sleep(archiveInterval, 'BackupWaitWalArchive')
      if (!isSame()) return { refused: 'the server has ended meanwhile' }
    }
    return {}
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    return { refused: error.message }
  }
}

function* copyFile(me: Process, node: ClusterNode, archive: Archive, path: string): Coroutine<File | undefined> {
  const { data } = node.server.environment
  const found = data.find(path)
  if (!found) return undefined
  const copy = new File()
  for (let offset = 0; offset < found.size; offset += pieceSize) {
    const piece = new Uint8Array(Math.min(pieceSize, found.size - offset))
    found.read(offset, piece)
    copy.write(offset, piece, me.now())
    yield* me.sleep(Math.ceil((piece.length / archive.bandwidth) * 1e9), 'BaseBackupWrite')
  }
  // A file may be dropped while it is copied: then the WAL tells of that.
  return data.find(path) === found ? copy : undefined
}

/** Makes the node's files from the backup in the archive, and starts it. */
export function* restoreBackup(
  me: Process,
  node: ClusterNode,
  archive: Archive,
  restoreCommand: string,
  { settings, targetTime, keepsLabel, signal, cause }: RequestOf<'restore'>,
): Coroutine<Ordered> {
  const { environment } = node.server
  const names = archive.list(directory)
  if (names.length === 0) return { refused: 'there is no base backup in the archive' }
  if (node.postmaster) return { refused: `${node.name} runs` }
  yield* me.sleep(archive.latency, 'BaseBackupRead')
  for (const name of names) {
    const file = archive.get(name)!
    yield* me.sleep(Math.ceil((file.size / archive.bandwidth) * 1e9), 'BaseBackupRead')
    environment.data.receive(name.slice(directory.length), file)
  }
  if (!keepsLabel) environment.data.remove(backupLabelPath)
  if (signal === 'recovery') environment.data.install(recoverySignalPath, new Uint8Array(0))
  if (signal === 'standby') environment.data.install(standbySignalPath, new Uint8Array(0))
  const copied = JSON.parse(new TextDecoder().decode(contentOf(archive.get(settingsName)!)))
  const target = targetTime === undefined ? {} : { recovery_target_time: formatTimestampTz(targetTime) }
  return node.start({ ...copied, restore_command: restoreCommand, ...target, ...settings }, cause)
}

function fileOf(bytes: Uint8Array): File {
  const file = new File()
  file.write(0, bytes, 0)
  return file
}

function contentOf(file: File): Uint8Array {
  const bytes = new Uint8Array(file.size)
  file.read(0, bytes)
  return bytes
}
