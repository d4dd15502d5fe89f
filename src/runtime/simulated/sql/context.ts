// What statements and functions of a session may use: the server's parts, and the session's own state.

import type { BTree } from '../access/btree.ts'
import type { Heap } from '../access/heap.ts'
import type { Sequences } from '../access/sequence.ts'
import type { Databases } from '../catalog/databases.ts'
import type { CatalogImage } from '../catalog/image.ts'
import type { CatalogState } from '../catalog/state.ts'
import type { Int8 } from '../catalog/types/integer.ts'
import type { Random } from '../kernel/random.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { LockManager } from '../locks/lock-manager.ts'
import type { Process } from '../machine/process.ts'
import type { NotifyQueue } from '../notify/notify-queue.ts'
import type { SessionNotifications } from '../notify/session-notifications.ts'
import type { OidCounter } from '../recovery/oid-counter.ts'
import type { RecoveryState } from '../recovery/recovery-state.ts'
import type { LogicalWorkers } from '../replication/logical-workers.ts'
import type { ReplicationOrigins } from '../replication/replication-origins.ts'
import type { SlotSyncState } from '../replication/slot-sync-state.ts'
import type { ReplicationSlots } from '../replication/slots.ts'
import type { SynchronousReplication } from '../replication/synchronous-replication.ts'
import type { WalReceiverState } from '../replication/wal-receiver-state.ts'
import type { WalSenders } from '../replication/wal-senders.ts'
import type { SessionSettings } from '../settings/session-settings.ts'
import type { ArchiverStatistics } from '../shared/archiver-statistics.ts'
import type { BackgroundWorkers } from '../shared/background-workers.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { LogLevel } from '../shared/log.ts'
import type { Proc } from '../shared/proc.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import type { BackendMessage } from '../shared/protocol.ts'
import type { Requests } from '../shared/requests.ts'
import type { CumulativeStatistics } from '../statistics/cumulative-statistics.ts'
import type { BufferPool } from '../storage/buffer-pool.ts'
import type { RelationStorage } from '../storage/relation-storage.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import type { Transactions } from '../transactions/transactions.ts'
import type { ControlFile } from '../wal/control-file.ts'
import type { WalSummarizerState } from '../wal/summarizer-state.ts'
import type { Wal } from '../wal/wal.ts'
import type { ParallelContext, ParallelContexts } from './parallel/parallel-context.ts'
import type { SystemView } from './system-view.ts'
import type { WorkArea } from './work/work-area.ts'

/** The parts of shared memory that SQL works on. */
export interface SqlServices {
  readonly procArray: ProcArray
  readonly requests: Requests
  readonly wal: Wal
  readonly locks: LockManager
  readonly transactions: Transactions
  readonly notifyQueue: NotifyQueue
  readonly heap: Heap
  readonly btree: BTree
  readonly sequences: Sequences
  readonly storage: RelationStorage
  readonly buffers: BufferPool
  readonly oids: OidCounter
  readonly recovery: RecoveryState
  readonly walReceiver: WalReceiverState
  readonly walSummarizer: WalSummarizerState
  readonly walSenders: WalSenders
  readonly archiverStatistics: ArchiverStatistics
  readonly slots: ReplicationSlots
  readonly slotSync: SlotSyncState
  readonly origins: ReplicationOrigins
  readonly logicalWorkers: LogicalWorkers
  readonly controlFile: ControlFile
  readonly synchronousReplication: SynchronousReplication
  readonly catalog: CatalogState
  readonly databases: Databases
  readonly statistics: CumulativeStatistics
  readonly maintenance: Maintenance
  readonly backgroundWorkers: BackgroundWorkers
  readonly parallelContexts: ParallelContexts
}

/** VACUUM and ANALYZE of one table: of maintenance/, which stands above. */
export interface Maintenance {
  /** Ends the transaction that stands, works in one of its own, and leaves a new one. */
  vacuum(by: MaintenanceSession, table: number, options: MaintenanceOptions): Coroutine
  /** After the last table: what has come of it for the whole database. */
  vacuumed(by: MaintenanceSession): Coroutine
  /** In the transaction that stands. */
  analyze(by: MaintenanceSession, table: number, options: MaintenanceOptions): Coroutine
}

export interface MaintenanceSession {
  readonly me: Process
  readonly proc: Proc
  readonly transaction: TransactionState
  readonly tell: (level: LogLevel, sqlstate: string, message: string, hint?: string, detail?: string) => void
}

export interface MaintenanceOptions {
  /** Every row that can be frozen is. */
  readonly freezes: boolean
  /** DISABLE_PAGE_SKIPPING. */
  readonly skipsNoPage: boolean
  readonly skipsLocked: boolean
  readonly isVerbose: boolean
  /** Gives empty pages at the end back; undefined: as the table's storage parameter says. */
  readonly truncates: boolean | undefined
  readonly indexCleanup: 'auto' | 'on' | 'off' | undefined
}

/** What a session is opened on: a server with its shared memory, and the system views that views/ makes for it. */
export interface SqlHost {
  readonly environment: ServerEnvironment
  readonly shared: SqlServices
  readonly views: ReadonlyMap<string, SystemView>
}

export interface SqlServer extends SqlServices {
  readonly environment: ServerEnvironment
  readonly views: ReadonlyMap<string, SystemView>
}

export interface SessionContext {
  readonly server: SqlServer
  readonly me: Process
  readonly proc: Proc
  readonly transaction: TransactionState
  readonly notifications: SessionNotifications
  readonly settings: SessionSettings
  /** Memory and temporary files of the running statement. */
  readonly work: WorkArea
  readonly random: Random
  /** The catalogs as the running statement sees them. */
  readonly catalog: CatalogImage
  readonly send: (message: BackendMessage) => void
  /** Of what it runs together with parallel workers. */
  readonly parallelContexts: Set<ParallelContext>
  /** What nextval gave this session. */
  readonly lastSequence: { last: number | undefined; readonly values: Map<number, Int8> }
}
