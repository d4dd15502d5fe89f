// What PostgreSQL's majors do or say differently, in one table: who acts on it asks here and has no ifs of its own.
// Formats of the WAL stand in wal/.

import { formatLsn } from '../../../model/format.ts'
import type { Signal } from '../machine/signals.ts'

export interface VersionFacts {
  /** As SHOW server_version prints it. */
  readonly release: string
  /** What the postmaster calls a backend that ended. */
  readonly backendName: string
  /** 17 logs method=trust too. */
  readonly logsTrust: boolean
  /** From 17 on ALTER SYSTEM writes names with a dot that nobody has defined. */
  readonly altersPlaceholders: boolean
  /** io workers that are started before all others. */
  readonly ioWorkers: boolean
  /** 18 starts the WAL summarizer behind the archiver, 17 behind the WAL writer. */
  readonly startsWalSummarizerLate: boolean
  /** From 17 on a backup's redo is announced before standby mode. */
  readonly backupRedoBeforeStandbyMode: boolean
  /** What makes the checkpointer write the shutdown checkpoint; before 18 it then exits by itself. */
  readonly shutdownCheckpointSignal: Signal
  readonly checkpointerExitsByItself: boolean
  /** The last slots, kept for superusers. */
  readonly reservedForSuperusers: string
  /** What the archiver says that has no command. */
  readonly archivingIsNotConfigured: { readonly message: string; readonly detail?: string }
  /** `who`: a standby's process that has tried, by its name. */
  readonly cannotConnectToPrimary: (who: string, reason: string) => string
  /** Of 17 and 18, where a standby asks its primary whether its own slot is there. */
  readonly couldNotFetchPrimarySlot: { readonly message: (slot: string) => string; readonly hint: string }
  /** What is told of a slot whose WAL is given up: by so many bytes it holds too much. */
  readonly invalidatingSlot: (name: string, restartLsn: number) => string
  readonly obsoleteSlotDetail: (
    restartLsn: number,
    excess: number,
  ) => { readonly detail?: string; readonly hint?: string }
  /** From 18 on a slot whose WAL is lost can't be used; before, streaming fails when it comes to that WAL. */
  readonly refusesInvalidSlots: boolean
  /** From 17 on a standby's session that must end for replay is told that it may come again. */
  readonly conflictEndHint: string | undefined
  /**
   * The postmaster notes that a standby has been consistent, and the startup process that it forks after a crash begins
   * with that note: it does not look again, nor say so.
   */
  readonly remembersConsistency: boolean
  readonly recordTooShort: (lsn: number, length: number) => string
  /** What the checkpoint's line tells besides, after the buffers and at its end. */
  readonly checkpointSlruBuffers: (count: number) => string
  /** Until 17 pages of the commit log and its like count among the buffers. */
  readonly countsSlruAmongBuffers: boolean
  readonly checkpointPositions: (lsn: number, redo: number) => string
  /** How a message names a setting: 17 puts its name in quotes. */
  readonly settingName: (name: string) => string
  /** How a message names the value of a setting: 17 puts it in quotes. */
  readonly settingChoice: (value: string) => string
  /** What the allocator adds to a tuple in memory, in bytes: in general, and in a sort. */
  readonly tupleOverhead: { readonly usual: number; readonly inSort: number }
  /** When the checkpoint that pg_control names is not in the WAL. */
  readonly invalidCheckpoint: string
  readonly noCheckpoint: (lsn: number) => string
  /** The same, where backup_label names it. */
  readonly noRequiredCheckpoint: (lsn: number) => string
  /** initdb turns checksums of pages on. */
  readonly checksums: boolean
  /** Messages about a failed write to the WAL name its file so. */
  readonly walFileInMessages: (name: string) => string
  /** Blocks that could not be written. */
  readonly blocksInMessages: (block: number) => string
  /** The folder of the tablespaces, where something in it is unexpected. */
  readonly tablespacesInMessages: string
  /** Workers of logical replication: what ps shows, and what the log calls them. */
  readonly logicalWorkerNames: Readonly<Record<'apply' | 'copy', { readonly title: string; readonly type: string }>>
  /** What a subscriber asks of its publisher besides the publications. */
  readonly streamOptions: string
  /** What the postmaster could not start, as its message calls a background worker. */
  readonly workerInForkFailure: string
  /** What a crashed autovacuum worker is called. */
  readonly autovacuumWorkerName: string
  /** Of warnings and errors about transaction ids that run out. */
  readonly withoutXids: {
    /** What a vacuum avoids: said to whoever gets an id, and at the start and after a vacuum. */
    readonly whenGivenOut: string
    readonly whenReviewed: string
    readonly refusedCommands: string
    readonly cure: string
  }
  // What the report of a vacuum tells besides, or calls otherwise
  readonly bufferMisses: 'misses' | 'reads'
  readonly reportsFrozen: boolean
  readonly reportsVisibilityMap: boolean
  readonly reportsEagerScans: boolean
  readonly reportsFullWalBuffers: boolean
  readonly reportsWalOfAnalyze: boolean
}

