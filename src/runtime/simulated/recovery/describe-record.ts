// A WAL record as the CONTEXT of what is logged while it is replayed. Mirrors rm_redo_error_callback and the rm_desc
// functions, for the records that can be in a query's way.

import { formatLsn } from '../../../model/format.ts'
import { btreeInfo } from '../access/btree-records.ts'
import { heap2Info, heapInfo } from '../access/heap-records.ts'
import { formatTimestampTz } from '../shared/timestamp.ts'
import { readStandbyLocks } from '../transactions/standby-locks.ts'
import { forks, viewOf, type WalRecord } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { readOverwrite } from './overwrite-record.ts'
import { isParameterChange, readParameters } from './required-parameters.ts'

const tablespace = 1663
const forkNames: Readonly<Record<number, string>> = { [forks.freeSpaceMap]: 'fsm', [forks.visibilityMap]: 'vm' }

/** `WAL redo at 0/3005DE0 for Heap2/PRUNE: …; blkref #0: rel 1663/5/16384, blk 1`; undefined: not for this kind. */
export function redoContext(record: WalRecord, version: number): string | undefined {
  const description = describeOverwrite(record) ?? (version < 16 ? describe(record) : describeSince16(record))
  if (description === undefined) return undefined
  const blocks = record.blocks.map(({ id, locator, fork, block, image }) => {
    const name = forkNames[fork] ? `, fork ${forkNames[fork]}` : ''
    const place = `rel ${tablespace}/${locator.database}/${locator.relation}${name}, blk ${block}`
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

/** Since 16 the lists of lines follow, which are left out here. */
function describeSince16(record: WalRecord): string | undefined {
  const kind = kindOf(record)
  if (kind === 'parameter change') return describeParameters(record)
  return kind === 'lock' ? describeLocks(record) : undefined
}

function describeOverwrite(record: WalRecord): string | undefined {
  const overwrite = readOverwrite(record)
  if (!overwrite) return undefined
  return `XLOG/OVERWRITE_CONTRECORD: lsn ${formatLsn(overwrite.torn)}; time ${formatTimestampTz(overwrite.time)}`
}

function describeParameters(record: WalRecord): string {
  const { maxConnections, maxWorkerProcesses, maxWalSenders, ...others } = readParameters(record)
  const { maxPreparedTransactions, maxLocksPerTransaction, walLogHints } = others
  const processes = `max_connections=${maxConnections} max_worker_processes=${maxWorkerProcesses} max_wal_senders=${maxWalSenders}`
  const slots = `max_prepared_xacts=${maxPreparedTransactions} max_locks_per_xact=${maxLocksPerTransaction}`
  const level = `wal_level=replica wal_log_hints=${walLogHints ? 'on' : 'off'} track_commit_timestamp=off`
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
