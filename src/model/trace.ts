// The events that a run tells, from either engine: each kind with its level, its fields and the sentence of the text
// timeline. Other programs read these; a field is added, never changed. The recorder is in runtime/trace.ts.

import { formatLsn, formatSeconds, formatSize } from './format.ts'

/**
 * lifecycle is always recorded; the others only where a report, a check or a trigger asks for them. samples are looks
 * into a server, taken now and then.
 */
export const levels = ['lifecycle', 'activity', 'storage', 'samples'] as const
export type Level = (typeof levels)[number]

/** Durations are nanoseconds, sizes bytes, LSNs byte positions in the WAL. */
type FieldType = 'text' | 'number' | 'duration' | 'size' | 'lsn' | 'boolean'
type Fields = Readonly<Record<string, FieldType | `${FieldType}?`>>

type Primitive<T> = T extends 'text' ? string : T extends 'boolean' ? boolean : number
type Required<F> = { [K in keyof F as F[K] extends `${string}?` ? never : K]: Primitive<F[K]> }
type Optional<F> = {
  [K in keyof F as F[K] extends `${string}?` ? K : never]?: F[K] extends `${infer T}?` ? Primitive<T> : never
}
export type FieldValues<F extends Fields> = Required<F> & Optional<F>

export interface EventKindDefinition<F extends Fields = Fields> {
  readonly level: Level
  readonly fields: F
  readonly sentence: (event: FieldValues<F>) => string
}

function kind<const F extends Fields>(
  level: Level,
  fields: F,
  sentence: (event: FieldValues<F>) => string,
): EventKindDefinition<F> {
  return { level, fields, sentence }
}

/** As the kernel writes it. */
function kilobytes(bytes: number): string {
  return `${Math.floor(bytes / 1024)}kB`
}

