// Brings the WAL from shared memory to its files, and to the platter. Mirrors XLogWrite of xlog.c.
//
// | fault | what happens |
// |---|---|
// | pg_wal is full | PANIC: could not write to file …: No space left on device |
// | a write fails | PANIC: could not write to log file … at offset …, length …: Input/output error |
// | a flush fails | PANIC: could not fdatasync file …: Input/output error |
// | the writer is killed | shared memory is thrown away with the lock that it held; the files have what was written |

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fileAccessError } from '../shared/file-access.ts'
import { versionFacts } from '../shared/versions.ts'
import { pageStart, segmentName, segmentOf, segmentOffset, segmentSize, walFilePath } from './lsn.ts'
import type { WalSegments } from './segments.ts'
import type { WalBuffers } from './wal-buffers.ts'

export class LogWriter {
  /** Up to here the WAL is in the page cache. */
  written = 0
  /** Up to here it is on the platter. */
  flushed = 0
  timeline = 0
  /** Writes and flushes of files so far. */
  readonly counts = { writes: 0, syncs: 0 }
  private readonly environment: ServerEnvironment
  private readonly segments: WalSegments
  private readonly buffers: WalBuffers
  private readonly segmentFinished: (segment: number) => void
  private readonly segmentFlushed: (me: Process, segment: number) => void
  /** The segment that is written to, and its path. */
  private openSegment = -1
  private openPath = ''

  constructor(
    environment: ServerEnvironment,
    segments: WalSegments,
    buffers: WalBuffers,
    called: {
      /** The segment is full, and in the page cache. */
      readonly segmentFinished: (segment: number) => void
      /** It is on the platter. */
      readonly segmentFlushed: (me: Process, segment: number) => void
    },
  ) {
    this.environment = environment
    this.segments = segments
    this.buffers = buffers
    this.segmentFinished = called.segmentFinished
    this.segmentFlushed = called.segmentFlushed
  }

  begin(timeline: number, end: number): void {
    this.timeline = timeline
    this.written = end
    this.flushed = end
    this.openSegment = -1
  }

  /** Writes up to `to` into the page cache, without waiting. */
  writeOut(me: Process, to: number): void {
    while (this.written < to) {
      const from = pageStart(this.written)
      const segment = segmentOf(from)
      if (segment !== this.openSegment) this.open(me, segment)
      const piece = this.buffers.piece(from, to)
      try {
        this.environment.pgWal.write(me, this.openPath, segmentOffset(from), piece)
      } catch (error) {
        const file = versionFacts(this.environment.version).walFileInMessages(segmentName(this.timeline, segment))
        const place = `at offset ${segmentOffset(from)}, length ${piece.length}`
        throw fileAccessError(error, 'PANIC', `could not write to log file ${file} ${place}`)
      }
      this.counts.writes++
      this.written = Math.min(to, from + piece.length)
      if (segmentOffset(this.written) === 0) this.segmentFinished(segment)
    }
  }

  private open(me: Process, segment: number): void {
    this.segments.createNow(me, this.timeline, segment, 'PANIC')
    this.openSegment = segment
    this.openPath = walFilePath(this.timeline, segment)
  }

  /** Writes and, unless told otherwise, flushes up to `to`; for the holder of the write lock. */
  *write(me: Process, to: number, flush: boolean): Coroutine {
    while (this.written < to) {
      const segment = segmentOf(this.written)
      if (segment !== this.openSegment && !this.segments.exists(this.timeline, segment))
        yield* this.segments.create(me, this.timeline, segment, 'PANIC')
      // While the segment was made, others may have filled it.
      const upTo = Math.min(to, (segment + 1) * segmentSize)
      this.writeOut(me, upTo)
      if (segmentOffset(upTo) === 0) yield* this.flushTo(me, upTo)
    }
    if (flush) yield* this.flushTo(me, to)
  }

  private *flushTo(me: Process, to: number): Coroutine {
    const { settings, pgWal, trace } = this.environment
    while (this.flushed < to) {
      const segment = segmentOf(this.flushed)
      const reached = Math.min(this.written, (segment + 1) * segmentSize)
      if (settings.get('fsync')) {
        const path = segment === this.openSegment ? this.openPath : walFilePath(this.timeline, segment)
        try {
          yield* pgWal.fsync(me, path, 'WALSync')
        } catch (error) {
          throw fileAccessError(error, 'PANIC', couldNotSync(segmentName(this.timeline, segment)))
        }
        this.counts.syncs++
      }
      const bytes = reached - this.flushed
      this.flushed = reached
      if (trace.wants('wal.flushed')) trace.emit('wal.flushed', me.place, { lsn: reached, bytes }, me.cause)
      if (segmentOffset(reached) === 0) this.segmentFlushed(me, segment)
    }
  }
}

/** wal_sync_method is fdatasync, as it is by default on Linux. */
export function couldNotSync(segment: string): string {
  return `could not fdatasync file "${segment}"`
}
