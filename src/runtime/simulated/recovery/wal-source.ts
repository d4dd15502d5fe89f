// Where recovery gets its WAL from: the archive, the segments in pg_wal and, on a standby, the stream, in turn and for
// ever. Mirrors XLogPageRead, WaitForWALToBecomeAvailable, XLogFileReadAnyTLI and rescanLatestTimeLine of
// xlogrecovery.c. How a file is fetched is told in archive-restore.ts.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { segmentName, segmentOf, segmentOffset, segmentSize, walFilePath, walPageSize } from '../wal/lsn.ts'
import type { WalSource } from '../wal/reader.ts'
import {
  fetchHistory,
  findNewestTimeline,
  keepRestored,
  restoreFromArchive,
  restoreHistoriesBetween,
  temporaryNames,
} from './archive-restore.ts'
import type { RecoveryContext } from './context.ts'
import { pauseIfAsked } from './replay-pause.ts'
import { type TimelineEntry, timelineAt } from './timelines.ts'

/** Which timeline is recovered to: the newest that there will ever be, or this one. */
export interface TimelineGoal {
  readonly timeline: number
  readonly followsLatest: boolean
}

interface OpenSegment {
  readonly segment: number
  readonly timeline: number
  readonly from: 'pg_wal' | 'archive' | 'stream'
}

export class RecoverySource implements WalSource {
  /** Where the record begins that is looked for: it decides the timeline to ask for. */
  recordLsn = 0
  /** Set while the checkpoint is looked for that recovery begins with: redo will begin there. */
  fetchingFrom: { readonly redo: number; readonly timeline: number } | undefined
  private readonly context: RecoveryContext
  private goal: TimelineGoal
  /** The timelines that lead to the one that is recovered to, newest first. */
  private entries: TimelineEntry[] | undefined
  private current: 'files' | 'stream' = 'files'
  private failed = false
  private open: OpenSegment | undefined
  private lastOpen: OpenSegment | undefined
  private isSeeking = true
  private streamTimeline = 0
  private streamRequested = false
  /** How far replay was when the primary was last told of it. */
  private repliedAt = 0
  private lastFailedAt = Number.NEGATIVE_INFINITY
  /** How far the stream had come when it was looked at last. */
  private seenUpTo = 0

  constructor(context: RecoveryContext, goal: TimelineGoal) {
    this.context = context
    this.goal = goal
  }

  /** Of the segment that was read last. */
  get timeline(): number {
    return this.lastOpen?.timeline ?? this.goal.timeline
  }

  /** Where the last page came from. */
  get readFrom(): OpenSegment['from'] {
    return this.lastOpen?.from ?? 'pg_wal'
  }

  /** The timeline that is recovered to. */
  get target(): number {
    return this.goal.timeline
  }

  /** Known once a segment was found. */
  get history(): readonly TimelineEntry[] {
    if (!this.entries) throw new Error('no WAL was read yet')
    return this.entries
  }

  /** What was read is no valid record: look elsewhere. */
  fail(): void {
    this.failed = true
    this.open = undefined
  }

  /** What is read next is not what follows. */
  seek(): void {
    this.isSeeking = true
  }

  /** Files are read from now on, the archive's first where it may be asked. */
  startOver(): void {
    this.failed = false
    this.current = 'files'
  }

  *readPage(me: Process, page: number, needed: number, target: Uint8Array): Coroutine<number | undefined> {
    const segment = segmentOf(page)
    if (this.open && this.open.segment !== segment) this.finished(this.open.segment)
    if (!this.open || (this.open.from === 'stream' && this.streamedBehind(page) < needed)) {
      if (!(yield* this.waitForWal(me, page, needed))) {
        this.open = undefined
        return undefined
      }
    }
    const { timeline, from } = this.open!
    if (from === 'stream') this.noteArrival(me, page + needed)
    const { pgWal } = this.context.environment
    const path = walFilePath(timeline, segment)
    const offset = segmentOffset(page)
    const got = pgWal.tryRead(me, path, offset, target) ?? (yield* pgWal.read(me, path, offset, target, 'WALRead'))
    return from === 'stream' ? Math.min(got, this.streamedBehind(page), walPageSize) : got
  }

