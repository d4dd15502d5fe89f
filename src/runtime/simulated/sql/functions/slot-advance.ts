// pg_replication_slot_advance: moves a slot on without anybody reading from it. Mirrors slotfuncs.c.

import { formatLsn } from '../../../../model/format.ts'
import { lsnType, recordType } from '../../catalog/types/identifiers.ts'
import { nameType } from '../../catalog/types/text.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { advanceSlot } from '../../logical/advance-slot.ts'
import type { ReplicationSlot } from '../../replication/slot.ts'
import { waitForStandbys } from '../../replication/standby-confirmation.ts'
import { fail } from '../../shared/error.ts'
import type { Execution } from '../expressions/execution.ts'
import { decodingOf, warnIn } from './logical-functions.ts'
import type { SessionFunction } from './registry.ts'
import { refuseWithoutSlots } from './replication-functions.ts'

function* advance(execution: Execution, name: string, wanted: number): Coroutine<Value> {
  refuseWithoutSlots(execution)
  const { server, me } = execution.session
  const { slots, transactions, recovery, wal } = server
  if (wanted === 0) fail('XX000', 'invalid target WAL LSN')
  const to = Math.min(wanted, recovery.inRecovery ? recovery.replayedEnd : wal.flushedLsn)
  const slot = slots.acquire(me, name, true)
  try {
    refuseBackwards(slot, to)
    if (slot.logical) yield* advanceLogical(execution, slot, to)
    else if (slot.restartLsn < to) slots.advance(slot, to, me.cause)
    transactions.slotXmin = slots.requiredXmin()
    transactions.slotCatalogXmin = slots.requiredCatalogXmin()
    return `(${name},${formatLsn(slot.logical?.confirmedFlush ?? slot.restartLsn)})`
  } finally {
    slots.release(me, slot)
  }
}

/** What it has confirmed is not there any more. */
function refuseBackwards({ name, restartLsn, logical }: ReplicationSlot, to: number): void {
  if (restartLsn === 0) {
    fail('55000', `replication slot "${name}" cannot be advanced`, {
      detail: 'This slot has never previously reserved WAL, or it has been invalidated.',
    })
  }
  const least = logical?.confirmedFlush ?? restartLsn
  if (to >= least) return
  fail('55000', `cannot advance replication slot to ${formatLsn(to)}, minimum is ${formatLsn(least)}`)
}

function* advanceLogical(execution: Execution, slot: ReplicationSlot, to: number): Coroutine {
  const decoding = decodingOf(execution)
  const { me, proc, environment, services } = decoding
  if (slot.logical!.database !== proc.databaseId) {
    fail('55000', `replication slot "${slot.name}" was not created in this database`)
  }
  yield* waitForStandbys(me, environment, services.slots, { slot, lsn: to, warn: warnIn(execution) })
  yield* advanceSlot(decoding, slot, to)
}

export const slotAdvanceFunctions: readonly SessionFunction[] = [
  {
    name: 'pg_replication_slot_advance',
    parameters: [nameType, lsnType],
    returns: recordType,
    isVolatile: true,
    wait: advance,
  },
]
