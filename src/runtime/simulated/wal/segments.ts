// The files of the WAL: made and zero-filled ahead of need, recycled, removed. Mirrors XLogFileInit,
// InstallXLogFileSegment, PreallocXlogFiles and RemoveOldXlogFiles of xlog.c. Whether an old segment is still needed
// (by slots, by wal_keep_size, by the archiver) is decided above.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { pageCopy } from '../machine/profile.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { ErrorLevel } from '../shared/error.ts'
import { fileAccessError, syncFile } from '../shared/file-access.ts'
import type { ArchiveStatus } from './archive-status.ts'
import {
  parseSegmentName,
  previousSegmentOf,
  segmentName,
  segmentOf,
  segmentOffset,
  segmentSize,
  walFilePath,
  walPageSize,
} from './lsn.ts'

export interface SegmentFile {
  readonly name: string
  readonly timeline: number
  readonly segment: number
}

/** What a checkpoint's log line tells of segments. */
export interface SegmentCounts {
  added: number
  removed: number
  recycled: number
}

/** What no longer serves, and what becomes of it. */
export interface Removal {
  /** Segments up to and including this one, of whatever timeline. */
  readonly last: number
  /** Where the WAL ends now, and on which timeline. */
  readonly end: number
  readonly timeline: number
  /**
   * They are recycled while there is room for them before this segment, which follows from min_wal_size, max_wal_size
   * and the distance between checkpoints.
   */
  readonly recycleUpTo: number
  readonly inArchiveRecovery: boolean
}

/** How many segments a new timeline inherits from those that its parent had ready. */
const heirs = 10

const zeroFillCost = (segmentSize / walPageSize) * pageCopy

export class WalSegments {
  private readonly environment: ServerEnvironment
  private readonly archiveStatus: ArchiveStatus
  /** The highest segment that was removed or recycled; 0 if none was. */
  lastRemoved = 0

  constructor(environment: ServerEnvironment, archiveStatus: ArchiveStatus) {
    this.environment = environment
    this.archiveStatus = archiveStatus
  }

  path(timeline: number, segment: number): string {
    return walFilePath(timeline, segment)
  }

  exists(timeline: number, segment: number): boolean {
    return this.environment.pgWal.exists(walFilePath(timeline, segment))
  }

  /** All segments there are, by name; the last one of a timeline that was left may be partial. */
  list(): SegmentFile[] {
    const files: SegmentFile[] = []
    for (const path of this.environment.pgWal.list('pg_wal/')) {
      const name = path.slice('pg_wal/'.length)
      const parsed = parseSegmentName(name.replace(/\.partial$/, ''))
      if (parsed) files.push({ name, ...parsed })
    }
    return files
  }

  /**
   * Makes a segment of zeros, unless it is there: written under another name, flushed, then renamed. True if made.
   * `level`: of the error if it can't be; who is in the middle of writing WAL panics.
   */
  *create(me: Process, timeline: number, segment: number, level: ErrorLevel): Coroutine<boolean> {
    if (this.exists(timeline, segment)) return false
    const { pgWal, settings } = this.environment
    const temporary = this.fill(me, level)
    me.charge(zeroFillCost)
    try {
      yield* syncFile(me, { settings, volume: pgWal }, temporary, 'WALInitSync', segmentSize)
    } catch (error) {
      throw fileAccessError(error, level, `could not fsync file "${temporary}"`)
    }
    return this.install(me, temporary, timeline, segment)
  }

  /** The same for one who can't wait: what it made is not durable until it is flushed. */
  createNow(me: Process, timeline: number, segment: number, level: ErrorLevel): void {
    if (this.exists(timeline, segment)) return
    const temporary = this.fill(me, level)
    me.charge(zeroFillCost)
    this.install(me, temporary, timeline, segment)
  }

