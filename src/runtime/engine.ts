// The port between the interpreter of scenarios and whatever plays PostgreSQL. Clients, steps and faults are generators
// that yield the requests below as plain objects and get typed answers; an engine drives them: the simulated one on its
// virtual clock, one over real servers on the wall clock. Nothing here knows which of the two it is.

import type { Diagnostic } from '../model/diagnostic.ts'
import type { Scenario } from '../model/scenario.ts'
import type { Span } from '../model/source.ts'
import type { EventKind } from '../model/trace.ts'
import { hour, second } from '../model/units.ts'
import type { Flag } from './flag.ts'
import type { Listener, Trace } from './trace.ts'

// What is to be played

export interface HostDeclaration {
  readonly name: string
  readonly cpus?: number
  /** What processes and the page cache may have, in bytes; as much as they want, if left out. */
  readonly memory?: number
  /** Whether its operating system promises more memory than there is, as it does if this is left out. */
  readonly overcommits?: boolean
  /** Its kind: nvme, ssd, hdd. */
  readonly disk?: string
}

export interface NodeDeclaration {
  readonly name: string
  readonly host: string
  /** PostgreSQL's settings as postgresql.conf would have them. */
  readonly settings: Readonly<Record<string, string>>
  /** The server that it streams from; missing for a primary. */
  readonly upstream?: string
  /** The slot that it streams through. */
  readonly slot?: string
  /** The archive that it fetches WAL from. */
  readonly archive?: string
  /** It has no files until it is restored from a backup, and is not started before. */
  readonly isRestored?: boolean
}

/**
 * Where servers archive their WAL: each of `nodes` has archive_mode = on and an archive_command that copies there,
 * unless its settings have others. The engine makes the command.
 */
export interface ArchiveDeclaration {
  readonly name: string
  readonly nodes: readonly string[]
  readonly kind: 'directory' | 'object-store'
  /** How long a request takes, in nanoseconds; what is usual for its kind, if left out. */
  readonly latency?: number
  /** Whether anybody may ever fetch anything from it. */
  readonly isRead: boolean
}

/** What a disk of its own can hold: pg_wal, what the logger writes, or all files but those that have another. */
export type VolumeName = 'data' | 'pg_wal' | 'log'

/** Where a server is connected to. */
export type Door = 'port' | 'socket'

/** A disk of its own for a part of a server; what is left out is as on the host's disk, and without a limit. */
export interface VolumeDeclaration {
  readonly node: string
  readonly name: VolumeName
  /** In bytes. */
  readonly size?: number
  /** In bytes a second. */
  readonly bandwidth?: number
  /** How long an fsync takes besides moving the bytes, in nanoseconds. */
  readonly fsync?: number
}

export interface SlotDeclaration {
  readonly name: string
  readonly node: string
}

/** Durations are nanoseconds, bandwidth bytes per second, loss a fraction. */
export interface LinkDeclaration {
  /** As it was declared, for who speaks of it later. */
  readonly name?: string
  readonly ends: readonly [string, string]
  readonly latency?: number
  readonly jitter?: number
  readonly loss?: number
  readonly bandwidth?: number
}

/** What is done before the clock starts, on a server that runs and is shut down cleanly afterwards. */
export interface SetupDeclaration {
  readonly node: string
  readonly span: Span
  readonly action: () => Action<SetupFailure | undefined>
}

export interface SetupFailure {
  readonly message: ServerMessage
  /** The statement that failed, where it stands in the setup. */
  readonly at: Span
}

export interface Topology {
  readonly postgres: 15 | 16 | 17 | 18
  /** Every node's host is among them. */
  readonly hosts: readonly HostDeclaration[]
  /** A standby comes after its upstream. */
  readonly nodes: readonly NodeDeclaration[]
  readonly slots: readonly SlotDeclaration[]
  readonly archives: readonly ArchiveDeclaration[]
  readonly volumes: readonly VolumeDeclaration[]
  /** Between nodes and endpoints, one entry a pair. */
  readonly links: readonly LinkDeclaration[]
  /** Names of everything that connects: clients (`teller[0]`), sessions, and pgdrill itself for `run`. */
  readonly endpoints: readonly string[]
  readonly setups: readonly SetupDeclaration[]
}