  /** What is replayed asks for a restartpoint when it is as much WAL as a primary would write between two checkpoints. */
  private finished(segment: number): void {
    const { recovery, wal } = this.context.services
    this.open = undefined
    if (recovery.archiveRequested) wal.segmentFinished(segment)
  }

  /** True: the segment is open, and has the bytes that are needed. */
  private *waitForWal(me: Process, page: number, needed: number): Coroutine<boolean> {
    const { recovery } = this.context.services
    for (;;) {
      this.context.checkForInterrupts()
      if (this.current === 'files') {
        if (!this.failed && (yield* this.openFile(me, segmentOf(page)))) return true
        this.failed = false
        if (!recovery.isStandby || this.context.isPromoteRequested()) return false
        this.current = 'stream'
        this.streamRequested = false
        continue
      }
      if (yield* this.lookAtStream(me, page, needed)) return true
    }
  }

  /** WAL has come just now: from here on max_standby_…_delay counts for the queries in its way. */
  private received(me: Process, fromStream: boolean): void {
    const { conflicts } = this.context.services.transactions
    conflicts.receivedAt = me.now()
    conflicts.fromStream = fromStream
  }

  /** What comes in pieces has come when replay first sees it, unless it was behind before. */
  private noteArrival(me: Process, end: number): void {
    const { walReceiver } = this.context.services
    if (end <= this.seenUpTo) return
    this.seenUpTo = walReceiver.flushed
    if (walReceiver.chunkStart <= end) this.received(me, true)
  }

  // Files

  /** From the archive if it has it, else from pg_wal, on the newest timeline that can have it. */
  private *openFile(me: Process, segment: number): Coroutine<boolean> {
    const entries = this.entries ?? (yield* fetchHistory(me, this.context, this.target))
    // What follows a segment is never on an older timeline.
    const oldest = this.isSeeking ? 0 : this.timeline
    this.open = undefined
    for (const { timeline, begin } of entries) {
      if (timeline < oldest) break
      if (segment < segmentOf(begin)) continue
      const from = yield* this.find(me, timeline, segment)
      if (!from) continue
      this.entries = entries
      this.setOpen({ segment, timeline, from })
      this.isSeeking = false
      this.received(me, false)
      return true
    }
    return false
  }

  private *find(me: Process, timeline: number, segment: number): Coroutine<'archive' | 'pg_wal' | undefined> {
    const { context } = this
    const name = segmentName(timeline, segment)
    if (context.services.recovery.inArchiveRecovery) {
      context.show(`waiting for ${name}`)
      if (yield* restoreFromArchive(me, context, name, temporaryNames.segment, segmentSize)) {
        keepRestored(me, context, temporaryNames.segment, name)
        return 'archive'
      }
    }
    return context.environment.pgWal.exists(walFilePath(timeline, segment)) ? 'pg_wal' : undefined
  }

  private setOpen(open: OpenSegment): void {
    if (open.segment !== this.lastOpen?.segment || open.timeline !== this.lastOpen.timeline) {
      this.context.show(`recovering ${segmentName(open.timeline, open.segment)}`)
    }
    this.open = open
    this.lastOpen = open
  }

  // Stream

  /** How many bytes behind the beginning of this page have come over the stream. */
  private streamedBehind(page: number): number {
    const { walReceiver } = this.context.services
    return walReceiver.flushedTimeline === this.streamTimeline ? walReceiver.flushed - page : 0
  }

  /** False: the stream has failed, or is to be looked at again. */
  private *lookAtStream(me: Process, page: number, needed: number): Coroutine<boolean> {
    const { services, environment } = this.context
    const { walReceiver } = services
    if (this.context.takeStreamRestart() && this.streamRequested) {
      yield* this.shutDownReceiver(me)
      yield* this.rescanTimelines(me)
      this.streamRequested = false
    }
    if (!this.streamRequested && !this.failed) {
      this.streamRequested = true
      if (environment.settings.get('primary_conninfo') !== '') this.requestStream(me, page + needed)
    }
    if (this.failed || !walReceiver.isStreaming) {
      this.failed = false
      yield* this.leaveStream(me, page + needed)
      return false
    }
    if (this.streamedBehind(page) >= needed) {
      this.entries ??= yield* fetchHistory(me, this.context, this.target)
      this.setOpen({ segment: segmentOf(page), timeline: this.streamTimeline, from: 'stream' })
      return true
    }
    if (this.context.isPromoteRequested()) {
      this.failed = true
      return false
    }
    // All is replayed: the primary is told once, whoever waits there.
    if (this.repliedAt !== services.recovery.replayedEnd) {
      this.repliedAt = services.recovery.replayedEnd
      walReceiver.forceReply(me.cause)
    }
    yield* me.waitLatch({ waitEvent: 'RecoveryWalStream' })
    me.latch.reset()
    // What comes meanwhile wakes nobody: it must be looked for behind the pause.
    yield* pauseIfAsked(me, this.context)
    return false
  }

