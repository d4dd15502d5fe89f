// What pg_control must know while a server recovers from elsewhere: that it does, and how far the data must be recovered
// to make sense. Mirrors SwitchIntoArchiveRecovery and UpdateMinRecoveryPoint of xlog.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { checkConsistency } from './consistency.ts'
import type { RecoveryContext } from './context.ts'

/** Recovery from a crash is over, at `end`: from now on a crash leads back into archive recovery. */
export function* enterArchiveRecovery(me: Process, context: RecoveryContext, end: number): Coroutine {
  const { controlFile, recovery } = context.services
  recovery.inArchiveRecovery = true
  const isShort = controlFile.data.minRecoveryPoint < end
  yield* controlFile.update(me, {
    state: 'in archive recovery',
    ...(isShort ? { minRecoveryPoint: end, minRecoveryPointTimeline: recovery.replayedTimeline } : {}),
  })
  keepMinRecoveryPoint(context)
  yield* checkConsistency(me, context)
}

/** A page that was changed by WAL up to an LSN is about to be written: the data makes sense only from there on. */
export function keepMinRecoveryPoint({ services }: RecoveryContext): void {
  const { controlFile, recovery, wal } = services
  wal.minRecoveryPoint = controlFile.data.minRecoveryPoint
  wal.updateMinRecoveryPoint = function* (me: Process, lsn: number): Coroutine {
    const to = Math.max(lsn, recovery.replayedEnd)
    wal.minRecoveryPoint = to
    yield* controlFile.update(me, { minRecoveryPoint: to, minRecoveryPointTimeline: recovery.replayedTimeline })
  }
}
