// The server's own WAL as decoding reads it: from its files, as far as it is on the platter. Mirrors
// logical_read_xlog_page; who wants more than there is waits by itself.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { readHistory, timelineAt } from '../recovery/timelines.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { segmentName, segmentOf, segmentOffset, segmentSize, walFilePath } from '../wal/lsn.ts'
import type { WalSource } from '../wal/reader.ts'
import type { Wal } from '../wal/wal.ts'

export class FlushedWal implements WalSource {
  timeline: number
  private readonly environment: ServerEnvironment
  private readonly wal: Wal

  constructor(environment: ServerEnvironment, wal: Wal) {
    this.environment = environment
    this.wal = wal
    this.timeline = wal.timeline
  }

  *readPage(me: Process, page: number, needed: number, target: Uint8Array): Coroutine<number | undefined> {
    const available = this.wal.flushedLsn - page
    if (available < needed) return undefined
    const { pgWal } = this.environment
    const segment = segmentOf(page)
    // A segment in which a timeline ends goes on in a copy of the next.
    const history = readHistory(pgWal, this.wal.timeline)
    this.timeline = timelineAt(history, Math.min((segment + 1) * segmentSize - 1, this.wal.flushedLsn))
    const path = walFilePath(this.timeline, segment)
    if (!pgWal.exists(path)) {
      fail('58P01', `requested WAL segment ${segmentName(this.timeline, segment)} has already been removed`)
    }
    const offset = segmentOffset(page)
    const got = pgWal.tryRead(me, path, offset, target) ?? (yield* pgWal.read(me, path, offset, target, 'WALRead'))
    return Math.min(got, available)
  }
}