  /** Streaming is asked for from the beginning of a segment, so that no segment is half filled. */
  private requestStream(me: Process, wanted: number): void {
    const { walReceiver } = this.context.services
    const { settings } = this.context.environment
    const { redo: lsn, timeline } = this.fetchingFrom ?? {
      redo: wanted,
      timeline: timelineAt(this.history, this.recordLsn),
    }
    const start = Math.floor(lsn / segmentSize) * segmentSize
    this.streamTimeline = timeline
    this.seenUpTo = 0
    if (walReceiver.receiveStart === 0 || walReceiver.flushedTimeline !== timeline) {
      walReceiver.flushed = start
      walReceiver.flushedTimeline = timeline
    }
    walReceiver.receiveStart = start
    walReceiver.timeline = timeline
    walReceiver.conninfo = settings.get('primary_conninfo')
    walReceiver.slotName = settings.get('primary_slot_name')
    walReceiver.startedAt = me.now()
    if (walReceiver.phase === 'waiting') {
      walReceiver.phase = 'restarting'
      walReceiver.process?.latch.set(me.cause)
      return
    }
    walReceiver.phase = 'starting'
    this.context.signalPostmaster('start walreceiver')
  }

  private *leaveStream(me: Process, lsn: number): Coroutine {
    const { environment, services } = this.context
    // One that waits for a new start is left alone: it may be given one.
    if (services.walReceiver.isStreaming) yield* this.shutDownReceiver(me)
    this.current = 'files'
    if (yield* this.rescanTimelines(me)) return
    const retryAt = this.lastFailedAt + environment.settings.get('wal_retrieve_retry_interval')
    if (me.now() < retryAt && !this.context.isPromoteRequested()) {
      environment.log.log(me, `waiting for WAL to become available at ${formatLsn(lsn)}`)
      yield* me.waitLatch({ until: retryAt, waitEvent: 'RecoveryRetrieveRetryInterval' })
      me.latch.reset()
      this.context.checkForInterrupts()
    }
    this.lastFailedAt = me.now()
  }

  *shutDownReceiver(me: Process): Coroutine {
    const { walReceiver } = this.context.services
    if (!walReceiver.isRunning) return
    if (walReceiver.process?.alive) {
      walReceiver.phase = 'stopping'
      walReceiver.process.signal('TERM', me.cause)
      while (walReceiver.process?.alive) {
        yield* me.waitLatch({ until: me.now() + 1_000_000, waitEvent: 'WalReceiverExit' })
        me.latch.reset()
        this.context.checkForInterrupts()
      }
    }
    walReceiver.phase = 'stopped'
  }

  // Timelines

  /** Whether there is a newer timeline to follow. */
  private *rescanTimelines(me: Process): Coroutine<boolean> {
    const { environment, services } = this.context
    if (!this.goal.followsLatest) return false
    const newest = yield* findNewestTimeline(me, this.context, this.target)
    if (newest === this.target) return false
    const history = yield* fetchHistory(me, this.context, newest)
    const { replayedTimeline, replayedEnd } = services.recovery
    const fork = history.find(each => each.timeline === this.target)
    if (!fork) {
      environment.log.log(me, `new timeline ${newest} is not a child of database system timeline ${replayedTimeline}`)
      return false
    }
    if (fork.end < replayedEnd) {
      const end = formatLsn(replayedEnd)
      environment.log.log(
        me,
        `new timeline ${newest} forked off current database system timeline ${replayedTimeline} before current recovery point ${end}`,
      )
      return false
    }
    yield* restoreHistoriesBetween(me, this.context, this.target + 1, newest)
    this.entries = history
    this.goal = { timeline: newest, followsLatest: true }
    environment.log.log(me, `new target timeline is ${newest}`)
    return true
  }
}
