// What the server knows of one replication slot. Mirrors ReplicationSlot (slot.h).

import type { LogicalSlot } from './logical-slot.ts'

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
  /** Lost: the WAL that it needs was removed. */
  isInvalid: boolean
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
    isInvalid: false,
    inactiveSince,
    isTemporary: false,
    logical,
    isDirty: false,
  }
}
