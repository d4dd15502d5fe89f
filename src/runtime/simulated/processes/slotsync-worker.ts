// The slot sync worker of a standby: copies the failover slots of its primary again and again, more often while they move.
// Mirrors ReplSlotSyncWorkerMain; what is copied and how is in logical/slot-sync/.

import { millisecond, second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import { Decoding } from '../logical/services.ts'
import { validateRemote } from '../logical/slot-sync/remote-slots.ts'
import { databaseOfPrimary } from '../logical/slot-sync/requirements.ts'
import { beginSync, endSync, type SlotSync, synchronizeSlots } from '../logical/slot-sync/slot-sync.ts'
import type { Process } from '../machine/process.ts'
import type { Socket } from '../machine/socket.ts'
import { ask, connect, nameBefore } from '../replication/primary-connection.ts'
import type { Server } from '../server.ts'
import { fail, fatal, PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { versionFacts } from '../shared/versions.ts'
import { beginAuxiliary, report } from './auxiliary.ts'

const shortestNap = 200 * millisecond
const longestNap = 30 * second

export function* slotSyncWorker(me: Process, server: Server): Coroutine {
  const proc = yield* beginAuxiliary(me, server, 'slotsync worker')
  const { environment, shared } = server
  listen(me, server)
  const decoding = new Decoding(environment, shared, me, proc)
  const sync: SlotSync = { decoding, services: shared, isWorker: true }
  try {
    if (!beginSync(sync)) return
    me.atExit(() => endSync(sync))
    environment.log.log(me, 'slot sync worker started')
    enterDatabase(server, proc)
    const socket = yield* reach(me, server)
    yield* validateRemote(me, environment, socket)
    yield* synchronizeForEver(sync, socket)
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    // Another one begins anew: to the postmaster this one has ended as it should.
    report(me, server, error)
    me.exit(error.level === 'ERROR' ? 0 : 1)
  }
}

/** What it is told while it works or waits. */
function listen(me: Process, { shared, environment }: Server): void {
  me.remember('INT')
  me.checkForInterrupts = () => {
    if (me.received('TERM')) fatal('57P01', 'terminating connection due to administrator command')
    if (me.received('INT')) fail('57014', 'canceling statement due to user request')
    if (!shared.slotSync.isStopped) return
    const { log } = environment
    log.log(me, 'replication slot synchronization worker will stop because promotion is triggered')
    me.exit(0)
  }
}

/** It counts as connected to the database that it asks the primary for. */
function enterDatabase({ environment, shared }: Server, proc: Proc): void {
  const database = databaseOfPrimary(environment)
  const found = shared.databases.byName(database)
  if (!found) fatal('3D000', `database "${database}" does not exist`)
  proc.database = database
  proc.databaseId = found.oid
  proc.databaseTablespace = found.tablespace
}

function* reach(me: Process, { environment }: Server): Coroutine<Socket> {
  const { settings, version } = environment
  const applicationName = nameBefore(environment, 'slotsync worker')
  const socket = yield* connect(me, environment, settings.get('primary_conninfo'), { applicationName })
  if ('failure' in socket) {
    const who = `synchronization worker "${applicationName}"`
    fail('08006', versionFacts(version).cannotConnectToPrimary(who, socket.failure))
  }
  me.atExit(() => {
    if (!socket.ending) ask(socket, { kind: 'terminate', size: 5 })
  })
  return socket
}

function* synchronizeForEver(sync: SlotSync, socket: Socket): Coroutine<never> {
  const { me } = sync.decoding
  const present = settingsOf(sync)
  let nap = shortestNap
  for (;;) {
    me.checkForInterrupts?.()
    if (me.received('HUP')) {
      me.forget('HUP')
      leaveIfChanged(sync, present)
    }
    nap = (yield* synchronizeSlots(sync, socket)) ? shortestNap : Math.min(2 * nap, longestNap)
    yield* rest(me, me.now() + nap)
  }
}

/** That the primary is gone is seen at the next question only: nobody looks at the socket here. */
function* rest(me: Process, until: number): Coroutine {
  do {
    yield* me.waitLatch({ until, waitEvent: 'ReplicationSlotsyncMain' })
    me.latch.reset()
    yield* me.pause()
  } while (me.now() < until && !me.received('HUP'))
}

function settingsOf({ decoding: { environment } }: SlotSync): string {
  const { settings } = environment
  const names = ['primary_conninfo', 'primary_slot_name', 'hot_standby_feedback'] as const
  return JSON.stringify(names.map(name => settings.get(name)))
}

/** slotsync_reread_config */
function leaveIfChanged(sync: SlotSync, before: string): void {
  const { environment, me } = sync.decoding
  const worker = 'replication slot synchronization worker will'
  if (!environment.settings.get('sync_replication_slots')) {
    environment.log.log(me, `${worker} stop because "sync_replication_slots" is disabled`)
    me.exit(0)
  }
  if (settingsOf(sync) === before) return
  environment.log.log(me, `${worker} restart because of a parameter change`)
  sync.services.slotSync.workerStartedIn = undefined
  me.exit(0)
}
