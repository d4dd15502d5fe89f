// Which WAL is there to be summarized: from where, and how far. What is not summarized yet may not be removed. Mirrors
// GetOldestUnsummarizedLSN and GetLatestLSN of walsummarizer.c.

import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { segmentOf, segmentSize } from '../wal/lsn.ts'
import type { WalSegments } from '../wal/segments.ts'
import { walSummaries } from '../wal/summary-files.ts'
import { firstRecordOf } from './initdb.ts'
import type { RecoveryServices } from './services.ts'
import { readHistory } from './timelines.ts'

/** The end of the WAL that is on the platter. */
export function latestWal({ wal, recovery, walReceiver }: RecoveryServices): {
  readonly lsn: number
  readonly timeline: number
} {
  if (!recovery.inRecovery) return { lsn: wal.flushedLsn, timeline: wal.timeline }
  if (walReceiver.flushed > recovery.replayedEnd) {
    return { lsn: walReceiver.flushed, timeline: walReceiver.flushedTimeline }
  }
  return { lsn: recovery.replayedEnd, timeline: recovery.replayedTimeline }
}

/** What checkpoints must leave; infinity if nothing is summarized. */
export function oldestUnsummarized(environment: ServerEnvironment, services: RecoveryServices): number {
  const { walSummarizer: state } = services
  if (!environment.settings.get('summarize_wal')) return Number.POSITIVE_INFINITY
  if (!state.isInitialized) findUnsummarized(environment, services)
  return state.lsn
}

/** Notes where the next summary begins: behind the last one, or with the oldest WAL that there is. */
export function findUnsummarized(environment: ServerEnvironment, services: RecoveryServices): void {
  const { wal, walSummarizer } = services
  const { timeline: latest } = latestWal(services)
  const history = readHistory(environment.pgWal, latest).reverse()
  for (const { timeline } of history) {
    const segment = oldestSegment(wal.segments, timeline)
    if (segment === undefined) continue
    const begin = segment * segmentSize
    // Of what initdb has written its last record is there alone.
    const first = firstRecordOf(environment.version)
    const start = segment === segmentOf(first) ? first : begin
    const ends = walSummaries(environment)
      .filter(each => each.timeline === timeline)
      .map(({ end }) => end)
    const lsn = Math.max(start, ...ends)
    walSummarizer.moveTo(timeline, lsn, lsn > begin)
    return
  }
  fail('XX000', `no WAL found on timeline ${latest}`)
}

/** Of a timeline. */
export function oldestSegment(segments: WalSegments, timeline: number): number | undefined {
  const there = segments.list().filter(each => each.timeline === timeline)
  return there.length === 0 ? undefined : Math.min(...there.map(({ segment }) => segment))
}