export const eventKinds = {
  'process.started': kind('lifecycle', { type: 'text', parent: 'number' }, e => `${e.type} started`),
  'process.exited': kind('lifecycle', { type: 'text', code: 'number?', signal: 'text?' }, e =>
    e.signal
      ? `${e.type} was terminated by ${e.signal}`
      : `${e.type} exited${e.code === undefined ? '' : ` with code ${e.code}`}`,
  ),
  'process.titled': kind('activity', { type: 'text', title: 'text' }, e => e.title),
  'process.waiting': kind(
    'storage',
    {
      /** As pg_stat_activity has it; both are missing when the process goes on. */
      wait_event_type: 'text?',
      wait_event: 'text?',
    },
    e => (e.wait_event === undefined ? 'goes on' : `waits: ${e.wait_event_type} ${e.wait_event}`),
  ),
  'signal.sent': kind(
    'activity',
    { signal: 'text', to: 'number', type: 'text' },
    e => `${e.signal} to ${e.type} ${e.to}`,
  ),
  'memory.exhausted': kind(
    'lifecycle',
    {
      /** The process that the operating system kills, and what it has resident. */
      killed: 'number',
      anonymous: 'size',
      mapped: 'size',
      shared: 'size',
    },
    e =>
      `Out of memory: Killed process ${e.killed} (postgres) anon-rss:${kilobytes(e.anonymous)}, file-rss:${kilobytes(e.mapped)}, shmem-rss:${kilobytes(e.shared)}`,
  ),
  'node.starting': kind(
    'lifecycle',
    {
      version: 'text',
      /** WAL files that wait for its archiver from before. */
      archive_ready: 'number?',
    },
    e => `starting PostgreSQL ${e.version}`,
  ),
  'node.accepting': kind('lifecycle', { writable: 'boolean' }, e =>
    e.writable ? 'accepts connections' : 'accepts read-only connections',
  ),
  'node.refusing': kind('lifecycle', { reason: 'text' }, e => `accepts no more connections: ${e.reason}`),
  'node.down': kind('lifecycle', { reason: 'text' }, e => `is down: ${e.reason}`),
  'log.line': kind(
    'lifecycle',
    {
      level: 'text',
      sqlstate: 'text?',
      message: 'text',
      detail: 'text?',
      hint: 'text?',
      context: 'text?',
      statement: 'text?',
    },
    e => `${e.level}: ${e.message}`,
  ),
  'log.written': kind(
    'storage',
    {
      /** stderr, csvlog or jsonlog: one of those that log_destination names. */
      destination: 'text',
      /** The lines as they stand in the file, each with its line break. */
      text: 'text',
    },
    e => e.text.trimEnd(),
  ),
  'log.lost': kind(
    'lifecycle',
    { level: 'text', message: 'text', reason: 'text' },
    e => `${e.reason}, lost: ${e.level}: ${e.message}`,
  ),
  'connection.opened': kind(
    'activity',
    { backend: 'number', from: 'text' },
    e => `connection from ${e.from}, backend ${e.backend}`,
  ),
  'connection.closed': kind('activity', { backend: 'number' }, e => `connection of backend ${e.backend} closed`),
  'transaction.committed': kind(
    'activity',
    { xid: 'number', lsn: 'lsn', asynchronous: 'boolean' },
    e => `transaction ${e.xid} committed at ${formatLsn(e.lsn)}`,
  ),
  'transaction.logged': kind(
    'storage',
    { xid: 'number', lsn: 'lsn' },
    e => `the commit of transaction ${e.xid} stands in the WAL up to ${formatLsn(e.lsn)}`,
  ),
  'transaction.replayed': kind(
    'storage',
    { xid: 'number', lsn: 'lsn' },
    e => `the commit of transaction ${e.xid} is replayed, up to ${formatLsn(e.lsn)}`,
  ),
  'transaction.aborted': kind('activity', { xid: 'number' }, e => `transaction ${e.xid} rolled back`),
  'lock.waited': kind(
    'activity',
    { mode: 'text', target: 'text', blocker: 'number' },
    e => `waits for ${e.mode} on ${e.target}, held by ${e.blocker}`,
  ),
  'lock.acquired': kind(
    'activity',
    { mode: 'text', target: 'text', waited: 'duration' },
    e => `acquired ${e.mode} on ${e.target} after ${formatSeconds(e.waited)}`,
  ),
  'wal.flushed': kind('storage', { lsn: 'lsn', bytes: 'size' }, e => `WAL flushed to ${formatLsn(e.lsn)}`),
  'wal.segment_created': kind(
    'activity',
    { segment: 'text', recycled: 'boolean' },
    e => `WAL segment ${e.segment} ${e.recycled ? 'recycled' : 'created'}`,
  ),
  'wal.segment_removed': kind('activity', { segment: 'text' }, e => `WAL segment ${e.segment} removed`),
  'wal.sent': kind('storage', { lsn: 'lsn', to: 'text' }, e => `WAL sent to ${e.to} up to ${formatLsn(e.lsn)}`),
  'wal.received': kind('storage', { lsn: 'lsn' }, e => `WAL received and flushed up to ${formatLsn(e.lsn)}`),
  'wal.replayed': kind('storage', { lsn: 'lsn' }, e => `WAL replayed up to ${formatLsn(e.lsn)}`),
  'replication.acknowledged': kind(
    'storage',
    { standby: 'text', written: 'lsn', flushed: 'lsn', replayed: 'lsn' },
    e => `${e.standby} has flushed ${formatLsn(e.flushed)}`,
  ),
  'replication.state': kind(
    'lifecycle',
    { standby: 'text', state: 'text', sync: 'text' },
    e => `${e.standby} is ${e.state} (${e.sync})`,
  ),
  'buffer.written': kind(
    'storage',
    { relation: 'text', block: 'number', by: 'text' },
    e => `wrote block ${e.block} of ${e.relation}`,
  ),
  'checkpoint.started': kind('activity', { reason: 'text', redo: 'lsn?' }, e => `checkpoint starting: ${e.reason}`),
  'checkpoint.completed': kind(
    'activity',
    { reason: 'text', redo: 'lsn?', buffers: 'number', total: 'duration' },
    e => `checkpoint complete: ${e.buffers} buffers in ${formatSeconds(e.total)}`,
  ),
  'vacuum.started': kind('activity', { relation: 'text' }, e => `vacuuming ${e.relation}`),
  'vacuum.finished': kind(
    'activity',
    { relation: 'text', removed: 'number', remaining: 'number', pages: 'number' },
    e => `vacuumed ${e.relation}: ${e.removed} removed, ${e.remaining} remain`,
  ),
  'recovery.started': kind(
    'lifecycle',
    { redo: 'lsn', timeline: 'number' },
    e => `redo starts at ${formatLsn(e.redo)}`,
  ),
  'recovery.consistent': kind('lifecycle', { lsn: 'lsn' }, e => `consistent at ${formatLsn(e.lsn)}`),
  'recovery.paused': kind('lifecycle', {}, () => 'replay is held'),
  'recovery.redo_done': kind(
    'lifecycle',
    { lsn: 'lsn', timeline: 'number', records: 'number?' },
    e =>
      `${e.records === undefined ? 'redo is done' : `${e.records} records replayed`}, the WAL ends at ${formatLsn(e.lsn)}`,
  ),
  'timeline.switched': kind(
    'lifecycle',
    { timeline: 'number', from: 'number', lsn: 'lsn' },
    e => `timeline ${e.timeline} begins at ${formatLsn(e.lsn)}`,
  ),
  'fault.injected': kind('lifecycle', { text: 'text', hits: 'number', label: 'text?' }, e => e.text),
  'order.given': kind('lifecycle', { text: 'text', label: 'text?' }, e => e.text),
  'action.missed': kind('lifecycle', { text: 'text', reason: 'text' }, e => `${e.text}: ${e.reason}`),
  'action.skipped': kind('lifecycle', { text: 'text', reason: 'text' }, e => `${e.text} is skipped: ${e.reason}`),
  'action.limited': kind('lifecycle', { text: 'text', reason: 'text' }, e => `${e.text}: ${e.reason}`),
  'fault.undone': kind('lifecycle', { text: 'text' }, e => `${e.text} is over`),
  'label.reached': kind('lifecycle', { label: 'text', done: 'boolean' }, e => (e.done ? `${e.label}.done` : e.label)),
  'note.shown': kind('lifecycle', { text: 'text' }, e => e.text),
  'client.connected': kind(
    'lifecycle',
    {
      client: 'text',
      index: 'number',
      backend: 'number',
      again: 'boolean',
      /** The database, where it is another than postgres. */
      database: 'text?',
    },
    e => `${connectedTo(e)} (backend ${e.backend})`,
  ),
  'client.began': kind('storage', { client: 'text', index: 'number' }, () => 'begins a transaction'),
  'client.acknowledged': kind(
    'activity',
    { client: 'text', index: 'number', xid: 'number?', lsn: 'lsn?', latency: 'duration' },
    e => `commit acknowledged after ${formatSeconds(e.latency)}`,
  ),
  'client.error': kind(
    'lifecycle',
    {
      client: 'text',
      index: 'number',
      level: 'text',
      sqlstate: 'text?',
      message: 'text',
      detail: 'text?',
      hint: 'text?',
    },
    e => `${e.level}: ${e.message}`,
  ),
  'client.finished': kind(
    'lifecycle',
    { client: 'text', index: 'number', transactions: 'number' },
    e => `finished after ${e.transactions} transactions`,
  ),
  'commit.lost': kind(
    'lifecycle',
    {
      client: 'text',
      index: 'number',
      xid: 'number',
      lsn: 'lsn?',
      /** When it was acknowledged, since the start of the run. */
      acknowledged: 'duration',
      /** It was acknowledged before its WAL was flushed. */
      asynchronous: 'boolean?',
      /** A later commit of the same client survived. */
      hole: 'boolean?',
      /** The node that was asked, where it is another than the one that acknowledged. */
      missing_on: 'text?',
    },
    e => `acknowledged commit ${e.xid} is lost`,
  ),
  'commit.ghost': kind(
    'lifecycle',
    { client: 'text', index: 'number', xid: 'number', lsn: 'lsn?' },
    e => `commit ${e.xid} is there, though nobody was told`,
  ),
  'step.started': kind('lifecycle', { session: 'text', step: 'text', sql: 'text' }, e => `${e.step}: ${e.sql}`),
  'step.waited': kind(
    'lifecycle',
    { session: 'text', step: 'text', blocker: 'text?' },
    e => `${e.step} waits${e.blocker ? ` for ${e.blocker}` : ''}`,
  ),
  'step.notice': kind(
    'lifecycle',
    { session: 'text', step: 'text', level: 'text', message: 'text' },
    e => `${e.level}: ${e.message}`,
  ),
  'step.notified': kind(
    'lifecycle',
    {
      session: 'text',
      step: 'text',
      channel: 'text',
      payload: 'text',
      /** The pid of the backend that sent it. */
      backend: 'number',
      /** Its session, if it is one. */
      sender: 'text?',
    },
    e =>
      `Asynchronous notification "${e.channel}"${e.payload === '' ? '' : ` with payload "${e.payload}"`} received from ${e.sender ?? `server process with PID ${e.backend}`}.`,
  ),
  'step.finished': kind(
    'lifecycle',
    {
      session: 'text',
      step: 'text',
      took: 'duration',
      sqlstate: 'text?',
      message: 'text?',
      rows: 'number',
      value: 'text?',
      /** PostgreSQL's command tag of the last statement: `UPDATE 1`. */
      tag: 'text?',
    },
    e => (e.sqlstate ? `${e.step}: ${e.message}` : `${e.step} done`),
  ),
  'change.received': kind(
    'lifecycle',
    {
      slot: 'text',
      /** One line of what the output plugin made of the WAL. */
      data: 'text',
      /** Where what it tells stands in the WAL, if the engine can know. */
      lsn: 'lsn?',
    },
    e => e.data,
  ),
  'volume.changed': kind(
    'activity',
    { volume: 'text', used: 'size', size: 'size?' },
    e => `${e.volume} holds ${formatSize(e.used)}${e.size === undefined ? '' : ` of ${formatSize(e.size)}`}`,
  ),
  'slot.changed': kind(
    'lifecycle',
    { slot: 'text', active: 'boolean', wal_status: 'text' },
    e => `slot ${e.slot} is ${e.active ? 'active' : 'inactive'}, its WAL ${e.wal_status}`,
  ),
  'archive.queued': kind(
    'activity',
    { segment: 'text', ready: 'number' },
    e => `${e.segment} is ready to be archived, ${e.ready} waiting`,
  ),
  'archive.done': kind('activity', { segment: 'text', ready: 'number' }, e => `${e.segment} archived`),
  'archive.failed': kind(
    'activity',
    { segment: 'text', reason: 'text', ready: 'number' },
    e => `${e.segment} was not archived: ${e.reason}`,
  ),
  'wal.sampled': kind(
    'samples',
    {
      timeline: 'number',
      /** Of a server that writes WAL. */
      inserted: 'lsn?',
      written: 'lsn?',
      flushed: 'lsn?',
      /** Of one that replays it. */
      received: 'lsn?',
      replayed: 'lsn?',
      /** The files of pg_wal, with a space between them, where they are others than before. */
      segments: 'text?',
    },
    e => `WAL at ${formatLsn(e.inserted ?? e.replayed ?? 0)}`,
  ),
  'replication.sampled': kind(
    'samples',
    { standby: 'text', state: 'text', sync: 'text', sent: 'lsn', written: 'lsn', flushed: 'lsn', replayed: 'lsn' },
    e => `${e.standby} is ${e.state}, has replayed ${formatLsn(e.replayed)}`,
  ),
  'sessions.sampled': kind(
    'samples',
    {
      /** One a line, tabs between: pid, xid or 0, xmin or 0, what it runs or ran last. */
      sessions: 'text',
    },
    e => `${lines(e.sessions)} sessions`,
  ),
  'locks.sampled': kind(
    'samples',
    {
      /** One a line, tabs between: pid, mode, 1 if granted, what is locked, the pids that hold it up. */
      locks: 'text',
    },
    e => `${lines(e.locks)} locks`,
  ),
  'buffers.sampled': kind(
    'samples',
    {
      /** How many buffers the pool has, and of how many pages there is something in them. */
      size: 'number',
      used: 'number',
      dirty: 'number',
      pinned: 'number',
      /** The first since shared memory was made; the others tell what has changed since the one before. */
      whole: 'boolean',
      /** One a line, tabs between: buffer, file, block, 1 if dirty, pins, usage; a buffer alone is free. */
      buffers: 'text',
    },
    e => `${e.used} buffers used, ${e.dirty} dirty, ${e.pinned} pinned`,
  ),
  'page.sampled': kind(
    'samples',
    {
      relation: 'text',
      block: 'number',
      lsn: 'lsn',
      /** Free bytes between line pointers and tuples. */
      free: 'size',
      /** One a line pointer, tabs between: its state; of a tuple its size, xmin, xmax, ctid, flags, values. */
      lines: 'text',
    },
    e => `block ${e.block} of ${e.relation}: ${lines(e.lines)} line pointers`,
  ),
} as const

