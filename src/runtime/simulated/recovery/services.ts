// The parts of shared memory that checkpoints and recovery work with.

import type { ReplicationOrigins } from '../replication/replication-origins.ts'
import type { SlotSyncState } from '../replication/slot-sync-state.ts'
import type { ReplicationSlots } from '../replication/slots.ts'
import type { WalReceiverState } from '../replication/wal-receiver-state.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import type { Requests } from '../shared/requests.ts'
import type { CumulativeStatistics } from '../statistics/cumulative-statistics.ts'
import type { BufferPool } from '../storage/buffer-pool.ts'
import type { CommitLog } from '../storage/commit-log.ts'
import type { RedoPages } from '../storage/redo-pages.ts'
import type { Transactions } from '../transactions/transactions.ts'
import type { ControlFile } from '../wal/control-file.ts'
import type { ResourceManager } from '../wal/resource-managers.ts'
import type { WalSummarizerState } from '../wal/summarizer-state.ts'
import type { Wal } from '../wal/wal.ts'
import type { OidCounter } from './oid-counter.ts'
import type { RecoveryState } from './recovery-state.ts'
import type { StandbyRedo } from './running-transactions.ts'

export interface RecoveryServices {
  readonly procArray: ProcArray
  readonly requests: Requests
  readonly wal: Wal
  readonly buffers: BufferPool
  readonly commitLog: CommitLog
  readonly redoPages: RedoPages
  readonly transactions: Transactions
  readonly statistics: CumulativeStatistics
  readonly slots: ReplicationSlots
  readonly slotSync: SlotSyncState
  readonly origins: ReplicationOrigins
  readonly walReceiver: WalReceiverState
  readonly walSummarizer: WalSummarizerState
  readonly oids: OidCounter
  readonly recovery: RecoveryState
  readonly standbyRedo: StandbyRedo
  readonly resourceManagers: ReadonlyMap<number, ResourceManager>
  /** Set when the server has read it. */
  readonly controlFile: ControlFile
}
