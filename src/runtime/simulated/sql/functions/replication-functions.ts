// Functions about replication slots, and those that hold replay on a standby.

import { formatLsn } from '../../../../model/format.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import { recordType, voidType } from '../../catalog/types/identifiers.ts'
import { nameType, textType } from '../../catalog/types/text.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'
import type { Execution } from '../expressions/execution.ts'
import type { SessionFunction } from './registry.ts'

/** CheckSlotRequirements */
export function refuseWithoutSlots({ session }: Execution): void {
  const { environment, wal } = session.server
  const { settingName, settingChoice } = versionFacts(environment.version)
  const requires = (what: string) => fail('55000', `replication slots can only be used if ${what}`)
  if (environment.settings.get('max_replication_slots') === 0) requires(`${settingName('max_replication_slots')} > 0`)
  if (wal.isMinimal) requires(`${settingName('wal_level')} >= ${settingChoice('replica')}`)
}

function* createPhysicalSlot(
  execution: Execution,
  name: string,
  reserves = false,
  temporary = false,
): Coroutine<Value> {
  const { server, me } = execution.session
  refuseWithoutSlots(execution)
  const slot = yield* server.slots.create(me, name, reserves ? server.wal.redoLsn : 0, undefined, temporary)
  return `(${slot.name},${reserves ? formatLsn(slot.restartLsn) : ''})`
}

function dropSlot(execution: Execution, name: string): Value {
  refuseWithoutSlots(execution)
  const { server, me } = execution.session
  const { slots, transactions, recovery } = server
  const slot = slots.free(me, name)
  if (recovery.inRecovery && slot.logical?.isSynced) {
    fail('55000', `cannot drop replication slot "${name}"`, {
      detail: 'This replication slot is being synchronized from the primary server.',
    })
  }
  slots.drop(me, name)
  transactions.slotXmin = slots.requiredXmin()
  transactions.slotCatalogXmin = slots.requiredCatalogXmin()
  return ''
}

function refuseOutsideRecovery({ session }: Execution): void {
  if (session.server.recovery.inRecovery) return
  fail('55000', 'recovery is not in progress', {
    hint: 'Recovery control functions can only be executed during recovery.',
  })
}

/** Asks the startup process to stop replaying, or to go on. */
function setPause(execution: Execution, name: string, pauses: boolean): Value {
  refuseOutsideRecovery(execution)
  const { server, me } = execution.session
  const { recovery } = server
  if (recovery.promoteTriggered) {
    fail('55000', 'standby promotion is ongoing', {
      hint: `${name} cannot be executed after promotion is triggered.`,
    })
  }
  recovery.setPause(pauses, me.cause)
  if (pauses) server.requests.startupLatch?.set(me.cause)
  return ''
}

export const replicationFunctions: readonly SessionFunction[] = [
  ...[[nameType], [nameType, booleanType], [nameType, booleanType, booleanType]].map(parameters => ({
    name: 'pg_create_physical_replication_slot',
    parameters,
    returns: recordType,
    isVolatile: true,
    wait: createPhysicalSlot,
  })),
  {
    name: 'pg_drop_replication_slot',
    parameters: [nameType],
    returns: voidType,
    isVolatile: true,
    session: dropSlot,
  },
  {
    name: 'pg_wal_replay_pause',
    parameters: [],
    returns: voidType,
    isVolatile: true,
    session: execution => setPause(execution, 'pg_wal_replay_pause()', true),
  },
  {
    name: 'pg_wal_replay_resume',
    parameters: [],
    returns: voidType,
    isVolatile: true,
    session: execution => setPause(execution, 'pg_wal_replay_resume()', false),
  },
  {
    name: 'pg_is_wal_replay_paused',
    parameters: [],
    returns: booleanType,
    isVolatile: true,
    session: execution => {
      refuseOutsideRecovery(execution)
      return execution.session.server.recovery.isPauseWanted
    },
  },
  {
    name: 'pg_get_wal_replay_pause_state',
    parameters: [],
    returns: textType,
    isVolatile: true,
    session: execution => {
      refuseOutsideRecovery(execution)
      return execution.session.server.recovery.pauseState
    },
  },
]