  private fill(me: Process, level: ErrorLevel): string {
    const { pgWal } = this.environment
    const temporary = `pg_wal/xlogtemp.${me.pid}`
    pgWal.create(temporary)
    try {
      pgWal.resize(temporary, segmentSize)
    } catch (error) {
      pgWal.remove(temporary)
      throw fileAccessError(error, level, `could not write to file "${temporary}"`)
    }
    return temporary
  }

  private install(me: Process, temporary: string, timeline: number, segment: number): boolean {
    const { pgWal, trace } = this.environment
    if (this.exists(timeline, segment)) {
      pgWal.remove(temporary)
      return false
    }
    pgWal.rename(temporary, walFilePath(timeline, segment))
    if (trace.wants('wal.segment_created')) {
      trace.emit(
        'wal.segment_created',
        me.place,
        { segment: segmentName(timeline, segment), recycled: false },
        me.cause,
      )
    }
    return true
  }

  /** Makes the next segment ahead of need, if the one that `end` is in is three quarters full. */
  *preallocate(me: Process, timeline: number, end: number, counts: SegmentCounts): Coroutine {
    if (segmentOffset(end - 1) < 0.75 * segmentSize) return
    if (yield* this.create(me, timeline, previousSegmentOf(end) + 1, 'ERROR')) counts.added++
  }

  /** Recycles or removes segments that are not needed any more, and have been archived where they must be. */
  removeOld(me: Process, removal: Removal, counts: SegmentCounts): void {
    const next = { segment: segmentOf(removal.end) }
    for (const file of this.list()) {
      if (file.segment > removal.last) continue
      if (!this.archiveStatus.mayRemove(me, file.name, removal.inArchiveRecovery)) continue
      this.lastRemoved = Math.max(this.lastRemoved, file.segment)
      if (this.recycleOrRemove(me, file, removal, next)) counts.recycled++
      else counts.removed++
    }
  }

  /** A new timeline begins at `end`: what its parents had ready for later is no part of its history. */
  removeBranches(me: Process, timeline: number, end: number): void {
    const next = { segment: segmentOf(end) }
    const where = { timeline, recycleUpTo: segmentOf(end) + heirs }
    for (const file of this.list()) {
      const isLater = file.timeline < timeline && file.segment > previousSegmentOf(end)
      if (isLater && !this.archiveStatus.isReady(file.name)) this.recycleOrRemove(me, file, where, next)
    }
  }

  /** True: it was recycled, at the first place from `next` on where there is no segment yet. */
  private recycleOrRemove(
    me: Process,
    file: SegmentFile,
    { timeline, recycleUpTo }: Pick<Removal, 'timeline' | 'recycleUpTo'>,
    next: { segment: number },
  ): boolean {
    this.archiveStatus.forget(file.name)
    if (this.environment.settings.get('wal_recycle')) {
      while (next.segment <= recycleUpTo && this.exists(timeline, next.segment)) next.segment++
      if (next.segment <= recycleUpTo) {
        this.recycle(me, file, timeline, next.segment++)
        return true
      }
    }
    this.remove(me, file)
    return false
  }

  private recycle(me: Process, file: SegmentFile, timeline: number, segment: number): void {
    const { pgWal, trace } = this.environment
    pgWal.rename(`pg_wal/${file.name}`, walFilePath(timeline, segment))
    if (trace.wants('wal.segment_created')) {
      trace.emit('wal.segment_created', me.place, { segment: segmentName(timeline, segment), recycled: true }, me.cause)
    }
  }

  private remove(me: Process, file: SegmentFile): void {
    const { pgWal, trace } = this.environment
    pgWal.remove(`pg_wal/${file.name}`)
    if (trace.wants('wal.segment_removed')) {
      trace.emit('wal.segment_removed', me.place, { segment: file.name }, me.cause)
    }
  }

  /** Removes what processes left that were killed while they made a segment. */
  removeTemporary(): void {
    const { pgWal } = this.environment
    for (const path of pgWal.list('pg_wal/xlogtemp.')) pgWal.remove(path)
  }
}