const fifteen: VersionFacts = {
  release: '15.18',
  checksums: false,
  backendName: 'server process',
  logsTrust: false,
  altersPlaceholders: false,
  ioWorkers: false,
  startsWalSummarizerLate: false,
  backupRedoBeforeStandbyMode: false,
  shutdownCheckpointSignal: 'USR2',
  checkpointerExitsByItself: true,
  reservedForSuperusers: 'remaining connection slots are reserved for non-replication superuser connections',
  archivingIsNotConfigured: { message: 'archive_mode enabled, yet archiving is not configured' },
  cannotConnectToPrimary: (_, reason) => `could not connect to the primary server: ${reason}`,
  couldNotFetchPrimarySlot: {
    message: slot => `could not fetch primary_slot_name "${slot}" info from the primary server`,
    hint: 'Check if primary_slot_name is configured correctly.',
  },
  invalidatingSlot: (name, restartLsn) =>
    `invalidating slot "${name}" because its restart_lsn ${formatLsn(restartLsn)} exceeds max_slot_wal_keep_size`,
  obsoleteSlotDetail: () => ({}),
  refusesInvalidSlots: false,
  conflictEndHint: undefined,
  remembersConsistency: false,
  recordTooShort: (lsn, length) => `invalid record length at ${formatLsn(lsn)}: wanted 24, got ${length}`,
  checkpointSlruBuffers: () => '',
  countsSlruAmongBuffers: true,
  checkpointPositions: () => '',
  settingName: name => name,
  settingChoice: value => value,
  tupleOverhead: { usual: 16, inSort: 24 },
  invalidCheckpoint: 'invalid primary checkpoint record',
  noCheckpoint: () => 'could not locate a valid checkpoint record',
  noRequiredCheckpoint: () => 'could not locate required checkpoint record',
  walFileInMessages: name => name,
  blocksInMessages: block => `block ${block}`,
  tablespacesInMessages: 'pg_tblspc/',
  workerInForkFailure: 'worker',
  autovacuumWorkerName: 'server process',
  logicalWorkerNames: {
    apply: { title: 'logical replication worker', type: 'logical replication worker' },
    copy: { title: 'logical replication worker', type: 'logical replication worker' },
  },
  streamOptions: "proto_version '3', ",
  withoutXids: {
    whenGivenOut: 'a database shutdown',
    whenReviewed: 'a database shutdown',
    refusedCommands: '',
    cure: 'Stop the postmaster and vacuum that database in single-user mode.',
  },
  bufferMisses: 'misses',
  reportsFrozen: false,
  reportsVisibilityMap: false,
  reportsEagerScans: false,
  reportsFullWalBuffers: false,
  reportsWalOfAnalyze: false,
}

const exceedsLimit = (restartLsn: number, excess: number) =>
  `The slot's restart_lsn ${formatLsn(restartLsn)} exceeds the limit by ${excess} byte${excess === 1 ? '' : 's'}.`

