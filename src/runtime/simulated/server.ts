// One server: its settings, its files, its shared memory, and the types of processes that it may have. Shared memory
// is one object, made anew when the server starts and when it recovers from a crash.

import { millisecond } from '../../model/units.ts'
import { BTree } from './access/btree.ts'
import { BTreeRedo } from './access/btree-redo.ts'
import { Heap } from './access/heap.ts'
import { HeapRedo } from './access/heap-redo.ts'
import { SequenceRedo, Sequences } from './access/sequence.ts'
import { Databases } from './catalog/databases.ts'
import { CatalogState } from './catalog/state.ts'
import type { Coroutine } from './kernel/task.ts'
import { LockManager } from './locks/lock-manager.ts'
import { logicalMessageRedo } from './logical/logical-message.ts'
import { SharedSegment } from './machine/memory.ts'
import type { Process } from './machine/process.ts'
import { Shell } from './machine/shell.ts'
import type { Socket } from './machine/socket.ts'
import { AutovacuumWorkers } from './maintenance/autovacuum-workers.ts'
import { maintenanceOf } from './maintenance/commands.ts'
import { NotifyQueue } from './notify/notify-queue.ts'
import { DatabaseRedo } from './recovery/database-redo.ts'
import { OidCounter } from './recovery/oid-counter.ts'
import { RecoveryState } from './recovery/recovery-state.ts'
import { StandbyRedo } from './recovery/running-transactions.ts'
import type { RecoveryServices } from './recovery/services.ts'
import { giveUpSlots, rowsRemoved } from './recovery/slot-conflicts.ts'
import { TablespaceRedo } from './recovery/tablespace-redo.ts'
import { XlogRedo } from './recovery/xlog-redo.ts'
import { LogicalWorkers } from './replication/logical-workers.ts'
import { ReplicationOrigins } from './replication/replication-origins.ts'
import { SlotSyncState } from './replication/slot-sync-state.ts'
import { ReplicationSlots } from './replication/slots.ts'
import { SynchronousReplication } from './replication/synchronous-replication.ts'
import { WalReceiverState } from './replication/wal-receiver-state.ts'
import { WalSenders } from './replication/wal-senders.ts'
import { ArchiverStatistics } from './shared/archiver-statistics.ts'
import { type BackgroundWorker, BackgroundWorkers, type BackgroundWorkerType } from './shared/background-workers.ts'
import { dataDirectoryOf, type ServerEnvironment } from './shared/environment.ts'
import { clientPort } from './shared/logging/client-address.ts'
import { LogCollector } from './shared/logging/log-collector.ts'
import type { LogSource } from './shared/logging/log-entry.ts'
import { LogFormatter } from './shared/logging/log-formatter.ts'
import type { Proc } from './shared/proc.ts'
import { ProcArray } from './shared/proc-array.ts'
import { makeShared } from './shared/process-memory.ts'
import { Requests } from './shared/requests.ts'
import type { SqlHost, SqlServices } from './sql/context.ts'
import { ParallelContexts } from './sql/parallel/parallel-context.ts'
import { type SystemView, viewsOf } from './sql/system-view.ts'
import { CumulativeStatistics } from './statistics/cumulative-statistics.ts'
import { BufferPool } from './storage/buffer-pool.ts'
import { CommitLog } from './storage/commit-log.ts'
import { FreeSpaceMap } from './storage/free-space-map.ts'
import { pageSize } from './storage/page.ts'
import { RedoPages } from './storage/redo-pages.ts'
import { RelationStorage } from './storage/relation-storage.ts'
import { Residency } from './storage/residency.ts'
import { VisibilityMap } from './storage/visibility-map.ts'
import { MultiXactRedo, TransactionRedo } from './transactions/transaction-redo.ts'
import { Transactions } from './transactions/transactions.ts'
import { ControlFile, type ControlFileData } from './wal/control-file.ts'
import type { ResourceManager } from './wal/resource-managers.ts'
import { WalSummarizerState } from './wal/summarizer-state.ts'
import { Wal } from './wal/wal.ts'

export type AuxiliaryType =
  | 'startup'
  | 'checkpointer'
  | 'bgwriter'
  | 'walwriter'
  | 'walreceiver'
  | 'autovacuum launcher'
  | 'autovacuum worker'
  | 'archiver'
  | 'logical replication launcher'
  | 'slotsync worker'
  | 'io worker'
  | 'walsummarizer'
  | 'logger'

