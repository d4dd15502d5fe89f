// A WAL record as the CONTEXT of what is logged while it is replayed. Mirrors rm_redo_error_callback and the rm_desc
// functions, for the records that can be in a query's way.

import { formatLsn } from '../../../model/format.ts'
import { btreeInfo } from '../access/btree-records.ts'
import { type Cleaner, type Cleaning, type FreezePlan, readCleaning, readOffsets } from '../access/cleaning-record.ts'
import { heap2Info, heapInfo } from '../access/heap-records.ts'
import { formatTimestampTz } from '../shared/timestamp.ts'
import { readStandbyLocks } from '../transactions/standby-locks.ts'
import { forks, viewOf, type WalRecord } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { describeDatabaseDrop } from './database-redo.ts'
import { readOverwrite } from './overwrite-record.ts'
import { isParameterChange, readParameters } from './required-parameters.ts'
import { describeTablespace } from './tablespace-redo.ts'

const forkNames: Readonly<Record<number, string>> = { [forks.freeSpaceMap]: 'fsm', [forks.visibilityMap]: 'vm' }

/** `WAL redo at 0/3005DE0 for Heap2/PRUNE: …; blkref #0: rel 1663/5/16384, blk 1`; undefined: not for this kind. */
export function redoContext(record: WalRecord, version: number): string | undefined {
  const description =
    describeOverwrite(record) ??
    describeTablespace(record) ??
    describeDatabaseDrop(record) ??
    (version < 16 ? describe(record) : describeSince16(record, version))
  if (description === undefined) return undefined
  const blocks = record.blocks.map(({ id, locator, fork, block, image }) => {
    const name = forkNames[fork] ? `, fork ${forkNames[fork]}` : ''
    const place = `rel ${locator.tablespace}/${locator.database}/${locator.relation}${name}, blk ${block}`
    return `; blkref #${id}: ${place}${image ? ' FPW' : ''}`
  })
  return `WAL redo at ${formatLsn(record.start)} for ${description}${blocks.join('')}`
}

function describe(record: WalRecord): string | undefined {
  const { data } = record
  const main = viewOf(data)
  switch (kindOf(record)) {
    case 'parameter change':
      return describeParameters(record)
    case 'lock':
      return describeLocks(record)
    case 'prune': {
      const counts = `nredirected ${main.getUint16(4, true)} ndead ${main.getUint16(6, true)}`
      return `Heap2/PRUNE: latestRemovedXid ${main.getUint32(0, true)} ${counts}`
    }
    case 'freeze':
      return `Heap2/FREEZE_PAGE: cutoff xid ${main.getUint32(0, true)} ntuples ${main.getUint16(4, true)}`
    case 'visible':
      return `Heap2/VISIBLE: cutoff xid ${main.getUint32(0, true)} flags 0x${data[4].toString(16).padStart(2, '0').toUpperCase()}`
    case 'index delete': {
      const counts = `ndeleted ${main.getUint16(4, true)} nupdated ${main.getUint16(6, true)}`
      return `Btree/DELETE: latestRemovedXid ${main.getUint32(0, true)} ${counts}`
    }
  }
}

/** Since 16 the lists of lines and tuples follow, where they stand in the record. */
function describeSince16(record: WalRecord, version: number): string | undefined {
  const main = viewOf(record.data)
  const cleaning = readCleaning(record, version)
  switch (kindOf(record)) {
    case 'parameter change':
      return describeParameters(record)
    case 'lock':
      return describeLocks(record)
    case 'visible': {
      const flags = record.data[4].toString(16).padStart(2, '0').toUpperCase()
      return `Heap2/VISIBLE: snapshotConflictHorizon: ${main.getUint32(0, true)}, flags: 0x${flags}`
    }
    case 'index delete':
      return describeIndexDelete(record, version)
  }
  if (cleaning === undefined) return undefined
  if (version >= 17) return describeCleaning(record, cleaning)
  return cleaning.cleaner === 'vacuum cleanup' ? undefined : describeCleaningOf16(record, cleaning)
}

function describeCleaningOf16(record: WalRecord, cleaning: Cleaning): string {
  const main = viewOf(record.data)
  const { horizon, redirected, dead, unused, plans } = cleaning
  const { data } = record.blocks[0]
  const head = `snapshotConflictHorizon: ${horizon}`
  if (kindOf(record) === 'freeze') {
    const lists = data ? `, plans: ${listOf(plans.map(describePlan))}` : ''
    return `Heap2/FREEZE_PAGE: ${head}, nplans: ${main.getUint16(4, true)}${lists}`
  }
  const counts = `nredirected: ${main.getUint16(4, true)}, ndead: ${main.getUint16(6, true)}`
  const lists = `redirected: ${listOf(redirections(redirected))}, dead: ${listOf(dead)}, unused: ${listOf(unused)}`
  return `Heap2/PRUNE: ${head}, ${counts}${data ? `, nunused: ${unused.length}, ${lists}` : ''}`
}

