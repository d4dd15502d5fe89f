// Fetching files from the archive by restore_command, and the other commands around recovery. Mirrors
// RestoreArchivedFile, KeepFileRestoredFromArchive and ExecuteRecoveryCommand of xlogarchive.c, and the parts of
// timeline.c that look for histories there.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { CommandKind } from '../machine/shell.ts'
import { type ExitStatus, signals } from '../machine/signals.ts'
import { fatal } from '../shared/error.ts'
import { segmentName, segmentOf } from '../wal/lsn.ts'
import type { RecoveryContext } from './context.ts'
import type { RecoveryServices } from './services.ts'
import { historyName, historyPath, readHistory, type TimelineEntry } from './timelines.ts'

/** A shell's exit codes above this one tell of a signal, or of a command that does not exist. */
const lastHarmlessCode = 125

/** Names that a file has in pg_wal until it is known to be whole. */
export const temporaryNames = { segment: 'RECOVERYXLOG', history: 'RECOVERYHISTORY' } as const

/**
 * Fetches a file under a temporary name; false: the archive does not have it, or cannot be asked. `size`: how long it
 * must be, in bytes.
 */
export function* restoreFromArchive(
  me: Process,
  context: RecoveryContext,
  name: string,
  temporary: string,
  size?: number,
): Coroutine<boolean> {
  const { environment, services } = context
  const { settings, pgWal, log } = environment
  const command = settings.get('restore_command')
  if (!services.recovery.archiveRequested || command === '') return false
  const path = `pg_wal/${temporary}`
  pgWal.remove(path)
  // Before redo has begun nobody knows what may be needed again.
  const oldest = services.recovery.replayedEnd === 0 ? segmentName(0, 0) : restartSegment(services)
  const status = yield* context.run(filled(command, { p: path, f: name, r: oldest }), {
    kind: 'restore_command',
    waitEvent: 'RestoreCommand',
  })
  if ('code' in status && status.code === 0) return isWhole(me, context, name, path, size)
  if ('signal' in status || status.code > lastHarmlessCode) {
    if ('signal' in status && status.signal === 'TERM') me.exit(1)
    fatal('XX000', `could not restore file "${name}" from archive: ${describeExit(status)}`)
  }
  return false

  function isWhole(me: Process, { services }: RecoveryContext, name: string, path: string, size?: number): boolean {
    const got = pgWal.sizeOf(path)
    if (got === undefined) {
      log.log(me, `could not stat file "${path}": No such file or directory`, {
        sqlstate: '58P01',
        detail: '"restore_command" returned a zero exit status, but stat() failed.',
      })
      return false
    }
    if (size === undefined || got === size) {
      log.log(me, `restored log file "${name}" from archive`)
      return true
    }
    // On a standby it may just be on its way into the archive.
    if (services.recovery.isStandby && got < size) return false
    fatal('XX000', `archive file "${name}" has wrong size: ${got} instead of ${size}`)
  }
}

/** Gives a fetched file its place in pg_wal, over what was there. */
export function keepRestored(me: Process, { environment, services }: RecoveryContext, temporary: string, name: string) {
  environment.pgWal.rename(`pg_wal/${temporary}`, `pg_wal/${name}`)
  services.wal.archiveStatus.received(me, name)
  services.requests.wakePhysicalSenders(me.cause)
}

/** recovery_end_command or archive_cleanup_command, where there is one. */
export function* runRecoveryCommand(
  me: Process,
  { environment, services, run }: Pick<RecoveryContext, 'environment' | 'services' | 'run'>,
  kind: Exclude<CommandKind, 'archive_command' | 'restore_command'>,
): Coroutine {
  const command = environment.settings.get(kind)
  if (command === '') return
  const waitEvent = kind === 'recovery_end_command' ? 'RecoveryEndCommand' : 'ArchiveCleanupCommand'
  const status = yield* run(filled(command, { r: restartSegment(services) }), { kind, waitEvent })
  if ('code' in status && status.code === 0) return
  const message = `${kind} "${command}": ${describeExit(status)}`
  const isSignal = 'signal' in status || status.code > lastHarmlessCode
  if (isSignal && kind === 'recovery_end_command') fatal('XX000', message)
  environment.log.report(me, { level: 'WARNING', sqlstate: '01000', message })
}

/** The segment from which the last restartpoint would begin: older ones are of no use to this server. */
function restartSegment({ controlFile }: RecoveryServices): string {
  const { redo, timeline } = controlFile.data.checkPointCopy
  return segmentName(timeline, segmentOf(redo))
}

function filled(command: string, values: Readonly<Record<string, string>>): string {
  return command.replace(/%(.)/g, (all, what: string) => (what === '%' ? '%' : (values[what] ?? all)))
}

function describeExit(status: ExitStatus): string {
  if ('signal' in status) {
    const { number, description } = signals[status.signal]
    return `child process was terminated by signal ${number}: ${description}`
  }
  if (status.code === 127) return 'command not found'
  return status.code === 126 ? 'command not executable' : `child process exited with exit code ${status.code}`
}

// Histories of timelines

/** Whether the archive or pg_wal has this timeline's history. */
export function* hasHistory(me: Process, context: RecoveryContext, timeline: number): Coroutine<boolean> {
  if (yield* restoreFromArchive(me, context, historyName(timeline), temporaryNames.history)) return true
  return context.environment.pgWal.exists(historyPath(timeline))
}

/** The newest that has a history, from `timeline` on. */
export function* findNewestTimeline(me: Process, context: RecoveryContext, timeline: number): Coroutine<number> {
  let newest = timeline
  while (yield* hasHistory(me, context, newest + 1)) newest++
  return newest
}

/** The history of a timeline, fetched from the archive if it is there. */
export function* fetchHistory(me: Process, context: RecoveryContext, timeline: number): Coroutine<TimelineEntry[]> {
  const name = historyName(timeline)
  if (timeline > 1 && (yield* restoreFromArchive(me, context, name, temporaryNames.history))) {
    keepRestored(me, context, temporaryNames.history, name)
  }
  return readHistory(context.environment.pgWal, timeline)
}

/** Histories between the two timelines, for standbys of this server and for its own archive. */
export function* restoreHistoriesBetween(
  me: Process,
  context: RecoveryContext,
  first: number,
  last: number,
): Coroutine {
  for (let timeline = Math.max(first, 2); timeline < last; timeline++) {
    const name = historyName(timeline)
    if (yield* restoreFromArchive(me, context, name, temporaryNames.history)) {
      keepRestored(me, context, temporaryNames.history, name)
    }
  }
}
