// The pages of a reader that come from the segments in pg_wal of one timeline.

import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import type { ServerEnvironment } from '../../../../src/runtime/simulated/shared/environment.ts'
import { segmentOf, segmentOffset, walFilePath } from '../../../../src/runtime/simulated/wal/lsn.ts'
import type { WalSource } from '../../../../src/runtime/simulated/wal/reader.ts'

export class SegmentsSource implements WalSource {
  readonly timeline: number
  private readonly environment: ServerEnvironment

  constructor(environment: ServerEnvironment, timeline: number) {
    this.environment = environment
    this.timeline = timeline
  }

  *readPage(me: Process, page: number, _needed: number, target: Uint8Array): Coroutine<number | undefined> {
    const { pgWal } = this.environment
    const path = walFilePath(this.timeline, segmentOf(page))
    if (!pgWal.exists(path)) return undefined
    return yield* pgWal.read(me, path, segmentOffset(page), target, 'WALRead')
  }
}