// What a server says

export interface ServerMessage {
  /** WARNING, ERROR, FATAL, …; libpq's own complaints are ERROR without a SQLSTATE. */
  readonly level: string
  readonly sqlstate?: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  /** In the query string, from 1, in code points. */
  readonly position?: number
}

/** A connection that stands; engines keep more in theirs. */
export interface Connection {
  readonly node: string
  /** The pid of its backend. */
  readonly backend: number
  readonly inHotStandby: boolean
  readonly defaultTransactionReadOnly: boolean
}

/** The database that who names none connects to. */
export const defaultDatabase = 'postgres'

/** A program that has a logical slot streamed to it; engines keep more in theirs. */
export interface Receiver {
  readonly node: string
}

/** TCP's keepalive: after so long a silence a probe, then one every interval, and the end after so many. */
export interface Keepalive {
  readonly idle: number
  readonly interval: number
  readonly count: number
}

/** Linux's. */
export const defaultKeepalive: Keepalive = { idle: 2 * hour, interval: 75 * second, count: 9 }

/** A query string whose `$1…` stand for literals that the client put in: `42`, `'it''s'`. Sent as one simple query. */
export interface Query {
  readonly template: string
  readonly values: readonly string[]
}

/** What one statement of a query string gave. */
export interface StatementResult {
  /** PostgreSQL's command tag: `UPDATE 1`. */
  readonly tag: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** The last transaction with an xid that a query string committed. */
export interface Commit {
  readonly xid: number
  /** Where its commit record ends, if the engine can know. */
  readonly lsn?: number
  /** It was acknowledged before its WAL was flushed, if the engine can know. */
  readonly asynchronous?: boolean
}

/** What a NOTIFY sent. */
export interface Notification {
  readonly channel: string
  readonly payload: string
  /** The pid of the backend that sent it. */
  readonly backend: number
}

export interface Executed {
  readonly results: readonly StatementResult[]
  readonly error?: ServerMessage
  readonly notices: readonly ServerMessage[]
  /** Those that came since the query string before; missing if none did. */
  readonly notifications?: readonly Notification[]
  /** As ReadyForQuery has it: idle, in a transaction, in a failed one. */
  readonly status: 'I' | 'T' | 'E'
  readonly committed?: Commit
  /** The connection is gone: what libpq says of it. Then `inDoubt` is the transaction that it was in, if it had an xid. */
  readonly lost?: ServerMessage
  readonly inDoubt?: number
}

/** The signals that can be sent, with Linux's numbers. */
export const signalNumbers = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  TERM: 15,
  CONT: 18,
  STOP: 19,
} as const
export type SignalName = keyof typeof signalNumbers

export type ShutdownMode = 'smart' | 'fast' | 'immediate'

/** Processes that a signal may be sent to, by PostgreSQL's names; `backend` means those of clients. */
export type ProcessRole =
  | 'postmaster'
  | 'backend'
  | 'startup'
  | 'checkpointer'
  | 'bgwriter'
  | 'walwriter'
  | 'walsender'
  | 'walreceiver'
  | 'archiver'
  | 'logger'
  | 'autovacuum launcher'
  | 'autovacuum worker'
  | 'logical replication launcher'
  /** Whether it applies or copies. */
  | 'logical replication worker'
  /** From 17 on. */
  | 'slotsync worker'
  | 'parallel worker'
  | 'io worker'
  | 'walsummarizer'

/** What a node can be waited for: down, serving anybody, serving readers with its replay held, serving writes. */
export type NodeState = 'down' | 'accepting' | 'paused' | 'writable'

/**
 * An order that was given, or why it could not be, as pg_ctl or the operating system would say it. `skipped`: why the
 * engine cannot do such a thing at all, where another one can.
 */
