// The server's own WAL as decoding reads it: from its files, as far as it is on the platter, and on a standby as far as
// it is replayed. Mirrors logical_read_xlog_page and read_local_xlog_page; who wants more than there is waits by himself.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { RecoveryState } from '../recovery/recovery-state.ts'
import { readHistory, timelineAt } from '../recovery/timelines.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { segmentName, segmentOf, segmentOffset, segmentSize, walFilePath } from '../wal/lsn.ts'
import type { WalSource } from '../wal/reader.ts'
import type { Wal } from '../wal/wal.ts'

export class ReadableWal implements WalSource {
  timeline: number
  private readonly environment: ServerEnvironment
  private readonly wal: Wal
  private readonly recovery: RecoveryState

  constructor(
    environment: ServerEnvironment,
    { wal, recovery }: { readonly wal: Wal; readonly recovery: RecoveryState },
  ) {
    this.environment = environment
    this.wal = wal
    this.recovery = recovery
    this.timeline = this.present.timeline
  }

  /** The timeline that the server is on, and the end of its WAL. */
  private get present(): { readonly timeline: number; readonly end: number } {
    const { wal, recovery } = this
    if (recovery.inRecovery) return { timeline: recovery.replayedTimeline, end: recovery.replayedEnd }
    return { timeline: wal.timeline, end: wal.flushedLsn }
  }

  *readPage(me: Process, page: number, needed: number, target: Uint8Array): Coroutine<number | undefined> {
    const { timeline, end } = this.present
    const available = end - page
    if (available < needed) return undefined
    const { pgWal } = this.environment
    const segment = segmentOf(page)
    // A segment in which a timeline ends goes on in a copy of the next.
    const history = readHistory(pgWal, timeline)
    this.timeline = timelineAt(history, Math.min((segment + 1) * segmentSize - 1, end))
    const path = walFilePath(this.timeline, segment)
    if (!pgWal.exists(path)) {
      fail('58P01', `requested WAL segment ${segmentName(this.timeline, segment)} has already been removed`)
    }
    const offset = segmentOffset(page)
    const got = pgWal.tryRead(me, path, offset, target) ?? (yield* pgWal.read(me, path, offset, target, 'WALRead'))
    return Math.min(got, available)
  }
}
