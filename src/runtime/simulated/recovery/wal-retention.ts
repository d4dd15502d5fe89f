// Which segments are still needed when a checkpoint is done, and how many are kept for reuse. Mirrors KeepLogSeg,
// XLOGfileslop and RemoveOldXlogFiles' caller in xlog.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { walRemoved } from '../replication/slot-invalidation.ts'
import { oldestKept } from '../replication/wal-availability.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { segmentOf, segmentSize } from '../wal/lsn.ts'
import type { SegmentCounts } from '../wal/segments.ts'
import type { RecoveryServices } from './services.ts'
import { oldestUnsummarized } from './unsummarized-wal.ts'

/** The oldest segment that must stay, `redo` being the new redo point and `end` the end of the WAL. */
export function oldestNeeded(
  environment: ServerEnvironment,
  services: RecoveryServices,
  redo: number,
  end: number,
): number {
  const kept = oldestKept(environment.settings, end, services.slots.requiredLsn())
  return Math.min(segmentOf(redo), kept, segmentOf(oldestUnsummarized(environment, services)))
}

/** Removes or recycles what no standby, slot or setting holds back any more. */
export function* removeOldSegments(
  me: Process,
  environment: ServerEnvironment,
  services: RecoveryServices,
  points: { readonly redo: number; readonly end: number; readonly timeline: number; readonly estimate: number },
  counts: SegmentCounts,
): Coroutine {
  const { redo, end } = points
  let oldest = oldestNeeded(environment, services, redo, end)
  const release = (pid: number) => environment.host.kill(pid, 'TERM', me.cause)
  if (yield* services.slots.invalidate(me, walRemoved(environment, oldest * segmentSize), release)) {
    oldest = oldestNeeded(environment, services, redo, end)
  }
  const recycleUpTo = lastToRecycle(environment, redo, points.estimate)
  const { timeline } = points
  const { inArchiveRecovery } = services.recovery
  services.wal.segments.removeOld(me, { last: oldest - 1, end, timeline, recycleUpTo, inArchiveRecovery }, counts)
  services.slots.review(me.cause)
}

/** Up to which segment old ones are kept for reuse: as many as the next checkpoint cycles will probably need. */
function lastToRecycle({ settings }: ServerEnvironment, redo: number, estimate: number): number {
  const least = segmentOf(redo) + Math.floor(settings.get('min_wal_size') / segmentSize) - 1
  const most = segmentOf(redo) + Math.floor(settings.get('max_wal_size') / segmentSize) - 1
  const distance = (1 + settings.get('checkpoint_completion_target')) * estimate * 1.1
  const wanted = Math.ceil((redo + distance) / segmentSize)
  return Math.min(Math.max(wanted, least), most)
}
