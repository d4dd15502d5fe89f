// Who reads changes from a failover slot must not be ahead of the standbys that may take over: he waits until the physical
// slots of synchronized_standby_slots have what he is to get. Mirrors StandbySlotsHaveCaughtup and
// WaitForStandbyConfirmation.

import { slotNames } from '../../../model/slot-names.ts'
import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { ReplicationSlot } from './slot.ts'
import type { ReplicationSlots } from './slots.ts'

/** Why somebody waits for a standby in vain, as long as nobody does something about it. */
export interface StandbyComplaint {
  readonly sqlstate: string
  readonly message: string
  readonly detail: string
  readonly hint: string
}

const parameter = '"synchronized_standby_slots"'

/** How often the list is looked at again. */
const retryInterval = second

/** Whether the list names the slot. */
export function isSynchronizedStandby({ settings }: ServerEnvironment, name: string): boolean {
  // Before 17 there is no such setting.
  const list = settings.get('synchronized_standby_slots')
  return list !== undefined && list !== '' && slotNames(list)!.includes(name)
}

/** `warn` is told again and again what is wrong. */
export function* waitForStandbys(
  me: Process,
  environment: ServerEnvironment,
  slots: ReplicationSlots,
  what: { readonly slot: ReplicationSlot; readonly lsn: number; readonly warn: (complaint: StandbyComplaint) => void },
): Coroutine {
  if (!what.slot.logical?.failover) return
  for (;;) {
    me.checkForInterrupts?.()
    const behind = firstBehind(environment, slots, what.lsn)
    if (behind === undefined) return
    if (behind !== 'under way') what.warn(behind)
    yield* slots.confirmed.sleep(me, 'WaitForStandbyConfirmation', me.now() + retryInterval)
  }
}

/** undefined: all of them have flushed the WAL before `lsn`. */
export function firstBehind(
  { settings }: ServerEnvironment,
  slots: ReplicationSlots,
  lsn: number,
): 'under way' | StandbyComplaint | undefined {
  for (const name of slotNames(settings.get('synchronized_standby_slots'))!) {
    const slot = slots.find(name)
    const complaint = complaintOf(name, slot, lsn)
    if (complaint) return complaint
    if (slot!.restartLsn < lsn) return 'under way'
  }
}

function complaintOf(name: string, slot: ReplicationSlot | undefined, lsn: number): StandbyComplaint | undefined {
  const detail = `Logical replication is waiting on the standby associated with replication slot "${name}".`
  const specified = `replication slot "${name}" specified in parameter ${parameter}`
  if (!slot) {
    const hint = `Create the replication slot "${name}" or amend parameter ${parameter}.`
    return { sqlstate: '22023', message: `${specified} does not exist`, detail, hint }
  }
  if (slot.logical) {
    return {
      sqlstate: '22023',
      message: `cannot specify logical replication slot "${name}" in parameter ${parameter}`,
      detail: `Logical replication is waiting for correction on replication slot "${name}".`,
      hint: `Remove the logical replication slot "${name}" from parameter ${parameter}.`,
    }
  }
  if (slot.invalidation) {
    const hint = `Drop and recreate the replication slot "${name}", or amend parameter ${parameter}.`
    return { sqlstate: '55000', message: `physical ${specified} has been invalidated`, detail, hint }
  }
  if (slot.restartLsn >= lsn || slot.activePid !== 0) return undefined
  return {
    sqlstate: '55000',
    message: `${specified} does not have active_pid`,
    detail,
    hint: `Start the standby associated with the replication slot "${name}", or amend parameter ${parameter}.`,
  }
}
