// Why slots are given up, which that concerns, and how it is told. Mirrors InvalidatePossiblyObsoleteSlot and
// ReportSlotInvalidation of slot.c; what is done then is in slots.ts, what replay gives up in recovery/slot-conflicts.ts.

import type { ServerEnvironment } from '../shared/environment.ts'
import type { ErrorFields } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import type { ReplicationSlot, SlotInvalidation } from './slot.ts'

/** Has a process give its slot up. */
export type Release = (pid: number) => void

export interface Condition {
  readonly reason: SlotInvalidation
  readonly concerns: (slot: ReplicationSlot) => boolean
  readonly more: (slot: ReplicationSlot) => Pick<ErrorFields, 'detail' | 'hint' | 'context'>
}

/** max_slot_wal_keep_size: what lies before `oldest` goes. */
export function walRemoved({ version }: ServerEnvironment, oldest: number): Condition {
  const facts = versionFacts(version)
  return {
    reason: 'wal_removed',
    concerns: ({ restartLsn }) => restartLsn !== 0 && restartLsn < oldest,
    more: ({ restartLsn }) => facts.obsoleteSlotDetail(restartLsn, oldest - restartLsn),
  }
}

/** What is logged where the slot is given up, and besides that where its reader is ended first. */
export function invalidationReport({ version }: ServerEnvironment, slot: ReplicationSlot, condition: Condition) {
  const message =
    condition.reason === 'wal_removed'
      ? versionFacts(version).invalidatingSlot(slot.name, slot.restartLsn)
      : `invalidating obsolete replication slot "${slot.name}"`
  return { message, more: condition.more(slot) }
}
