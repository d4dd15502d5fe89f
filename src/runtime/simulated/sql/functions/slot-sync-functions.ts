// pg_sync_replication_slots: a session of a standby does once what the slot sync worker does again and again. Mirrors
// SyncReplicationSlots.

import { voidType } from '../../catalog/types/identifiers.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { Decoding } from '../../logical/services.ts'
import { validateRemote } from '../../logical/slot-sync/remote-slots.ts'
import { databaseOfPrimary, missingSetting } from '../../logical/slot-sync/requirements.ts'
import { beginSync, endSync, type SlotSync, synchronizeSlots } from '../../logical/slot-sync/slot-sync.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import { ask, connect, nameBefore } from '../../replication/primary-connection.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'
import type { Execution } from '../expressions/execution.ts'
import type { SessionFunction } from './registry.ts'
import { refuseWithoutSlots } from './replication-functions.ts'

function* syncSlots(execution: Execution): Coroutine<Value> {
  const { server, me, proc } = execution.session
  const { environment } = server
  refuseWithoutSlots(execution)
  if (!server.recovery.inRecovery) fail('55000', 'replication slots can only be synchronized to a standby server')
  const missing = missingSetting(environment)
  if (missing !== undefined) fail('22023', missing)
  databaseOfPrimary(environment)
  const socket = yield* reach(me, environment)
  const sync: SlotSync = { decoding: new Decoding(environment, server, me, proc), services: server, isWorker: false }
  try {
    beginSync(sync)
    yield* untilPromotion(sync, socket)
  } finally {
    ask(socket, { kind: 'terminate', size: 5 })
  }
  return ''
}

function* reach(me: Process, environment: ServerEnvironment): Coroutine<Socket> {
  const { settings, version } = environment
  const applicationName = nameBefore(environment, 'slotsync')
  const socket = yield* connect(me, environment, settings.get('primary_conninfo'), { applicationName })
  if (!('failure' in socket)) return socket
  const who = `synchronization worker "${applicationName}"`
  return fail('08006', versionFacts(version).cannotConnectToPrimary(who, socket.failure))
}

function* untilPromotion(sync: SlotSync, socket: Socket): Coroutine {
  const { me, environment } = sync.decoding
  const interrupts = me.checkForInterrupts
  me.checkForInterrupts = () => {
    interrupts?.()
    if (!sync.services.slotSync.isStopped) return
    fail('55000', 'replication slot synchronization will stop because promotion is triggered')
  }
  try {
    yield* validateRemote(me, environment, socket)
    yield* synchronizeSlots(sync, socket)
  } finally {
    me.checkForInterrupts = interrupts
    endSync(sync)
  }
}

export const slotSyncFunctions: readonly SessionFunction[] = [
  {
    name: 'pg_sync_replication_slots',
    parameters: [],
    returns: voidType,
    isVolatile: true,
    since: 17,
    wait: syncSlots,
  },
]