/** Why a connection is not let in. */
export interface Refusal {
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
}

export interface Admission {
  readonly refusal?: Refusal
}

/** The code of every type of process; the postmaster is handed it. */
export interface ProcessTypes {
  readonly postmaster: (me: Process, server: Server) => Coroutine
  readonly backend: (me: Process, server: Server, client: Socket, admission: Admission) => Coroutine
  /** What a backend becomes whose client asks for replication. */
  readonly walSender: (me: Process, server: Server, client: Socket, proc: Proc) => Coroutine
  readonly backgroundWorkers: Readonly<
    Record<BackgroundWorkerType, (me: Process, server: Server, worker: BackgroundWorker) => Coroutine>
  >
  readonly auxiliaries: Readonly<Record<AuxiliaryType, (me: Process, server: Server) => Coroutine>>
}

/** What a child tells the postmaster with SIGUSR1. */
export type PostmasterSignal =
  | 'recovery started'
  | 'begin hot standby'
  | 'start walreceiver'
  | 'wal is shut down'
  | 'start autovacuum launcher'
  | 'start autovacuum worker'
  | 'background worker change'

/** Mapping and clearing shared memory; at a crash the old block is given back first. */
const createCost = 4 * millisecond
const recreateCost = 8 * millisecond

/** All that a crash cycle throws away. */
export class SharedMemory implements RecoveryServices, SqlServices {
  /** As the machine counts it. */
  readonly segment = new SharedSegment()
  readonly procArray = new ProcArray()
  readonly requests = new Requests()
  readonly backgroundWorkers: BackgroundWorkers
  readonly parallelContexts = new ParallelContexts()
  readonly statistics = new CumulativeStatistics()
  readonly controlFile: ControlFile
  readonly wal: Wal
  readonly archiverStatistics: ArchiverStatistics
  // Replication
  readonly walSenders = new WalSenders()
  readonly walReceiver = new WalReceiverState()
  readonly walSummarizer = new WalSummarizerState()
  readonly slots: ReplicationSlots
  readonly slotSync = new SlotSyncState()
  readonly origins: ReplicationOrigins
  readonly logicalWorkers = new LogicalWorkers()
  readonly synchronousReplication: SynchronousReplication
  // Storage
  readonly buffers: BufferPool
  readonly commitLog: CommitLog
  readonly redoPages: RedoPages
  readonly freeSpaceMap: FreeSpaceMap
  readonly visibilityMap: VisibilityMap
  readonly storage: RelationStorage
  // Transactions and tables
  readonly locks: LockManager
  readonly transactions: Transactions
  readonly notifyQueue: NotifyQueue
  readonly heap: Heap
  readonly btree: BTree
  readonly sequences: Sequences
  readonly catalog: CatalogState
  readonly databases: Databases
  readonly maintenance = maintenanceOf(this)
  readonly autovacuum = new AutovacuumWorkers()
  /** 18: the places that io workers have taken. */
  readonly ioWorkers = new Set<number>()
  // Recovery
  readonly recovery = new RecoveryState()
  readonly oids: OidCounter
  readonly standbyRedo: StandbyRedo
  readonly resourceManagers: ReadonlyMap<number, ResourceManager>

