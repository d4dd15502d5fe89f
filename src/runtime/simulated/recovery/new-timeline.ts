// How a promoted server leaves its primary's timeline: a history file, and the last segment copied under the new name.
// Mirrors the end of FinishWalRecovery, XLogInitNewTimeline and XLogFileCopy.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { fileAccessError, syncFile } from '../shared/file-access.ts'
import { previousSegmentOf, segmentName, segmentOf, segmentOffset, walFilePath } from '../wal/lsn.ts'
import { findNewestTimeline, restoreFromArchive, temporaryNames } from './archive-restore.ts'
import type { RecoveryContext } from './context.ts'
import { recoverySignalPath, standbySignalPath } from './start-point.ts'
import { historyName, writeHistory } from './timelines.ts'

/** Where the old timeline is left. */
export interface Branch {
  /** The timeline that was recovered to: the parent, as its history tells it. */
  readonly parent: number
  /** The timeline of the last record that was replayed, and that of the file it stands in. */
  readonly replayed: number
  readonly file: number
  readonly end: number
  readonly reason: string
}

/** Gives the new timeline's number. */
export function* beginTimeline(me: Process, context: RecoveryContext, branch: Branch): Coroutine<number> {
  const { environment, services } = context
  const { log, pgWal, data, trace } = environment
  const { parent, replayed, end, reason } = branch
  const timeline = (yield* findNewestTimeline(me, context, parent)) + 1
  const line = log.log(me, `selected new timeline ID: ${timeline}`)
  // The parent's is copied into it; the archive's comes first.
  if (parent > 1) yield* restoreFromArchive(me, context, historyName(parent), temporaryNames.history)
  yield* writeHistory(me, pgWal, { timeline, parent, end, reason })
  pgWal.remove(`pg_wal/${temporaryNames.history}`)
  const { archiveStatus } = services.wal
  if (archiveStatus.isActive) archiveStatus.notify(me, historyName(timeline))
  yield* copySegment(me, context, branch, timeline)
  archiveStatus.forget(segmentName(timeline, segmentOf(end)))
  for (const signal of [standbySignalPath, recoverySignalPath]) data.remove(signal)
  services.recovery.previousTimeline = replayed
  log.log(me, 'archive recovery complete')
  trace.emit('timeline.switched', me.place, { timeline, from: replayed, lsn: end }, line || me.cause)
  return timeline
}

/**
 * What the old timeline leaves in pg_wal: segments that were ready for later are of no use, and its last one, which is
 * not full, is archived under another name, because its first owner may still fill it and archive it itself.
 */
export function leaveTimeline(
  me: Process,
  { environment, services: { wal } }: RecoveryContext,
  { file, end }: Branch,
): void {
  const { archiveStatus } = wal
  wal.segments.removeBranches(me, wal.timeline, end)
  const name = segmentName(file, previousSegmentOf(end))
  if (segmentOffset(end) === 0 || !archiveStatus.isActive) return
  if (archiveStatus.isReady(name) || archiveStatus.isDone(name)) return
  const partial = `${name}.partial`
  archiveStatus.forget(partial)
  environment.pgWal.rename(`pg_wal/${name}`, `pg_wal/${partial}`)
  archiveStatus.notify(me, partial)
}

/** Up to where the old timeline ends; behind that come zeros. */
function* copySegment(
  me: Process,
  { environment: { pgWal, settings }, services }: RecoveryContext,
  { file, end }: Branch,
  timeline: number,
): Coroutine {
  const last = previousSegmentOf(end)
  if (last !== segmentOf(end)) {
    yield* services.wal.segments.create(me, timeline, segmentOf(end), 'ERROR')
    return
  }
  const content = new Uint8Array(segmentOffset(end))
  yield* pgWal.read(me, walFilePath(file, last), 0, content, 'TimelineHistoryRead')
  yield* services.wal.segments.create(me, timeline, last, 'ERROR')
  try {
    pgWal.write(me, walFilePath(timeline, last), 0, content)
  } catch (error) {
    throw fileAccessError(error, 'ERROR', `could not write to file "pg_wal/xlogtemp.${me.pid}"`)
  }
  try {
    yield* syncFile(me, { settings, volume: pgWal }, walFilePath(timeline, last), 'WALCopySync')
  } catch (error) {
    throw fileAccessError(error, 'PANIC', `could not fsync file "pg_wal/xlogtemp.${me.pid}"`)
  }
}
