// The files of a fresh cluster, as initdb leaves them: shut down, with one segment of WAL that begins with a checkpoint.
// Mirrors initdb.c and BootStrapXLOG. The catalogs come from catalog/.

import type { Random } from '../kernel/random.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { appendCheckPoint, type CheckPoint } from '../wal/checkpoint-record.ts'
import { controlFilePath, encodeControlFile } from '../wal/control-file.ts'
import { addToCrc, finishCrc, initialCrc } from '../wal/crc32c.ts'
import { pageStart, segmentOf, segmentOffset, segmentSize, walFilePath } from '../wal/lsn.ts'
import { pageMagic, writePageHeader } from '../wal/page-header.ts'
import { recordField, recordHeaderSize, shortDataId, xlogInfo } from '../wal/record.ts'
import { Bytes } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { WalLevel } from '../wal/wal-level.ts'

/** A file, by its path in the data directory: its content, or how many zeros it has. */
export type FileImage =
  | { readonly path: string; readonly bytes: Uint8Array }
  | { readonly path: string; readonly zeros: number }

/** What initdb leaves, by version: where its shutdown checkpoint stands, and the counters in it. */
interface Fresh {
  readonly checkpoint: number
  readonly nextXid: number
  readonly nextOid: number
  readonly oldestXid: number
  /** What all of its files but the WAL take up, in kB. */
  readonly kilobytes: number
}

const fresh: Readonly<Record<15 | 16 | 17 | 18, Fresh>> = {
  15: { checkpoint: 0x1500718, nextXid: 724, nextOid: 13572, oldestXid: 716, kilobytes: 22656 },
  16: { checkpoint: 0x14dde18, nextXid: 730, nextOid: 13492, oldestXid: 722, kilobytes: 22728 },
  17: { checkpoint: 0x14d89f0, nextXid: 738, nextOid: 13497, oldestXid: 730, kilobytes: 22708 },
  18: { checkpoint: 0x174b290, nextXid: 752, nextOid: 13507, oldestXid: 744, kilobytes: 23240 },
}

/** The oldest transaction id that a row of a fresh cluster may bear unfrozen. */
export function oldestXidOf(version: 15 | 16 | 17 | 18): number {
  return fresh[version].oldestXid
}

/** Where the first record is that there is of a fresh cluster. */
export function firstRecordOf(version: 15 | 16 | 17 | 18): number {
  return fresh[version].checkpoint
}

/** In place of the files that nobody reads here: they take up room. */
const otherFilesPath = 'base/others'

/** Writes the files to the server's volumes; they are on the platter at once. */
export function installCluster(environment: ServerEnvironment, random: Random, catalogs: readonly FileImage[]): void {
  const { data, pgWal, version, kernel } = environment
  const { checkpoint, nextXid, nextOid, oldestXid, kilobytes } = fresh[version]
  const systemIdentifier =
    (BigInt(random.integer(1_700_000_000, 1_800_000_000)) << 32n) | BigInt(random.integer(0, 0xffff_ffff))
  const checkPoint: CheckPoint = {
    redo: checkpoint,
    timeline: 1,
    previousTimeline: 1,
    fullPageWrites: true,
    walLevel: environment.settings.get('wal_level') as WalLevel,
    nextXid,
    nextOid,
    nextMulti: 1,
    nextMultiOffset: 0,
    oldestXid,
    oldestXidDatabase: 1,
    oldestMulti: 1,
    oldestMultiDatabase: 1,
    time: kernel.now,
    oldestActiveXid: 0,
  }
  for (const file of catalogs) {
    if ('bytes' in file) data.install(file.path, file.bytes)
    else data.installZeros(file.path, file.zeros)
  }
  data.install('pg_xact/0000', committedUpTo(nextXid))
  data.installZeros(otherFilesPath, kilobytes * 1024 - data.used)
  pgWal.install(walFilePath(1, segmentOf(checkpoint)), firstSegment(version, systemIdentifier, checkPoint))
  data.install(
    controlFilePath,
    encodeControlFile(version, {
      ...controlSettings(environment),
      systemIdentifier,
      state: 'shut down',
      time: kernel.now,
      checkPoint: checkpoint,
      checkPointCopy: checkPoint,
      minRecoveryPoint: 0,
      minRecoveryPointTimeline: 0,
      backupStartPoint: 0,
      backupEndPoint: 0,
      backupEndRequired: false,
    }),
  )
}

/** What pg_control keeps of the settings, for standbys to be checked against. */
export function controlSettings({ settings }: ServerEnvironment) {
  return {
    maxConnections: settings.get('max_connections'),
    maxWorkerProcesses: settings.get('max_worker_processes'),
    maxWalSenders: settings.get('max_wal_senders'),
    maxPreparedTransactions: settings.get('max_prepared_transactions'),
    maxLocksPerTransaction: settings.get('max_locks_per_transaction'),
    walLevel: settings.get('wal_level') as WalLevel,
    walLogHints: settings.get('wal_log_hints'),
  }
}

/**
 * A segment with one record, a shutdown checkpoint. What initdb wrote before it is not there; nobody needs it, and the
 * record's link to the one before is the only trace of that.
 */
export function firstSegment(version: 15 | 16 | 17 | 18, systemIdentifier: bigint, checkPoint: CheckPoint): Uint8Array {
  const segment = new Uint8Array(segmentSize)
  const view = new DataView(segment.buffer)
  const start = checkPoint.redo - segmentOffset(checkPoint.redo)
  for (const address of [start, pageStart(checkPoint.redo)]) {
    const header = { magic: pageMagic[version], flags: 0, timeline: checkPoint.timeline, address, remaining: 0 }
    writePageHeader(view, address - start, header, systemIdentifier)
  }
  const record = new Bytes(256)
  record.reserve(recordHeaderSize)
  record.u8(shortDataId)
  record.u8(88)
  appendCheckPoint(version, record, checkPoint)
  record.view.setUint32(recordField.totalLength, record.length, true)
  record.view.setUint8(recordField.info, xlogInfo.checkpointShutdown)
  record.view.setUint8(recordField.resourceManager, resourceManagers.xlog)
  const crc = addToCrc(
    addToCrc(initialCrc, record.view, recordHeaderSize, record.length),
    record.view,
    0,
    recordField.crc,
  )
  record.view.setUint32(recordField.crc, finishCrc(crc), true)
  segment.set(record.bytes.subarray(0, record.length), segmentOffset(checkPoint.redo))
  return segment
}

/** pg_xact's first page: every transaction that initdb ran has committed. */
function committedUpTo(nextXid: number): Uint8Array {
  const page = new Uint8Array(8192)
  for (let xid = 3; xid < nextXid; xid++) page[xid >>> 2] |= 1 << ((xid & 3) * 2)
  return page
}