  constructor(environment: ServerEnvironment, control: ControlFileData) {
    const { requests, procArray } = this
    this.backgroundWorkers = new BackgroundWorkers(environment.settings)
    this.controlFile = new ControlFile(environment, control)
    this.wal = new Wal(environment, requests, procArray, control.systemIdentifier)
    this.archiverStatistics = new ArchiverStatistics(environment.kernel.now)
    this.slots = new ReplicationSlots(environment, this.wal)
    this.origins = new ReplicationOrigins(environment, this.wal)
    this.synchronousReplication = new SynchronousReplication(environment, this.walSenders)
    this.buffers = new BufferPool(environment, this.wal, requests, residencyOf(environment, this.segment))
    this.commitLog = new CommitLog(environment, this.wal, requests)
    this.redoPages = new RedoPages(environment, this.buffers)
    this.freeSpaceMap = new FreeSpaceMap(this.buffers)
    this.visibilityMap = new VisibilityMap(this.buffers)
    this.storage = new RelationStorage(this.wal, this.buffers, this, this.redoPages)
    this.locks = new LockManager(environment)
    this.transactions = new Transactions(environment, {
      wal: this.wal,
      commitLog: this.commitLog,
      locks: this.locks,
      procArray,
      storage: this.storage,
      statistics: this.statistics,
      origins: this.origins,
      waitForSynchronousStandbys: (me, proc, lsn) => this.synchronousReplication.wait(me, proc, lsn),
    })
    const { conflicts } = this.transactions
    conflicts.removesCatalogRows = (me, horizon, database) =>
      giveUpSlots(me, this, rowsRemoved(horizon, database, conflicts.context?.()))
    this.transactions.slotXmin = this.slots.requiredXmin()
    this.transactions.slotCatalogXmin = this.slots.requiredCatalogXmin()
    this.notifyQueue = new NotifyQueue(environment)
    this.heap = new Heap(environment, this)
    this.btree = new BTree(this.heap.services)
    this.sequences = new Sequences(this.heap.services)
    this.catalog = new CatalogState(this.heap)
    this.databases = new Databases(this.heap.services)
    this.transactions.limits.nameOf = oid => this.databases.byOid(oid)?.name ?? ''
    this.oids = new OidCounter(this.wal)
    this.standbyRedo = new StandbyRedo(this.transactions, this.commitLog)
    const managers: ResourceManager[] = [
      new XlogRedo(environment, () => this),
      new TransactionRedo(this.transactions),
      this.storage,
      new DatabaseRedo(environment, () => this),
      this.commitLog,
      new TablespaceRedo(environment, this.transactions),
      new MultiXactRedo(this.transactions),
      this.standbyRedo,
      ...new HeapRedo(this.heap.services, this.redoPages).managers(),
      new BTreeRedo(this.heap.services, this.redoPages),
      new SequenceRedo(this.heap.services, this.redoPages),
      this.origins,
      logicalMessageRedo,
    ]
    this.resourceManagers = new Map(managers.map(manager => [manager.id, manager]))
  }
}

/** Missing where the machine's memory has no size. */
function residencyOf({ host, settings }: ServerEnvironment, segment: SharedSegment): Residency | undefined {
  if (!host.memory.pages) return undefined
  return new Residency(host.memory, segment, Math.floor(settings.get('shared_buffers') / pageSize))
}

export class Server implements SqlHost {
  readonly environment: ServerEnvironment
  readonly types: ProcessTypes
  /** The system views that sessions can ask. */
  readonly views: ReadonlyMap<string, SystemView>
  /** What runs archive_command. */
  readonly shell: Shell
  private memory: SharedMemory | undefined
  postmaster: Process | undefined
  /** What it lets clients do now. */
  accepting: 'nothing' | 'reads' | 'writes' = 'nothing'
  /** Why children get SIGQUIT from the postmaster; undefined: not from the postmaster. */
  quitReason: 'crash' | 'immediate shutdown' | undefined
  /** What the logger reads; it outlives loggers and crashes of the server. Missing where no log is collected. */
  logCollector: LogCollector | undefined
  private readonly clients = new WeakMap<Process, { readonly host: string; readonly port: number }>()
  /** When the postmaster began, in nanoseconds since the start of the run. */
  startedAt = 0
  private signals = new Set<PostmasterSignal>()
  /** How often shared memory was made: its id. */
  private incarnation = 0

  constructor(environment: ServerEnvironment, types: ProcessTypes, views: ReadonlyMap<string, SystemView>) {
    this.environment = environment
    this.types = types
    this.views = viewsOf(views, environment.version)
    const { settings } = environment
    settings.override('data_directory', this.dataDirectory)
    settings.override('config_file', `${this.dataDirectory}/postgresql.conf`)
    settings.override('hba_file', `${this.dataDirectory}/pg_hba.conf`)
    settings.override('ident_file', `${this.dataDirectory}/pg_ident.conf`)
    this.shell = new Shell(path => (path.startsWith('pg_wal/') ? environment.pgWal : environment.data))
  }

  /** There is none before the first start. */
  get shared(): SharedMemory {
    if (!this.memory) throw new Error('shared memory was not made yet')
    return this.memory
  }

  get dataDirectory(): string {
    return dataDirectoryOf(this.environment)
  }

  get binDirectory(): string {
    return `/usr/lib/postgresql/${this.environment.version}/bin`
  }

