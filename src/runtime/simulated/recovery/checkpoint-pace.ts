// How fast a checkpoint writes: spread over checkpoint_completion_target of the time, or of the WAL, until the next.
// Mirrors CheckpointWriteDelay and IsCheckpointOnSchedule of checkpointer.c.

import { millisecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { checkpointFlags, type Requests } from '../shared/requests.ts'
import { segmentSize } from '../wal/lsn.ts'

const nap = 100 * millisecond

export interface PaceOptions {
  readonly flags: number
  readonly startedAt: number
  /** Where the WAL was when the checkpoint began, and where it is now. */
  readonly startLsn: number
  readonly currentLsn: () => number
  /** The server goes down: no more spreading. */
  readonly isUrgent: () => boolean
  /** What the checkpointer must not put off until the checkpoint is done. */
  readonly meanwhile: () => Coroutine
}

export class CheckpointPace {
  private readonly environment: ServerEnvironment
  private readonly requests: Requests
  private readonly options: PaceOptions

  constructor(environment: ServerEnvironment, requests: Requests, options: PaceOptions) {
    this.environment = environment
    this.requests = requests
    this.options = options
  }

  /** After each page: rests if it is ahead of the schedule. `progress` is the part that is done, 0 to 1. */
  *delay(me: Process, progress: number): Coroutine {
    const { flags, isUrgent } = this.options
    const hasUrgentRequest = (this.requests.checkpoint.flags & checkpointFlags.immediate) !== 0
    if (flags & checkpointFlags.immediate || isUrgent() || hasUrgentRequest || !this.isOnSchedule(me, progress)) {
      yield* me.pause()
      return
    }
    yield* this.options.meanwhile()
    yield* me.waitLatch({ until: me.now() + nap, waitEvent: 'CheckpointWriteDelay' })
    me.latch.reset()
    yield* me.pause()
  }

  private isOnSchedule(me: Process, progress: number): boolean {
    const { settings } = this.environment
    const done = progress * settings.get('checkpoint_completion_target')
    const { startLsn, currentLsn, startedAt } = this.options
    const segments = settings.get('max_wal_size') / segmentSize / (1 + settings.get('checkpoint_completion_target'))
    if (done < (currentLsn() - startLsn) / segmentSize / Math.max(1, Math.floor(segments))) return false
    return done >= (me.now() - startedAt) / settings.get('checkpoint_timeout')
  }
}