export type Ordered = { readonly refused?: string; readonly skipped?: string }

export type FileCall = 'fsync' | 'write'

/** The second half of the block is missing; all of it is zeros; one bit is another. */
export type Damage = 'torn' | 'zeroed' | 'flipped'

/** Units as in the declarations. */
export type Degraded =
  | {
      readonly kind: 'volume'
      readonly node: string
      readonly volume: VolumeName
      readonly quality: Pick<VolumeDeclaration, 'bandwidth' | 'fsync'>
    }
  | { readonly kind: 'host'; readonly host: string; readonly quality: Pick<HostDeclaration, 'cpus' | 'memory'> }
  | {
      readonly kind: 'link'
      readonly ends: readonly [string, string]
      readonly quality: Pick<LinkDeclaration, 'latency' | 'loss' | 'bandwidth'>
    }

/** What can be asked for, by kind. Times are nanoseconds since the start of the run. */
export interface Requests {
  /** Opens a connection to one node, as libpq does for one host of a connection string. */
  connect: {
    readonly request: {
      readonly from: string
      readonly node: string
      readonly database: string
      readonly applicationName: string
      /** How long the whole may take. */
      readonly timeout?: number
      /** How long sent data may stay unacknowledged. */
      readonly tcpUserTimeout?: number
      readonly keepalive: Keepalive
      /** Whether `committed` and `inDoubt` of its queries are wanted. */
      readonly tracksCommits: boolean
    }
    readonly response: { readonly connection: Connection } | { readonly failure: ServerMessage }
  }
  /** Sends a query string and waits for all of its answer. */
  execute: {
    readonly request: { readonly connection: Connection; readonly query: Query }
    readonly response: Executed
  }
  close: { readonly request: { readonly connection: Connection }; readonly response: undefined }
  /** Pids that the connection's backend waits for, on a lock or for a safe snapshot; empty if it does not. */
  blockers: { readonly request: { readonly connection: Connection }; readonly response: readonly number[] }

  sleep: { readonly request: { readonly until: number }; readonly response: undefined }
  /** Waits until the flag is raised the next time (true) or the time has come (false). Missing `until`: for ever. */
  wait: { readonly request: { readonly flag: Flag; readonly until?: number }; readonly response: boolean }
  /** Waits until the node is in this state (true) or the time has come (false). */
  state: {
    readonly request: { readonly node: string; readonly state: NodeState; readonly until?: number }
    readonly response: boolean
  }

  /** Runs pg_recvlogical without its loop. */
  receive: {
    readonly request: {
      readonly from: string
      readonly node: string
      readonly database: string
      readonly slot: string
      /** Of the output plugin: `name=value` or `name`. */
      readonly options: readonly string[]
      /** The output plugin of the slot that it makes first. */
      readonly create?: string
      /** The LSN at which it ends. */
      readonly end?: string
      readonly cause?: number
    }
    readonly response: { readonly receiver: Receiver } | Ordered
  }
  /**
   * The next line that it prints, or its end, with what it complained of first if it failed. When `until` comes it is
   * interrupted.
   */
  received: {
    readonly request: { readonly receiver: Receiver; readonly until?: number }
    readonly response:
      | { readonly line: string; readonly lsn?: number }
      | { readonly ended: true; readonly complaint?: string }
  }

  /** The processes of a role that the node has now, oldest first. */
  processes: {
    readonly request: { readonly node: string; readonly role: ProcessRole }
    readonly response: readonly { readonly pid: number; readonly type: string }[]
  }
  /** kill(2). False: there is no such process. `cause`, here and below: the event that led to it. */
  signal: {
    readonly request: {
      readonly node: string
      readonly pid: number
      readonly signal: SignalName
      readonly cause?: number
    }
    readonly response: boolean
  }
  isUp: { readonly request: { readonly host: string }; readonly response: boolean }
  /** Takes the host's power or gives it back, or stops its operating system dead. */
  power: {
    readonly request: { readonly host: string; readonly to: 'off' | 'on' | 'crashed'; readonly cause?: number }
    readonly response: undefined
  }
  isCut: { readonly request: { readonly from: string; readonly to: string }; readonly response: boolean }
  /** Cuts or heals one direction between two endpoints. */
  link: {
    readonly request: { readonly from: string; readonly to: string; readonly cut: boolean; readonly cause?: number }
    readonly response: undefined
  }

