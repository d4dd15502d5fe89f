// Where recovery gets its WAL from: the segments in pg_wal and, on a standby, the stream, in turn and for ever. Mirrors
// WaitForWALToBecomeAvailable, XLogPageRead and rescanLatestTimeLine of xlogrecovery.c. There is no archive yet.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { segmentName, segmentOf, segmentOffset, segmentSize, walFilePath, walPageSize } from '../wal/lsn.ts'
import type { WalSource } from '../wal/reader.ts'
import type { RecoveryContext } from './context.ts'
import { pauseIfAsked } from './replay-pause.ts'
import { newestTimeline, readHistory, type TimelineEntry, timelineAt } from './timelines.ts'

export class RecoverySource implements WalSource {
  timeline: number
  /** The timelines that lead to the one that is recovered to, newest first. */
  history: TimelineEntry[]
  /** Where the last page came from. */
  readFrom: 'pg_wal' | 'stream' = 'pg_wal'
  /** Where the record begins that is looked for: it decides the timeline to ask for. */
  recordLsn = 0
  private readonly context: RecoveryContext
  private current: 'pg_wal' | 'stream' = 'pg_wal'
  private failed = false
  private streamTimeline = 0
  private streamRequested = false
  /** How far replay was when the primary was last told of it. */
  private repliedAt = 0
  private lastFailedAt = Number.NEGATIVE_INFINITY
  /** Of the page that was read last. */
  private segment: number | undefined
  /** How far the stream had come when it was looked at last. */
  private seenUpTo = 0
  /** The segment that was read last. */
  private openFile: string | undefined

  constructor(context: RecoveryContext, timeline: number) {
    this.context = context
    this.history = readHistory(context.environment.pgWal, timeline)
    this.timeline = timeline
  }

  /** The timeline that is recovered to. */
  get target(): number {
    return this.history[0].timeline
  }

  /** What was read is no valid record: look elsewhere. */
  fail(): void {
    this.failed = true
  }

  *readPage(me: Process, page: number, needed: number, target: Uint8Array): Coroutine<number | string | undefined> {
    this.moveTo(segmentOf(page))
    for (;;) {
      this.context.checkForInterrupts()
      if (this.current === 'pg_wal') {
        const got = this.failed ? undefined : yield* this.readFile(me, page, this.timelinesFor(page), target)
        this.failed = false
        if (got !== undefined) {
          this.readFrom = 'pg_wal'
          return got
        }
        if (!this.context.services.recovery.isStandby || this.context.isPromoteRequested()) return undefined
        this.current = 'stream'
        this.streamRequested = false
        continue
      }
      const got = yield* this.readStream(me, page, needed, target)
      if (got !== undefined) return got
    }
  }

  /** A standby asks for a restartpoint when it has replayed as much WAL as its primary would write between two checkpoints. */
  private moveTo(segment: number): void {
    const { recovery, wal } = this.context.services
    const { segment: last } = this
    this.segment = segment
    if (last !== undefined && last !== segment && recovery.isStandby) wal.segmentFinished(last)
  }

  /** WAL has come just now: from here on max_standby_…_delay counts for the queries in its way. */
  private received(me: Process, fromStream: boolean): void {
    const { conflicts } = this.context.services.transactions
    conflicts.receivedAt = me.now()
    conflicts.fromStream = fromStream
  }

  /** What comes in pieces has come when replay first sees it, unless it was behind before. */
  private lookAtStream(me: Process, end: number): void {
    const { walReceiver } = this.context.services
    if (end <= this.seenUpTo) return
    this.seenUpTo = walReceiver.flushed
    if (walReceiver.chunkStart <= end) this.received(me, true)
  }

  // Files

  private timelinesFor(page: number): number[] {
    return this.history.filter(each => segmentOf(each.begin) <= segmentOf(page)).map(each => each.timeline)
  }

  private *readFile(
    me: Process,
    page: number,
    timelines: readonly number[],
    target: Uint8Array,
  ): Coroutine<number | undefined> {
    const { pgWal } = this.context.environment
    for (const timeline of timelines) {
      const path = walFilePath(timeline, segmentOf(page))
      if (!pgWal.exists(path)) continue
      this.timeline = timeline
      if (this.openFile !== path && this.current === 'pg_wal') this.received(me, false)
      this.openFile = path
      this.context.show(`recovering ${segmentName(timeline, segmentOf(page))}`)
      const offset = segmentOffset(page)
      return pgWal.tryRead(me, path, offset, target) ?? (yield* pgWal.read(me, path, offset, target, 'WALRead'))
    }
    return undefined
  }

  // Stream

  /** undefined: the stream has failed, or is to be looked at again. */
  private *readStream(me: Process, page: number, needed: number, target: Uint8Array): Coroutine<number | undefined> {
    const { services, environment } = this.context
    const { walReceiver } = services
    if (this.context.takeStreamRestart() && this.streamRequested) {
      yield* this.shutDownReceiver(me)
      this.rescanTimelines(me)
      this.streamRequested = false
    }
    if (!this.streamRequested && !this.failed) {
      this.streamRequested = true
      if (environment.settings.get('primary_conninfo') !== '') this.requestStream(me, page + needed)
    }
    if (this.failed || !walReceiver.isStreaming) {
      this.failed = false
      yield* this.leaveStream(me, page + needed)
      return undefined
    }
    const available = walReceiver.flushedTimeline === this.streamTimeline ? walReceiver.flushed - page : 0
    if (available >= needed) {
      this.lookAtStream(me, page + needed)
      const got = yield* this.readFile(me, page, [this.streamTimeline], target)
      this.readFrom = 'stream'
      return got === undefined ? undefined : Math.min(got, available, walPageSize)
    }
    if (this.context.isPromoteRequested()) {
      this.failed = true
      return undefined
    }
    yield* pauseIfAsked(me, this.context)
    // All is replayed: the primary is told once, whoever waits there.
    if (this.repliedAt !== services.recovery.replayedEnd) {
      this.repliedAt = services.recovery.replayedEnd
      walReceiver.forceReply(me.cause)
    }
    yield* me.waitLatch({ waitEvent: 'RecoveryWalStream' })
    me.latch.reset()
    return undefined
  }

  /** Streaming is asked for from the beginning of a segment, so that no segment is half filled. */
  private requestStream(me: Process, lsn: number): void {
    const { walReceiver } = this.context.services
    const { settings } = this.context.environment
    const timeline = timelineAt(this.history, this.recordLsn)
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
    this.current = 'pg_wal'
    if (this.rescanTimelines(me)) return
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

  /** At the start: the newest timeline there is, if ours leads to it. */
  followLatest(): void {
    const { pgWal } = this.context.environment
    const newest = newestTimeline(pgWal, this.target)
    if (newest !== this.target) this.history = readHistory(pgWal, newest)
  }

  /** Whether there is a newer timeline to follow. */
  private rescanTimelines(me: Process): boolean {
    const { environment, services } = this.context
    const newest = newestTimeline(environment.pgWal, this.target)
    if (newest === this.target) return false
    const history = readHistory(environment.pgWal, newest)
    const fork = history.find(each => each.timeline === this.target)
    if (!fork) {
      environment.log.log(me, `new timeline ${newest} is not a child of database system timeline ${this.target}`)
      return false
    }
    if (fork.end < services.recovery.replayedEnd) {
      const end = formatLsn(services.recovery.replayedEnd)
      environment.log.log(
        me,
        `new timeline ${newest} forked off current database system timeline ${this.target} before current recovery point ${end}`,
      )
      return false
    }
    this.history = history
    environment.log.log(me, `new target timeline is ${newest}`)
    return true
  }
}
