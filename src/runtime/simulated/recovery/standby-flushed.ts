// How far a standby's WAL is on its platter. Mirrors GetStandbyFlushRecPtr.

import type { WalReceiverState } from '../replication/wal-receiver-state.ts'
import type { RecoveryState } from './recovery-state.ts'

/** What it has replayed, or received of the same timeline. */
export function standbyFlushed(recovery: RecoveryState, { flushed, flushedTimeline }: WalReceiverState): number {
  const { replayedEnd, replayedTimeline } = recovery
  return flushedTimeline === replayedTimeline ? Math.max(replayedEnd, flushed) : replayedEnd
}