  /** Lets every such command of the node fail with exit code 1, or work again. Refused where it has none. */
  archive: {
    readonly request: {
      readonly node: string
      readonly command: 'archive_command' | 'restore_command'
      readonly fails: boolean
      readonly cause?: number
    }
    readonly response: Ordered
  }

  /** Takes a base backup into an archive. Answers when it is there with all the WAL that it needs. */
  backup: {
    readonly request: { readonly node: string; readonly archive: string; readonly cause?: number }
    readonly response: Ordered
  }
  /**
   * Makes the files of a server that is down those of another one, as pg_rewind does, and has it follow that one at its
   * next start. Answers when that is done.
   */
  rewind: {
    readonly request: { readonly node: string; readonly source: string; readonly cause?: number }
    readonly response: Ordered
  }
  /** Throws the WAL of a server that is down away, as pg_resetwal does. Answers when that is done. */
  resetwal: {
    /** `nextXid`: the transaction id that is given out next. */
    readonly request: { readonly node: string; readonly nextXid: number; readonly cause?: number }
    readonly response: Ordered
  }
  /** Makes a server from the newest base backup in an archive, and starts it. Answers when that is done. */
  restore: {
    readonly request: {
      readonly node: string
      readonly archive: string
      readonly settings: Settings
      /** recovery_target_time, in nanoseconds since the start of the run. */
      readonly targetTime?: number
      /** Whether backup_label is there, as it must be. */
      readonly keepsLabel: boolean
      /** The signal file: what it is to become. */
      readonly signal: 'recovery' | 'standby' | 'none'
      readonly cause?: number
    }
    readonly response: Ordered
  }

  /** Puts a file of somebody else's on a volume until this fraction of it is used; missing: takes that file away. */
  fill: {
    readonly request: {
      readonly node: string
      readonly volume: VolumeName
      readonly to?: number
      readonly cause?: number
    }
    readonly response: Ordered
  }
  /** Lets another program listen on the node's port, or lock its Unix socket; or lets it go. */
  take: {
    readonly request: {
      readonly node: string
      readonly door: Door
      readonly isTaken: boolean
      readonly cause?: number
    }
    readonly response: Ordered
  }
  /** Lets fsync(2) or write(2) of the server fail with EIO on all of its volumes, or work again. */
  fail: {
    readonly request: {
      readonly node: string
      readonly call: FileCall
      readonly fails: boolean
      readonly cause?: number
    }
    readonly response: Ordered
  }
  /** Makes something slower or smaller; what is missing of `quality` is as it was declared. */
  degrade: {
    readonly request: { readonly target: Degraded; readonly cause?: number }
    readonly response: Ordered
  }
  /** Damages a block of a relation's file, or of a segment of the WAL, on the disk. */
  corrupt: {
    readonly request: {
      readonly node: string
      readonly file: string
      readonly block: number
      readonly damage: Damage
      readonly cause?: number
    }
    readonly response: Ordered
  }

  /** Starts a server that is down; its host boots first where it must. Answers when the order is given. */
  start: {
    readonly request: { readonly node: string; readonly settings?: Settings; readonly cause?: number }
    readonly response: Ordered
  }
  stop: {
    readonly request: { readonly node: string; readonly mode: ShutdownMode; readonly cause?: number }
    readonly response: Ordered
  }
  /** Changes settings in the configuration file and sends SIGHUP. */
  reload: {
    readonly request: { readonly node: string; readonly settings: Settings; readonly cause?: number }
    readonly response: Ordered
  }
  promote: { readonly request: { readonly node: string; readonly cause?: number }; readonly response: Ordered }
  /** Changes primary_conninfo and reloads. */
  follow: {
    readonly request: { readonly node: string; readonly upstream: string; readonly cause?: number }
    readonly response: Ordered
  }
}

