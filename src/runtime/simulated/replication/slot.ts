// What the server knows of one replication slot. Mirrors ReplicationSlot (slot.h).

import type { LogicalSlot } from './logical-slot.ts'

/**
 * As pg_replication_slots has it: the WAL that it needs was removed; catalog rows that its decoding needs were; its primary
 * writes too little WAL.
 */
export const slotInvalidations = ['wal_removed', 'rows_removed', 'wal_level_insufficient'] as const

export type SlotInvalidation = (typeof slotInvalidations)[number]

export interface ReplicationSlot {
  readonly name: string
  /** From here on the WAL is kept; 0: nothing is reserved yet. */
  restartLsn: number
  /** The oldest transaction that its standby's snapshots need; 0: none. */
  xmin: number
  /** The oldest transaction whose catalog decoding needs, here or at the standby; 0: none. */
  catalogXmin: number
  /** The pid of the WAL sender that holds it; 0: nobody. A temporary one is held by who made it, for as long as it is there. */
  activePid: number
  /** Why it is of no use any more. */
  invalidation: SlotInvalidation | undefined
  /** When its last reader left, in nanoseconds; undefined: it has one. */
  inactiveSince: number | undefined
  /** It goes with the process that made it. */
  isTemporary: boolean
  /** Of a logical slot. */
  readonly logical: LogicalSlot | undefined
  /** The next checkpoint writes it: what has changed is to survive a crash, sooner or later. */
  isDirty: boolean
}

export function newSlot(
  name: string,
  restartLsn: number,
  inactiveSince: number,
  logical?: LogicalSlot,
): ReplicationSlot {
  return {
    name,
    restartLsn,
    xmin: 0,
    catalogXmin: 0,
    activePid: 0,
    invalidation: undefined,
    inactiveSince,
    isTemporary: false,
    logical,
    isDirty: false,
  }
}