  /** As ipcs would list the block that the postmaster keeps to know of its predecessors. */
  get sharedMemoryKey(): number {
    return 1_048_576 + this.environment.settings.get('port')
  }

  get sharedMemoryId(): number {
    return this.incarnation
  }

  /** All processes of this node, orphans of a dead postmaster included. */
  processesAlive(): Process[] {
    const { host, name } = this.environment
    return [...host.processes.values()].filter(process => process.place.node === name)
  }

  /** Starts the postmaster. */
  start(cause?: number): Process {
    this.environment.settings.load()
    this.wasConsistent = false
    const process = this.forkPostmaster(cause)
    this.startedAt = process.startedAt
    this.environment.log.collector = undefined
    this.environment.log.formatter = this.makeLogFormatter()
    this.logCollector = undefined
    // A postmaster that is killed says nothing: the node is down all the same.
    process.whenEnded = () => {
      if (this.postmaster === process) this.wentDown('its postmaster has ended', process.cause)
    }
    return process
  }

  /** Starts a postmaster where one is running. */
  startAnother(cause?: number): void {
    this.forkPostmaster(cause)
  }

  private forkPostmaster(cause: number | undefined): Process {
    const { host, name } = this.environment
    const process = host.fork('postmaster', me => this.types.postmaster(me, this), { node: name })
    process.cause = cause
    return process
  }

  /** Makes the pipe through which the log is collected. */
  makeLogCollector(): LogCollector {
    this.logCollector = new LogCollector(this.makeLogFormatter())
    return this.logCollector
  }

  private makeLogFormatter(): LogFormatter {
    return new LogFormatter(this.environment.settings, me => this.logSourceOf(me))
  }

  /** Who logs: a backend is known by its client before it has its place in shared memory. */
  private logSourceOf(process: Process): LogSource {
    const proc = this.memory?.procArray.byPid(process.pid)
    const [socket] = process.type === 'backend' || process.type === 'walsender' ? process.sockets : []
    // It is told of when it has gone, too.
    if (socket) this.clients.set(process, { host: socket.to, port: clientPort(process.pid) })
    return { process, proc, client: this.clients.get(process) }
  }

  /** Since this postmaster's start: the data that is replayed has been consistent. */
  wasConsistent = false

  /** Whether the node counts as up: from its start until it has gone down, however. */
  isUp = false

  /** The node is down; told once. */
  wentDown(reason: string, cause?: number): void {
    if (!this.isUp) return
    this.isUp = false
    this.accepting = 'nothing'
    const { trace, name } = this.environment
    trace.emit('node.down', { node: name }, { reason }, cause)
  }

  /** Shared memory is made when the server starts; `control` is what pg_control says. */
  initialize(me: Process, control: ControlFileData): void {
    me.charge(createCost)
    this.remake(me, control)
  }

  /** Shared memory is made anew after a crash. */
  reinitialize(me: Process): void {
    me.charge(recreateCost)
    this.remake(me, this.shared.controlFile.data)
  }

  private remake(me: Process, control: ControlFileData): void {
    const { host } = this.environment
    if (this.memory) {
      host.memory.detach(me, this.memory.segment)
      for (const segment of [this.memory.segment, ...this.memory.parallelContexts.segments]) {
        if (segment.users.size === 0) host.segments.delete(segment)
      }
    }
    this.incarnation++
    this.memory = new SharedMemory(this.environment, control)
    host.segments.add(this.memory.segment)
    makeShared(me, this.memory.segment, this.memory.buffers.size)
    this.memory.transactions.limits.askForAutovacuum = cause =>
      this.signalPostmaster('start autovacuum launcher', cause)
    this.memory.backgroundWorkers.askPostmaster = cause => this.signalPostmaster('background worker change', cause)
    this.signals = new Set()
    this.quitReason = undefined
  }

  signalPostmaster(reason: PostmasterSignal, cause?: number): void {
    this.signals.add(reason)
    this.postmaster?.signal('USR1', cause)
  }

  takePostmasterSignals(): ReadonlySet<PostmasterSignal> {
    const taken = this.signals
    this.signals = new Set()
    return taken
  }

  /** What pg_ctl promote leaves for the startup process to find. */
  get promoteFileExists(): boolean {
    return this.environment.data.exists('promote')
  }
}
