// The WAL summarizer of PostgreSQL 17: reads the WAL as it is flushed, and writes down between which redo points which
// blocks were changed, so that a later backup can take those alone. Mirrors walsummarizer.c. What records mean to it is in
// recovery/summarized-changes.ts; its files are in wal/summary-files.ts.

import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { beginsSummary, note } from '../recovery/summarized-changes.ts'
import { nextTimeline, readHistory, switchPoint } from '../recovery/timelines.ts'
import { findUnsummarized, latestWal, oldestSegment } from '../recovery/unsummarized-wal.ts'
import type { Server } from '../server.ts'
import { fail, PostgresError } from '../shared/error.ts'
import { BlockReferences } from '../wal/block-references.ts'
import { segmentSize } from '../wal/lsn.ts'
import { WalReader } from '../wal/reader.ts'
import { removeSummary, walSummaries, writeSummary } from '../wal/summary-files.ts'
import { beginAuxiliary, endWith, report } from './auxiliary.ts'
import { SummarizedWal } from './walsummarizer/summarized-wal.ts'
import { WaitForWal } from './walsummarizer/wait-for-wal.ts'

/** What went wrong once will probably do so again. */
const restAfterError = 10 * second
/** Of looking at one record. */
const recordCost = 400

interface Summarizer {
  readonly me: Process
  readonly server: Server
  readonly wait: WaitForWal
  /** The redo point when old files were last looked at. */
  redoSeen: number
}

/** What is to be summarized next. `switchLsn`: where its timeline is left; infinity if it is the newest. */
interface Range {
  readonly timeline: number
  readonly start: number
  readonly isExact: boolean
  readonly switchLsn: number
}

export function* walSummarizer(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'walsummarizer')
  me.remember('INT')
  const { walSummarizer: state, requests } = server.shared
  state.process = me
  requests.walSummarizerLatch = me.latch
  me.atExit(() => {
    state.process = undefined
    requests.walSummarizerLatch = undefined
  })
  const leaveIfAsked = () => {
    me.forget('HUP')
    const isWanted = server.environment.settings.get('summarize_wal')
    if (me.received('TERM') || me.received('INT') || !isWanted) me.exit(0)
  }
  const self: Summarizer = { me, server, wait: new WaitForWal(leaveIfAsked), redoSeen: 0 }
  for (;;) {
    try {
      leaveIfAsked()
      findUnsummarized(server.environment, server.shared)
      yield* summarizeForEver(self)
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
      if (error.level !== 'ERROR') yield* endWith(me, server, error)
      report(me, server, error)
      yield* me.sleep(restAfterError, 'WalSummarizerError')
    }
  }
}

function* summarizeForEver(self: Summarizer): Coroutine {
  const { me, server, wait } = self
  const { shared, environment } = server
  const state = shared.walSummarizer
  for (;;) {
    wait.leaveIfAsked()
    removeOldSummaries(self)
    const { timeline } = state
    const history = readHistory(environment.pgWal, latestWal(shared).timeline)
    const switchLsn =
      switchPoint(history, timeline) ?? fail('XX000', `timeline ${timeline} is not in this server's history`)
    if (state.lsn >= switchLsn) {
      state.moveTo(nextTimeline(history, timeline)!, switchLsn, true)
      continue
    }
    const end = yield* summarize(self, { timeline, start: state.lsn, isExact: state.isExact, switchLsn })
    state.moveTo(timeline, end, true)
    yield* me.pause()
  }
}

/** Reads to the next redo point, or to the end of the timeline, and writes the summary; gives where it ends. */
function* summarize(self: Summarizer, range: Range): Coroutine<number> {
  const { me, server, wait } = self
  const { environment, shared } = server
  const { timeline } = range
  const source = new SummarizedWal(environment, shared, wait, range)
  const reader = new WalReader(environment.version, source)
  const start = range.isExact ? range.start : yield* source.firstRecord(me, range.start)
  reader.begin(start)
  const references = new BlockReferences()
  let end = start
  for (;;) {
    wait.leaveIfAsked()
    const record = yield* reader.next(me)
    if (!record) {
      if (source.hasEnded) {
        end = source.end
        break
      }
      const { lsn, message } = reader.ending!
      return source.complain(lsn, message)
    }
    if (record.start >= source.end || (beginsSummary(record) && record.start > start)) {
      end = Math.min(record.start, source.end)
      break
    }
    note(record, references)
    me.charge(recordCost)
    end = record.end
    shared.walSummarizer.pending = end
    if (end >= source.switchLsn) break
    yield* me.pause()
  }
  if (end > start) yield* writeSummary(me, environment, { timeline, start, end }, references)
  return end
}

/** Once a checkpoint: those whose WAL is gone, when they are old enough. */
function removeOldSummaries(self: Summarizer): void {
  const { environment, shared } = self.server
  const { wal } = shared
  const keep = environment.settings.get('wal_summary_keep_time')
  if (keep === 0 || wal.redoLsn === self.redoSeen) return
  self.redoSeen = wal.redoLsn
  const cutoff = self.me.now() - keep
  for (const summary of walSummaries(environment)) {
    const oldest = oldestSegment(wal.segments, summary.timeline)
    if (oldest === undefined || summary.end <= oldest * segmentSize) removeSummary(environment, summary, cutoff)
  }
}