function lines(text: string): number {
  return text === '' ? 0 : text.split('\n').length
}

export type EventKind = keyof typeof eventKinds
export type FieldsOf<K extends EventKind> =
  (typeof eventKinds)[K] extends EventKindDefinition<infer F> ? FieldValues<F> : never

/** Where an event happened: on a node, in a process; a client's event has the node that it is connected to, if any. */
export interface EventPlace {
  readonly node?: string
  readonly pid?: number
  /** The type of the process: postmaster, backend, checkpointer, … */
  readonly process?: string
}

export type TraceEvent<K extends EventKind = EventKind> = K extends EventKind
  ? {
      /** Nanoseconds since the start of the run. */
      readonly time: number
      /** Orders events of one time; starts at 1. */
      readonly sequence: number
      readonly kind: K
      /** The sequence number of the event that led to this one. */
      readonly cause?: number
    } & EventPlace &
      FieldsOf<K>
  : never

/** How the sentence of a connection begins. */
export function connectedTo(event: { readonly again: boolean; readonly database?: string }): string {
  const connected = event.again ? 'reconnected' : 'connected'
  return event.database === undefined ? connected : `${connected} to ${event.database}`
}

/** What the text timeline says of an event. */
export function sentenceOf(event: TraceEvent): string {
  return (eventKinds[event.kind] as unknown as EventKindDefinition).sentence(event as never)
}