const sixteen: VersionFacts = {
  ...fifteen,
  release: '16.14',
  logicalWorkerNames: {
    apply: { title: 'logical replication apply worker', type: 'logical replication worker' },
    copy: { title: 'logical replication tablesync worker', type: 'logical replication worker' },
  },
  streamOptions: "proto_version '4', origin 'any', ",
  tupleOverhead: { usual: 8, inSort: 8 },
  invalidatingSlot: name => `invalidating obsolete replication slot "${name}"`,
  obsoleteSlotDetail: (restartLsn, excess) => ({
    detail: exceedsLimit(restartLsn, excess),
    hint: 'You might need to increase max_slot_wal_keep_size.',
  }),
  reservedForSuperusers: 'remaining connection slots are reserved for roles with the SUPERUSER attribute',
  recordTooShort: (lsn, length) => `invalid record length at ${formatLsn(lsn)}: expected at least 24, got ${length}`,
  invalidCheckpoint: 'invalid checkpoint record',
  checkpointPositions: (lsn, redo) => `; lsn=${formatLsn(lsn)}, redo lsn=${formatLsn(redo)}`,
  reportsFrozen: true,
}

const seventeen: VersionFacts = {
  ...sixteen,
  conflictEndHint: 'In a moment you should be able to reconnect to the database and repeat your command.',
  release: '17.10',
  logicalWorkerNames: {
    apply: { title: 'logical replication apply worker', type: 'logical replication apply worker' },
    copy: { title: 'logical replication tablesync worker', type: 'logical replication tablesync worker' },
  },
  tupleOverhead: { usual: 8, inSort: 0 },
  logsTrust: true,
  workerInForkFailure: 'background worker',
  altersPlaceholders: true,
  noRequiredCheckpoint: lsn => `could not locate required checkpoint record at ${formatLsn(lsn)}`,
  noCheckpoint: lsn => `could not locate a valid checkpoint record at ${formatLsn(lsn)}`,
  walFileInMessages: name => `"${name}"`,
  blocksInMessages: block => `blocks ${block}..${block}`,
  backupRedoBeforeStandbyMode: true,
  settingName: name => `"${name}"`,
  settingChoice: value => `"${value}"`,
  withoutXids: {
    whenGivenOut: 'transaction ID assignment failures',
    whenReviewed: 'XID assignment failures',
    refusedCommands: 'that assign new transaction IDs ',
    cure: 'Execute a database-wide VACUUM in that database.',
  },
  archivingIsNotConfigured: {
    message: '"archive_mode" enabled, yet archiving is not configured',
    detail: 'archive_command is not set.',
  },
  obsoleteSlotDetail: (restartLsn, excess) => ({
    detail: exceedsLimit(restartLsn, excess),
    hint: 'You might need to increase "max_slot_wal_keep_size".',
  }),
}

const eighteen: VersionFacts = {
  ...seventeen,
  release: '18.4',
  streamOptions: "proto_version '4', streaming 'parallel', origin 'any', ",
  checksums: true,
  backendName: 'client backend',
  ioWorkers: true,
  startsWalSummarizerLate: true,
  shutdownCheckpointSignal: 'INT',
  refusesInvalidSlots: true,
  remembersConsistency: true,
  checkpointerExitsByItself: false,
  archivingIsNotConfigured: {
    message: '"archive_mode" enabled, yet archiving is not configured',
    detail: '"archive_command" is not set.',
  },
  cannotConnectToPrimary: (who, reason) => `${who} could not connect to the primary server: ${reason}`,
  couldNotFetchPrimarySlot: {
    message: slot => `could not fetch primary slot name "${slot}" info from the primary server`,
    hint: 'Check if "primary_slot_name" is configured correctly.',
  },
  tablespacesInMessages: 'pg_tblspc',
  checkpointSlruBuffers: count => `, wrote ${count} SLRU buffers`,
  countsSlruAmongBuffers: false,
  autovacuumWorkerName: 'autovacuum worker',
  bufferMisses: 'reads',
  reportsVisibilityMap: true,
  reportsEagerScans: true,
  reportsFullWalBuffers: true,
  reportsWalOfAnalyze: true,
}

const facts: Readonly<Record<15 | 16 | 17 | 18, VersionFacts>> = {
  15: fifteen,
  16: sixteen,
  17: seventeen,
  18: eighteen,
}

export function versionFacts(version: 15 | 16 | 17 | 18): VersionFacts {
  return facts[version]
}
