// What the log says of a checkpoint or restartpoint. Mirrors LogCheckpointStart and LogCheckpointEnd of xlog.c.

import { microsecond, millisecond } from '../../../model/units.ts'
import { checkpointFlags } from '../shared/requests.ts'
import type { VersionFacts } from '../shared/versions.ts'
import type { SegmentCounts } from '../wal/segments.ts'

/** Counts and times of one checkpoint; times are nanoseconds. */
export interface CheckpointStatistics {
  readonly segments: SegmentCounts
  startedAt: number
  writeStartedAt: number
  syncStartedAt: number
  syncEndedAt: number
  endedAt: number
  buffers: number
  slruBuffers: number
  syncFiles: number
  longestSync: number
  totalSync: number
}

export function newStatistics(now: number): CheckpointStatistics {
  return {
    segments: { added: 0, removed: 0, recycled: 0 },
    startedAt: now,
    writeStartedAt: now,
    syncStartedAt: now,
    syncEndedAt: now,
    endedAt: now,
    buffers: 0,
    slruBuffers: 0,
    syncFiles: 0,
    longestSync: 0,
    totalSync: 0,
  }
}

/** The words in the order in which they are printed. */
const words: readonly [number, string][] = [
  [checkpointFlags.isShutdown, 'shutdown'],
  [checkpointFlags.endOfRecovery, 'end-of-recovery'],
  [checkpointFlags.immediate, 'immediate'],
  [checkpointFlags.force, 'force'],
  [checkpointFlags.wait, 'wait'],
  [checkpointFlags.causeWal, 'wal'],
  [checkpointFlags.causeTime, 'time'],
  [checkpointFlags.flushAll, 'flush-all'],
]

export function describeFlags(flags: number): string {
  return words
    .filter(([flag]) => flags & flag)
    .map(([, word]) => word)
    .join(' ')
}

/** Where the checkpoint stands, and how far it is from the one before, in bytes. */
export interface CheckpointDistance {
  readonly lsn: number
  readonly redo: number
  readonly distance: number
  readonly estimate: number
}

export function describeEnd(
  what: 'checkpoint' | 'restartpoint',
  statistics: CheckpointStatistics,
  poolSize: number,
  { lsn, redo, distance, estimate }: CheckpointDistance,
  facts: VersionFacts,
): string {
  const { segments } = statistics
  const buffers = statistics.buffers + (facts.countsSlruAmongBuffers ? statistics.slruBuffers : 0)
  const write = statistics.syncStartedAt - statistics.writeStartedAt
  const sync = statistics.syncEndedAt - statistics.syncStartedAt
  const total = statistics.endedAt - statistics.startedAt
  const average = statistics.syncFiles === 0 ? 0 : statistics.totalSync / statistics.syncFiles
  return (
    `${what} complete: wrote ${buffers} buffers (${((buffers * 100) / poolSize).toFixed(1)}%)` +
    `${facts.checkpointSlruBuffers(statistics.slruBuffers)}; ` +
    `${segments.added} WAL file(s) added, ${segments.removed} removed, ${segments.recycled} recycled; ` +
    `write=${seconds(write)} s, sync=${seconds(sync)} s, total=${seconds(total)} s; ` +
    `sync files=${statistics.syncFiles}, longest=${seconds(roundUp(statistics.longestSync))} s, ` +
    `average=${seconds(roundUp(average))} s; ` +
    `distance=${Math.floor(distance / 1024)} kB, estimate=${Math.floor(estimate / 1024)} kB` +
    facts.checkpointPositions(lsn, redo)
  )
}

/** Times of single files are counted in microseconds, and shown in milliseconds that have begun. */
function roundUp(nanoseconds: number): number {
  return Math.ceil(Math.floor(nanoseconds / microsecond) / 1000) * millisecond
}

/** Whole milliseconds that have begun: 0.004. */
function seconds(nanoseconds: number): string {
  return (Math.ceil(nanoseconds / millisecond) / 1000).toFixed(3)
}
