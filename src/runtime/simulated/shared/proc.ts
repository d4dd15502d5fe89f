// What a process shows of itself in shared memory: its transaction, what it runs, what it waits for.
// Mirrors PGPROC (proc.h) and PgBackendStatus (backend_status.h), which are one object here.

import type { Process } from '../machine/process.ts'
import { SessionSettings } from '../settings/session-settings.ts'
import type { SettingsReader } from '../settings/settings.ts'
import type { ConflictReason } from './recovery-conflict.ts'
import type { VacuumProgress } from './vacuum-progress.ts'

export type BackendState = 'active' | 'idle' | 'idle in transaction' | 'idle in transaction (aborted)'

/** What a process waits for in a lock's queue; locks/ fills it in. */
export interface LockWait {
  readonly mode: string
  /** As messages name it: `transaction 742`, `relation 16384 of database 5`. */
  readonly target: string
  /** When it began to wait, in nanoseconds. */
  readonly startedAt: number
}

export interface Notice {
  readonly level: string
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

export class Proc {
  /** Of a prepared transaction: that which prepared it, and may be gone. */
  readonly process: Process
  /** It stands for a prepared transaction, which nobody runs: the virtual transaction as which it is shown. */
  private readonly preparedAs: string | undefined
  /** 0: there is no process. */
  readonly pid: number
  /** Tells its virtual transactions from those of the proc that had its slot before. */
  readonly backendId: number
  /** A session's own, or the server's. */
  readonly settings: SettingsReader
  /** The same where a session may change them. */
  readonly sessionSettings: SessionSettings | undefined
  databaseId = 0
  /** Where its relations are that name no other tablespace; 0: in pg_default. */
  databaseTablespace = 0
  database = ''
  role = ''
  roleId = 0
  isSuperuser = false
  /** Who knows it may cancel what the session runs. */
  cancelKey = 0
  /** What it is to pg_stat_activity: client backend, walsender, checkpointer, … */
  readonly backendType: string
  readonly startedAt: number

  /** 0: none. */
  xid = 0
  /** The oldest transaction that its snapshots still see as running; 0: it has no snapshot. */
  xmin = 0
  /** Running subtransactions with an xid. */
  subxids: number[] = []
  /** More subtransactions than fit in shared memory: snapshots must ask pg_subtrans. */
  subxidsOverflowed = false
  localTransactionId = 0
  /** It vacuums: others need not keep rows for its snapshot. */
  inVacuum = false
  /** An autovacuum worker: who needs its lock may cancel what it does. */
  isAutovacuum = false
  /** It keeps transaction ids from running out, and gives way to nobody. */
  preventsWraparound = false
  /** Of the vacuum that it runs. */
  vacuumProgress: VacuumProgress | undefined
  /** While a checkpoint must wait for it: between its commit record and its mark in the commit log. */
  delaysCheckpoint = false

  state: BackendState = 'idle'
  /** What runs now; undefined when idle. */
  statement: string | undefined
  /** What ran last, or runs. */
  lastStatement: string | undefined
  stateChangedAt: number
  transactionStartedAt = 0
  queryStartedAt = 0
  waitingFor: LockWait | undefined

  /** Whose query it works on, if it is a parallel worker. */
  leader: Proc | undefined
  /** Looked at with every interrupt: fails with what a parallel worker has failed with. */
  takeParallelMessages: (() => void) | undefined

  /** It was told to end, or to cancel what it runs; a wait that may not be torn looks here. */
  diePending = false
  cancelPending = false
  /** Why it was told that it is in the way of recovery, until it looks. */
  readonly conflicts = new Set<ConflictReason>()
  /** Whether a query of its own that stands still has the page of this buffer of the pool pinned. */
  holdsPin: ((buffer: number) => boolean) | undefined
  /** The replication origin whose changes it repeats here; 0: what it changes is its own. */
  origin = 0
  /** It ends without another word to its client: neither success nor failure would be true. */
  outputIsOff = false
  /** Notifications wait for it in the queue: it looks there when it is idle. */
  notifyPending = false
  /** Sends the client a notice; undefined where there is no client. */
  notify: ((notice: Notice) => void) | undefined

  constructor(
    process: Process,
    options: {
      readonly backendId: number
      readonly backendType: string
      readonly settings: SettingsReader
      readonly virtualTransaction?: string
    },
  ) {
    this.process = process
    this.preparedAs = options.virtualTransaction
    this.pid = this.isPrepared ? 0 : process.pid
    this.backendId = options.backendId
    this.backendType = options.backendType
    this.settings = options.settings
    this.sessionSettings = options.settings instanceof SessionSettings ? options.settings : undefined
    this.startedAt = process.now()
    this.stateChangedAt = this.startedAt
  }

  get isPrepared(): boolean {
    return this.preparedAs !== undefined
  }

  /** As pg_locks shows it. */
  get virtualTransaction(): string {
    return this.preparedAs ?? `${this.backendId}/${this.localTransactionId}`
  }

  /** As the session has it now. */
  get applicationName(): string {
    return this.settings.get('application_name')
  }
}
