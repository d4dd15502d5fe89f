// pg_control: what a server must know before it can read anything else. Mirrors pg_control.h and the parts of xlog.c
// that read and write it. It is written whole and flushed each time.
//
// | fault | what happens |
// |---|---|
// | it is missing | PANIC: could not open file "global/pg_control": No such file or directory |
// | its bytes are damaged | FATAL: incorrect checksum in control file |

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { dataDirectoryOf, type ServerEnvironment } from '../shared/environment.ts'
import { fatal, panic } from '../shared/error.ts'
import { fileAccessError, syncFile } from '../shared/file-access.ts'
import { type CheckPoint, readCheckPoint, readTime, writeCheckPoint, writeTime } from './checkpoint-record.ts'
import { addToCrc, finishCrc, initialCrc } from './crc32c.ts'
import { segmentSize, walPageSize } from './lsn.ts'
import { getLsn, setLsn, type Version } from './page-header.ts'
import { codeOf, type WalLevel, walLevels } from './wal-level.ts'

export const controlFilePath = 'global/pg_control'
export const controlFileSize = 8192

/** In the order of PostgreSQL's numbers. */
export const clusterStates = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
] as const

export type ClusterState = (typeof clusterStates)[number]

/** What the WAL was written with: of most a standby must have at least as much as its primary had. */
export interface ControlSettings {
  readonly walLevel: WalLevel
  readonly maxConnections: number
  readonly maxWorkerProcesses: number
  readonly maxWalSenders: number
  readonly maxPreparedTransactions: number
  readonly maxLocksPerTransaction: number
  readonly walLogHints: boolean
}

export interface ControlFileData extends ControlSettings {
  readonly systemIdentifier: bigint
  readonly state: ClusterState
  /** Of the last change, in nanoseconds since the start of the run; stored in whole seconds. */
  readonly time: number
  /** Start of the last checkpoint record. */
  readonly checkPoint: number
  readonly checkPointCopy: CheckPoint
  /** A server in archive recovery must replay up to here before it is consistent; 0 if it need not. */
  readonly minRecoveryPoint: number
  readonly minRecoveryPointTimeline: number
  /** Redo point of the backup that the data comes from, until its end is reached; else 0. */
  readonly backupStartPoint: number
  readonly backupEndPoint: number
  readonly backupEndRequired: boolean
}

const controlVersion: Readonly<Record<Version, number>> = { 15: 1300, 16: 1300, 17: 1700, 18: 1800 }
export const catalogVersion: Readonly<Record<Version, number>> = {
  15: 202209061,
  16: 202307071,
  17: 202406281,
  18: 202506291,
}

const field = {
  systemIdentifier: 0,
  controlVersion: 8,
  catalogVersion: 12,
  state: 16,
  time: 24,
  checkPoint: 32,
  checkPointCopy: 40,
  unloggedLsn: 128,
  minRecoveryPoint: 136,
  minRecoveryPointTimeline: 144,
  backupStartPoint: 152,
  backupEndPoint: 160,
  backupEndRequired: 168,
  walLevel: 172,
  walLogHints: 176,
  maxConnections: 180,
  maxWorkerProcesses: 184,
  maxWalSenders: 188,
  maxPreparedTransactions: 192,
  maxLocksPerTransaction: 196,
  compiled: 204,
  floatFormat: 208,
  float8ByValue: 248,
  charIsSigned: 256,
} as const

/** What a server was compiled with, and PostgreSQL checks; by the names of pg_control_init(). */
export const compiledSizes = {
  max_data_alignment: 8,
  database_block_size: 8192,
  blocks_per_segment: 131072,
  wal_block_size: walPageSize,
  bytes_per_wal_segment: segmentSize,
  max_identifier_length: 64,
  max_index_columns: 32,
  max_toast_chunk_size: 1996,
  large_object_chunk_size: 2048,
} as const

const compiledValues: readonly (readonly [at: number, value: number])[] = [
  [field.compiled, compiledSizes.max_data_alignment],
  [216, compiledSizes.database_block_size],
  [220, compiledSizes.blocks_per_segment],
  [224, compiledSizes.wal_block_size],
  [228, compiledSizes.bytes_per_wal_segment],
  [232, compiledSizes.max_identifier_length],
  [236, compiledSizes.max_index_columns],
  [240, compiledSizes.max_toast_chunk_size],
  [244, compiledSizes.large_object_chunk_size],
]

/** The numbers of the file's and of the catalogs' formats. */
export function formatVersions(version: Version): { readonly control: number; readonly catalog: number } {
  return { control: controlVersion[version], catalog: catalogVersion[version] }
}

function crcField(version: Version): number {
  return version < 18 ? 288 : 292
}

