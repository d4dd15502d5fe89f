// What recovery shows the rest of the server. Mirrors XLogRecoveryCtlData (xlogrecovery.c) and the parts of XLogCtl
// that tell others whether, and how far, the server recovers.

import { ConditionVariable } from '../shared/condition-variable.ts'
import type { CheckPoint } from '../wal/checkpoint-record.ts'
import type { WalRecord } from '../wal/record.ts'

/** A checkpoint record that was replayed: a restartpoint may begin there. */
export interface ReplayedCheckpoint {
  readonly start: number
  readonly end: number
  readonly checkPoint: CheckPoint
}

/** LSNs are byte positions. */
export class RecoveryState {
  /** Until the server may write WAL itself. */
  inRecovery = true
  /** There is a signal file: it is to recover beyond its own pg_wal, and to begin a timeline of its own afterwards. */
  archiveRequested = false
  /** It recovers beyond its own pg_wal: not while it still recovers from a crash of its own. */
  inArchiveRecovery = false
  /** It waits for more WAL for ever. */
  isStandby = false
  isConsistent = false
  /** Redo point of the backup that the data comes from, and where it ended once that was replayed and not told yet. */
  backupRedo = 0
  backupEndedAt = 0
  /** Read-only sessions may come in. */
  hotStandbyActive = false
  promoteTriggered = false
  /** What pg_get_wal_replay_pause_state() gives. */
  pauseState: 'not paused' | 'pause requested' | 'paused' = 'not paused'
  /** Broadcast when replay may go on. */
  readonly resumed = new ConditionVariable()
  /** The record that is replayed. */
  record: WalRecord | undefined
  /** Where the last record that was replayed began and ended, and its timeline. */
  replayedStart = 0
  replayedEnd = 0
  replayedTimeline = 0
  /** When the last transaction that was replayed committed; undefined: none was. */
  lastTransactionTime: number | undefined
  /** How many records were replayed. */
  records = 0
  /** The end of the last checkpoint, or of what the server logged since then only to keep itself going. */
  idleUpTo = 0
  /** The timeline before the one that this server began itself; 0: it began none. */
  previousTimeline = 0
  lastCheckpoint: ReplayedCheckpoint | undefined
  /** Broadcast when recovery has ended. */
  readonly ended = new ConditionVariable()

  get isPauseWanted(): boolean {
    return this.pauseState !== 'not paused'
  }

  /** SetRecoveryPause */
  setPause(pauses: boolean, cause: number | undefined): void {
    if (!pauses) {
      this.pauseState = 'not paused'
      this.resumed.broadcast(cause)
    } else if (this.pauseState === 'not paused') this.pauseState = 'pause requested'
  }
}