/** PostgreSQL's settings as postgresql.conf would have them. */
export type Settings = Readonly<Record<string, string>>

export type RequestKind = keyof Requests
export type RequestOf<K extends RequestKind> = { readonly kind: K } & Requests[K]['request']
export type ResponseOf<K extends RequestKind> = Requests[K]['response']
export type Request = { [K in RequestKind]: RequestOf<K> }[RequestKind]

/** What clients, steps and faults are written as. It is dropped, without its `finally`, when the run ends. */
export type Action<Result = void> = Generator<Request, Result, unknown>

/** Asks the engine for something: `const answer = yield* ask({ kind: 'connect', … })`. */
export function* ask<K extends RequestKind>(request: RequestOf<K>): Action<ResponseOf<K>> {
  return (yield request as Request) as ResponseOf<K>
}

// The engine

export type Scalar = null | boolean | number | string
export type ProbeAnswer = { readonly value: Scalar } | { readonly failure: string }

/** Who acts: its name stands in connections as where they come from. */
export interface Actor {
  readonly name: string
  readonly action: Action
  /** The event that led to it. */
  readonly cause?: number
}

type Soon<T> = T | Promise<T>

/** One cluster for one run. */
export interface Engine {
  readonly name: 'simulated' | 'postgres'
  /** The interpreter tells its own events here too. */
  readonly trace: Trace
  /** What was planned for a moment and comes no later than this after it was on time: the clock cannot do better. */
  readonly precision: number
  /** Nanoseconds since the start of the run. */
  now(): number
  /** The event that led to what the acting actor does now. */
  cause(): number | undefined
  /** Starts every node: the beginning of the run. */
  begin(): void
  /** Begins an actor at this instant. */
  spawn(actor: Actor): void
  /**
   * Lets the run go on until something is told, or until this time is reached, or nothing will happen any more. What
   * the interpreter does when it returns comes before everything that follows.
   */
  next(until: number): Soon<'told' | 'reached' | 'idle'>
  /** The first column of the first row, seen without disturbing anything: no backend, no xid, no log line. */
  probe(node: string, database: string, sql: string): Soon<ProbeAnswer>
  /** For each of these transactions, whether the node has it as committed; undefined if the node cannot say now. */
  survived(node: string, commits: readonly CommitToFind[]): Soon<readonly boolean[] | undefined>
  /** Takes everything down, and leaves nothing behind. */
  close(): Soon<void>
}

export interface CommitToFind {
  /** The node that ran the transaction. */
  readonly node: string
  readonly xid: number
  /** Where its commit record ends, if anybody was told. */
  readonly lsn?: number
  /** When it was acknowledged, or when its connection was lost. */
  readonly time: number
}

export interface EngineOptions {
  readonly seed: number
  /** Kinds of events that are recorded besides those of the level lifecycle. */
  readonly wants: ReadonlySet<EventKind>
  /** Gets every event as it is told. */
  readonly listener: Listener
  /** Called now and then, in the middle of anything; what it throws comes out of `open` and `next`. */
  readonly look: () => void
}

export type Opened = { readonly engine: Engine } | { readonly setup: SetupDeclaration; readonly failure: SetupFailure }

/** A kind of engine. */
export interface EngineKind {
  readonly name: 'simulated' | 'postgres'
  /** What it will not play of a scenario, and what it finds wrong with the settings of its nodes. */
  diagnose(scenario: Scenario): readonly Diagnostic[]
  /** Makes the cluster and plays its setups; time 0 is when the servers, shut down cleanly, are about to start. */
  open(topology: Topology, options: EngineOptions): Soon<Opened>
}