/** The file's bytes. */
export function encodeControlFile(version: Version, data: ControlFileData): Uint8Array {
  const bytes = new Uint8Array(controlFileSize)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(field.systemIdentifier, data.systemIdentifier, true)
  view.setUint32(field.controlVersion, controlVersion[version], true)
  view.setUint32(field.catalogVersion, catalogVersion[version], true)
  view.setUint32(field.state, clusterStates.indexOf(data.state), true)
  writeTime(view, field.time, data.time)
  setLsn(view, field.checkPoint, data.checkPoint)
  writeCheckPoint(version, view, field.checkPointCopy, data.checkPointCopy)
  setLsn(view, field.unloggedLsn, 1000)
  setLsn(view, field.minRecoveryPoint, data.minRecoveryPoint)
  view.setUint32(field.minRecoveryPointTimeline, data.minRecoveryPointTimeline, true)
  setLsn(view, field.backupStartPoint, data.backupStartPoint)
  setLsn(view, field.backupEndPoint, data.backupEndPoint)
  view.setUint8(field.backupEndRequired, data.backupEndRequired ? 1 : 0)
  view.setUint32(field.walLevel, codeOf(data.walLevel), true)
  view.setUint8(field.walLogHints, data.walLogHints ? 1 : 0)
  view.setUint32(field.maxConnections, data.maxConnections, true)
  view.setUint32(field.maxWorkerProcesses, data.maxWorkerProcesses, true)
  view.setUint32(field.maxWalSenders, data.maxWalSenders, true)
  view.setUint32(field.maxPreparedTransactions, data.maxPreparedTransactions, true)
  view.setUint32(field.maxLocksPerTransaction, data.maxLocksPerTransaction, true)
  for (const [at, value] of compiledValues) view.setUint32(at, value, true)
  view.setFloat64(field.floatFormat, 1234567, true)
  view.setUint8(field.float8ByValue, 1)
  if (version >= 18) view.setUint8(field.charIsSigned, 1)
  view.setUint32(crcField(version), checksum(view, version), true)
  return bytes
}

function decodeControlFile(view: DataView): ControlFileData {
  return {
    systemIdentifier: view.getBigUint64(field.systemIdentifier, true),
    state: clusterStates[view.getUint32(field.state, true)],
    time: readTime(view, field.time),
    checkPoint: getLsn(view, field.checkPoint),
    checkPointCopy: readCheckPoint(view, field.checkPointCopy),
    minRecoveryPoint: getLsn(view, field.minRecoveryPoint),
    minRecoveryPointTimeline: view.getUint32(field.minRecoveryPointTimeline, true),
    backupStartPoint: getLsn(view, field.backupStartPoint),
    backupEndPoint: getLsn(view, field.backupEndPoint),
    backupEndRequired: view.getUint8(field.backupEndRequired) !== 0,
    walLevel: walLevels[view.getUint32(field.walLevel, true)],
    walLogHints: view.getUint8(field.walLogHints) !== 0,
    maxConnections: view.getUint32(field.maxConnections, true),
    maxWorkerProcesses: view.getUint32(field.maxWorkerProcesses, true),
    maxWalSenders: view.getUint32(field.maxWalSenders, true),
    maxPreparedTransactions: view.getUint32(field.maxPreparedTransactions, true),
    maxLocksPerTransaction: view.getUint32(field.maxLocksPerTransaction, true),
  }
}

function checksum(view: DataView, version: Version): number {
  return finishCrc(addToCrc(initialCrc, view, 0, crcField(version)))
}

export class ControlFile {
  data: ControlFileData
  private readonly environment: ServerEnvironment

  /** `data`: what the file says, as `readControlFile` found it. */
  constructor(environment: ServerEnvironment, data: ControlFileData) {
    this.environment = environment
    this.data = data
  }

  /** Changes fields, and returns when the file has them on the platter. */
  *update(me: Process, changes: Partial<ControlFileData>): Coroutine {
    this.data = { ...this.data, ...changes, time: me.now() }
    const { data, version, settings } = this.environment
    const path = `${dataDirectoryOf(this.environment)}/${controlFilePath}`
    try {
      data.write(me, controlFilePath, 0, encodeControlFile(version, this.data))
    } catch (error) {
      throw fileAccessError(error, 'PANIC', `could not write file "${path}"`)
    }
    try {
      yield* syncFile(me, { settings, volume: data }, controlFilePath, 'ControlFileSyncUpdate')
    } catch (error) {
      throw fileAccessError(error, 'PANIC', `could not fsync file "${path}"`)
    }
  }
}

/** What a starting server does first. */
export function* readControlFile(me: Process, environment: ServerEnvironment): Coroutine<ControlFileData> {
  const { data, version } = environment
  if (!data.exists(controlFilePath))
    panic('58P01', `could not open file "${controlFilePath}": No such file or directory`)
  const bytes = new Uint8Array(controlFileSize)
  const view = new DataView(bytes.buffer)
  yield* data.read(me, controlFilePath, 0, bytes, 'ControlFileRead')
  if (checksum(view, version) !== view.getUint32(crcField(version), true)) {
    fatal('XX000', 'incorrect checksum in control file')
  }
  return decodeControlFile(view)
}