function describeCleaning(record: WalRecord, cleaning: Cleaning & { readonly cleaner: Cleaner }): string {
  const { horizon, isCatalog, redirected, dead, unused, plans, cleaner } = cleaning
  const name = `Heap2/PRUNE_${cleaner.replace(' ', '_').toUpperCase()}`
  const head = `${horizon === 0 ? '' : `snapshotConflictHorizon: ${horizon}`}, isCatalogRel: ${isCatalog ? 'T' : 'F'}`
  if (!record.blocks[0].data) return `${name}: ${head}`
  const lines = `nredirected: ${redirected.length / 2}, ndead: ${dead.length}, nunused: ${unused.length}`
  const lists = [
    ['plans', plans.map(describePlan)] as const,
    ['redirected', redirections(redirected)] as const,
    ['dead', dead] as const,
    ['unused', unused] as const,
  ]
  const told = lists.filter(([, all]) => all.length > 0).map(([title, all]) => `, ${title}: ${listOf(all)}`)
  return `${name}: ${head}, nplans: ${plans.length}, ${lines}${told.join('')}`
}

function describeIndexDelete(record: WalRecord, version: number): string {
  const main = viewOf(record.data)
  const count = main.getUint16(4, true)
  const counts = `ndeleted: ${count}, nupdated: ${main.getUint16(6, true)}`
  const catalog = version < 17 ? '' : `, isCatalogRel: ${record.data[8] === 0 ? 'F' : 'T'}`
  const { data } = record.blocks[0]
  const lists = data ? `, deleted: ${listOf(readOffsets(data, 0, count))}, updated: []` : ''
  return `Btree/DELETE: snapshotConflictHorizon: ${main.getUint32(0, true)}, ${counts}${catalog}${lists}`
}

function describePlan({ xmax, mask, mask2, offsets }: FreezePlan): string {
  const masks = `infomask: ${mask}, infomask2: ${mask2}`
  return `{ xmax: ${xmax}, ${masks}, ntuples: ${offsets.length}, offsets: ${listOf(offsets)} }`
}

function redirections(pairs: readonly number[]): string[] {
  return pairs.filter((_, at) => at % 2 === 0).map((from, at) => `${from}->${pairs[at * 2 + 1]}`)
}

function listOf(all: readonly (string | number)[]): string {
  return `[${all.join(', ')}]`
}

function describeOverwrite(record: WalRecord): string | undefined {
  const overwrite = readOverwrite(record)
  if (!overwrite) return undefined
  return `XLOG/OVERWRITE_CONTRECORD: lsn ${formatLsn(overwrite.torn)}; time ${formatTimestampTz(overwrite.time)}`
}

function describeParameters(record: WalRecord): string {
  const { maxConnections, maxWorkerProcesses, maxWalSenders, ...others } = readParameters(record)
  const { maxPreparedTransactions, maxLocksPerTransaction, walLevel, walLogHints } = others
  const processes = `max_connections=${maxConnections} max_worker_processes=${maxWorkerProcesses} max_wal_senders=${maxWalSenders}`
  const slots = `max_prepared_xacts=${maxPreparedTransactions} max_locks_per_xact=${maxLocksPerTransaction}`
  const level = `wal_level=${walLevel} wal_log_hints=${walLogHints ? 'on' : 'off'} track_commit_timestamp=off`
  return `XLOG/PARAMETER_CHANGE: ${processes} ${slots} ${level}`
}

function describeLocks(record: WalRecord): string {
  const locks = readStandbyLocks(record).map(
    ({ xid, database, relation }) => `xid ${xid} db ${database} rel ${relation} `,
  )
  return `Standby/LOCK: ${locks.join('')}`
}

type Kind = 'parameter change' | 'lock' | 'prune' | 'freeze' | 'visible' | 'index delete'

function kindOf(record: WalRecord): Kind | undefined {
  const { resourceManager, info } = record
  if (isParameterChange(record)) return 'parameter change'
  if (resourceManager === resourceManagers.standby) return (info & 0xf0) === 0 ? 'lock' : undefined
  if (resourceManager === resourceManagers.btree) return (info & 0xf0) === btreeInfo.delete ? 'index delete' : undefined
  if (resourceManager !== resourceManagers.heap2) return undefined
  switch (info & heapInfo.operationMask) {
    case heap2Info.prune:
      return 'prune'
    case heap2Info.freezePage:
      return 'freeze'
    case heap2Info.visible:
      return 'visible'
  }
  return undefined
}
