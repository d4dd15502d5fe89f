// Replay in the way of logical slots of a standby: those that it takes the ground from are given up, and who reads from one
// is told of a recovery conflict. Mirrors what the startup process has InvalidateObsoleteReplicationSlots do.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Condition } from '../replication/slot-invalidation.ts'
import type { ReplicationSlots } from '../replication/slots.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import { signalConflict } from '../shared/recovery-conflict.ts'
import { versionFacts } from '../shared/versions.ts'
import { precedes } from '../transactions/transaction-id.ts'
import type { Version } from '../wal/page-header.ts'
import type { Wal } from '../wal/wal.ts'

export interface SlotConflictServices {
  readonly slots: ReplicationSlots
  readonly procArray: ProcArray
  readonly wal: Wal
  readonly transactions: { slotXmin: number; slotCatalogXmin: number }
}

export function* giveUpSlots(
  me: Process,
  { slots, procArray, wal, transactions }: SlotConflictServices,
  condition: Condition,
): Coroutine {
  if (!wal.isLogical) return
  const release = (pid: number) => {
    const proc = procArray.byPid(pid)
    if (proc) signalConflict(proc, 'logical slot', me.cause)
  }
  if (!(yield* slots.invalidate(me, condition, release))) return
  transactions.slotXmin = slots.requiredXmin()
  transactions.slotCatalogXmin = slots.requiredCatalogXmin()
}

/**
 * Replay removes rows of catalogs that were deleted by `horizon` and before; database 0: of catalogs that all databases
 * share. `context`: what is replayed.
 */
export function rowsRemoved(horizon: number, database: number, context: string | undefined): Condition {
  const isNeeded = (xmin: number) => xmin !== 0 && !precedes(horizon, xmin)
  return {
    reason: 'rows_removed',
    concerns: ({ logical, xmin, catalogXmin }) =>
      logical !== undefined &&
      (database === 0 || database === logical.database) &&
      (isNeeded(xmin) || isNeeded(catalogXmin)),
    more: () => ({ detail: `The slot conflicted with xid horizon ${horizon}.`, ...(context ? { context } : {}) }),
  }
}

/** The primary's WAL says too little from here on. */
export function walLevelLowered(version: Version, context: string | undefined): Condition {
  const { settingName, settingChoice } = versionFacts(version)
  const level = `${settingName('wal_level')} >= ${settingChoice('logical')}`
  const detail = `Logical decoding on standby requires ${level} on the primary server.`
  return {
    reason: 'wal_level_insufficient',
    concerns: ({ logical }) => logical !== undefined,
    more: () => ({ detail, ...(context ? { context } : {}) }),
  }
}
