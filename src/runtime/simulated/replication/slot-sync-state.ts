// Who synchronizes slots now, and whether anybody may. Mirrors SlotSyncCtxStruct (slotsync.c).

import type { Process } from '../machine/process.ts'

export class SlotSyncState {
  /** The slot sync worker, or a backend that does it for a session; one at a time. */
  syncing: Process | undefined
  /** The server is promoted: nobody begins any more. */
  isStopped = false
  /** The wall clock's second in which a worker was started last; undefined: the next one need not wait. */
  workerStartedIn: number | undefined
}
