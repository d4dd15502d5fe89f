// The write-ahead log of a running server: records go in at the end, and are flushed on demand. Mirrors the parts of
// xlog.c that every backend uses: XLogInsertRecord, XLogFlush, XLogBackgroundFlush, XLogSetAsyncXactLSN.
// Checkpoints, recovery and timelines are decided above; reading is in reader.ts.

import { formatLsn } from '../../../model/format.ts'
import { microsecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import { checkpointFlags, type Requests } from '../shared/requests.ts'
import { UsageMeters } from '../shared/usage-meters.ts'
import { ArchiveStatus } from './archive-status.ts'
import { assemble } from './assemble.ts'
import { addToCrc, finishCrc, initialCrc } from './crc32c.ts'
import { LogWriter } from './log-writer.ts'
import {
  align8,
  pageOffset,
  pageStart,
  segmentName,
  segmentOf,
  segmentOffset,
  segmentSize,
  startAfter,
  walPageSize,
} from './lsn.ts'
import { setLsn } from './page-header.ts'
import { recordField, recordHeaderSize, xlogInfo } from './record.ts'
import { Bytes, RecordBuilder } from './record-builder.ts'
import { resourceManagers } from './resource-managers.ts'
import { WalSegments } from './segments.ts'
import { WalBuffers } from './wal-buffers.ts'
import type { WalLevel } from './wal-level.ts'
import { WriteLock } from './write-lock.ts'

/** What an insertion costs: its fixed part, in nanoseconds, and bytes a nanosecond. */
const insertCost = 300
const insertBandwidth = 8

/** Where inserting begins: behind the last record that recovery found. */
export interface WalPosition {
  readonly timeline: number
  /** The end of that record. */
  readonly end: number
  readonly lastRecord: number
  /** The redo point of the last checkpoint. */
  readonly redo: number
  /** `end` is the page in which a broken record would have gone on. */
  readonly overwritesContrecord?: boolean
}

export class Wal {
  readonly segments: WalSegments
  readonly archiveStatus: ArchiveStatus
  /** The redo point of the last checkpoint: a page that was not changed since is logged whole. */
  redoLsn = 0
  /** As the last reload or checkpoint left it, not as the setting is this moment. */
  fullPageWrites: boolean
  readonly level: WalLevel
  /** Start of the last record inserted. */
  lastRecord = 0
  /** Start of the last record that tells of more than the server's own housekeeping. */
  lastImportant = 0
  /** When the last segment was full and flushed, and where it ends. */
  lastSwitch = { at: 0, lsn: 0 }
  /** The newest asynchronous commit. */
  asyncCommitLsn = 0
  /** False during recovery: then a flush moves the minimum recovery point instead. */
  insertAllowed = false
  /** During recovery: how much WAL the control file says the data needs; no limit in crash recovery. */
  minRecoveryPoint = Number.POSITIVE_INFINITY
  /** Set by recovery: moves the minimum recovery point to `lsn` or further, in the control file too. */
  updateMinRecoveryPoint: ((me: Process, lsn: number) => Coroutine) | undefined
  /** Called when a segment is full and written: slots count by segments. */
  whenSegmentFills: (() => void) | undefined
  /** What was inserted so far, for pg_stat_wal. */
  readonly usage = { records: 0, fullPageImages: 0, bytes: 0, buffersFull: 0 }
  /** Who wants to know what its own work uses, of pages too. */
  readonly meters = new UsageMeters()
  private readonly environment: ServerEnvironment
  private readonly requests: Requests
  private readonly procArray: ProcArray
  private readonly record = new RecordBuilder()
  private readonly assembled = new Bytes(4 * walPageSize)
  private readonly buffers: WalBuffers
  private readonly writer: LogWriter
  private readonly writeLock = new WriteLock()
  /** Where the last record ends. */
  private end = 0
  private runningBackups = 0
  private lastBackgroundFlush = Number.NEGATIVE_INFINITY
  /** Who inserts at the moment, for what a full ring makes it write. */
  private inserter: Process | undefined

  constructor(environment: ServerEnvironment, requests: Requests, procArray: ProcArray, systemIdentifier: bigint) {
    this.environment = environment
    this.requests = requests
    this.procArray = procArray
    this.fullPageWrites = environment.settings.get('full_page_writes')
    this.level = environment.settings.get('wal_level') as WalLevel
    this.archiveStatus = new ArchiveStatus(environment, requests)
    this.segments = new WalSegments(environment, this.archiveStatus)
    this.buffers = new WalBuffers(
      environment.settings.get('wal_buffers'),
      environment.version,
      systemIdentifier,
      lsn => {
        if (this.writer.written >= lsn) return
        this.usage.buffersFull++
        if (this.meters.areRunning) this.meters.walBuffersWereFull()
        this.writer.writeOut(this.inserter!, lsn)
      },
    )
    this.writer = new LogWriter(environment, this.segments, this.buffers, {
      segmentFinished: segment => this.segmentFinished(segment),
      segmentFlushed: (me, segment) => this.segmentFlushed(me, segment),
    })
  }

  /** wal_level logical: the WAL tells enough to decode it. */
  get isLogical(): boolean {
    return this.level === 'logical'
  }

  /** wal_level minimal: it tells enough for a crash, and nothing for standbys and archives. */
  get isMinimal(): boolean {
    return this.level === 'minimal'
  }

  get timeline(): number {
    return this.writer.timeline
  }

  /** Where the next record will begin. */
  get insertLsn(): number {
    return startAfter(this.end)
  }

  /** Where the last record ends. */
  get endLsn(): number {
    return this.end
  }

  get writtenLsn(): number {
    return this.writer.written
  }

  get flushedLsn(): number {
    return this.writer.flushed
  }

  /** Writes and flushes of WAL files so far. */
  get fileCounts(): { readonly writes: number; readonly syncs: number } {
    return this.writer.counts
  }

  /** Takes the log over from recovery; from now on records can be inserted. */
  *startInserting(me: Process, position: WalPosition): Coroutine {
    this.writer.begin(position.timeline, position.end)
    this.buffers.timeline = position.timeline
    this.buffers.nextPageOverwrites = position.overwritesContrecord === true
    this.end = position.end
    this.lastRecord = position.lastRecord
    this.redoLsn = position.redo
    this.asyncCommitLsn = position.end
    this.lastSwitch = { at: me.now(), lsn: position.end }
    if (pageOffset(position.end) !== 0) {
      const address = pageStart(position.end)
      const content = new Uint8Array(pageOffset(position.end))
      const path = this.segments.path(position.timeline, segmentOf(address))
      yield* this.environment.pgWal.read(me, path, segmentOffset(address), content, 'WALRead')
      this.buffers.restorePage(address, content)
    }
    this.insertAllowed = true
  }

  /** Begins a record; fill the builder and hand it to `insert` without waiting in between. */
  begin(resourceManager: number, info: number, xid: number): RecordBuilder {
    return this.record.start(resourceManager, info, xid)
  }

  /**
   * Appends the record that was begun last; gives its end, which becomes the LSN of the pages it changed; 0 if these are
   * of a relation that needs no WAL, for which nothing is appended. For records that alone are no reason for a new segment
   * `isImportant` is false.
   */
  insert(me: Process, record: RecordBuilder = this.record, isImportant = true): number {
    if (!this.insertAllowed) throw new Error('cannot make new WAL entries during recovery')
    if (record.isSkipped) return 0
    const { assembled } = this
    const images = assemble(record, this.redoLsn, this.fullPageWrites || this.runningBackups > 0, assembled)
    const start = startAfter(this.end)
    const { view, length } = assembled
    setLsn(view, recordField.previous, this.lastRecord)
    const crc = addToCrc(addToCrc(initialCrc, view, recordHeaderSize, length), view, 0, recordField.crc)
    view.setUint32(recordField.crc, finishCrc(crc), true)
    this.inserter = me
    this.end = align8(this.buffers.append(assembled.bytes, length, this.end))
    this.lastRecord = start
    if (isImportant) this.lastImportant = start
    this.usage.records++
    this.usage.fullPageImages += images
    this.usage.bytes += length
    if (this.meters.areRunning) this.meters.walInserted(images, length)
    me.charge(insertCost + Math.floor(length / insertBandwidth))
    return this.end
  }

  /** Returns when the log is on the platter up to `lsn`. Who holds the lock flushes for all who wait. */
  *flush(me: Process, lsn: number): Coroutine {
    if (!this.insertAllowed) {
      if (lsn > this.minRecoveryPoint) yield* this.updateMinRecoveryPoint!(me, lsn)
      return
    }
    if (lsn <= this.writer.flushed) return
    const to = Math.min(lsn, this.end)
    while (to > this.writer.flushed) {
      if (!(yield* this.writeLock.acquireOrWait(me))) continue
      if (to > this.writer.flushed) {
        yield* this.delayCommit(me)
        yield* this.writer.write(me, this.end, true)
      }
      this.writeLock.release()
    }
    this.requests.wakeWalSenders(me.cause)
    if (lsn > to) this.refuseFlush(me, lsn)
  }

  /** commit_delay: lets others insert their commits, if at least commit_siblings of them are in a transaction. */
  private *delayCommit(me: Process): Coroutine {
    const { settings } = this.environment
    const delay = settings.get('commit_delay')
    if (delay === 0 || !settings.get('fsync')) return
    const siblings = this.procArray.procs.filter(
      proc => proc.process !== me && proc.xid !== 0 && proc.waitingFor === undefined,
    )
    if (siblings.length >= settings.get('commit_siblings')) yield* me.sleep(delay * microsecond, 'CommitDelay')
  }

  /** A page comes from a future that the log has lost: what happens after a crash with fsync off. */
  private refuseFlush(me: Process, lsn: number): never {
    const [wanted, end] = [formatLsn(lsn), formatLsn(this.end)]
    this.environment.log.log(
      me,
      `request to flush past end of generated WAL; request ${wanted}, current position ${end}`,
    )
    fail('XX000', `xlog flush request ${wanted} is not satisfied --- flushed only to ${formatLsn(this.writer.flushed)}`)
  }

  /** Whether a flush up to `lsn` would have something to do. */
  needsFlush(lsn: number): boolean {
    return lsn > (this.insertAllowed ? this.writer.flushed : this.minRecoveryPoint)
  }

  /** A commit that nobody waits for: the WAL writer will flush it soon. */
  setAsyncCommitLsn(lsn: number): void {
    this.asyncCommitLsn = Math.max(this.asyncCommitLsn, lsn)
    if (!this.requests.walWriterSleeping && pageStart(lsn) <= this.writer.flushed) return
    this.requests.walWriterLatch?.set()
  }

  /** A round of the WAL writer: whole pages, or else what asynchronous commits wait for. False if nothing was to do. */
  *backgroundFlush(me: Process): Coroutine<boolean> {
    if (!this.insertAllowed) return false
    let to = pageStart(this.end)
    if (to <= this.writer.flushed) to = this.asyncCommitLsn
    if (to <= this.writer.flushed) return false
    const { settings } = this.environment
    const flushAfter = settings.get('wal_writer_flush_after')
    const pending = pageStart(to) - pageStart(this.writer.flushed)
    const flush =
      flushAfter === 0 ||
      me.now() >= this.lastBackgroundFlush + settings.get('wal_writer_delay') ||
      pending >= flushAfter
    if (flush) this.lastBackgroundFlush = me.now()
    while (to > (flush ? this.writer.flushed : this.writer.written)) {
      if (!(yield* this.writeLock.acquireOrWait(me))) continue
      yield* this.writer.write(me, to, flush)
      this.writeLock.release()
    }
    if (flush) this.requests.wakeWalSenders(me.cause)
    return true
  }

  /** Ends the segment here, unless it has just begun, and flushes it; gives the end of the record that says so. */
  *switchSegment(me: Process, isImportant = true): Coroutine<number> {
    if (segmentOffset(this.end) === 0) return this.end
    const end = this.insert(me, this.begin(resourceManagers.xlog, xlogInfo.switch, 0), isImportant)
    const next = Math.ceil(end / segmentSize) * segmentSize
    for (let page = Math.ceil(end / walPageSize) * walPageSize; page < next; page += walPageSize) {
      this.buffers.clearPage(page)
      this.end = page + walPageSize
    }
    this.end = next
    yield* this.flush(me, next)
    return end
  }

  /** While a backup runs, every page is logged whole, whatever full_page_writes says. */
  backupStarted(): void {
    this.runningBackups++
    this.buffers.imagesRemovable = false
  }

  backupStopped(): void {
    this.runningBackups--
    this.buffers.imagesRemovable = this.runningBackups === 0
  }

  /** A segment that is full, or replayed, requests a checkpoint, once enough of them came since the last one. */
  segmentFinished(segment: number): void {
    this.whenSegmentFills?.()
    if (segment + 1 >= segmentOf(this.redoLsn) + this.checkpointSegments())
      this.requests.requestCheckpoint(checkpointFlags.causeWal)
  }

  /** A flushed segment can be archived. */
  private segmentFlushed(me: Process, segment: number): void {
    if (this.archiveStatus.isActive) this.archiveStatus.notify(me, segmentName(this.timeline, segment))
    this.lastSwitch = { at: me.now(), lsn: (segment + 1) * segmentSize }
  }

  private checkpointSegments(): number {
    const { settings } = this.environment
    const segments = Math.floor(settings.get('max_wal_size') / segmentSize)
    return Math.max(1, Math.floor(segments / (1 + settings.get('checkpoint_completion_target'))))
  }
}
