// The autovacuum launcher: once in every naptime it asks the postmaster for a worker for each database, as long as no more
// run than may. Mirrors AutoVacLauncherMain of autovacuum.c. Whose turn it is the schedule knows.

import { millisecond, minute } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { AutovacuumSchedule } from '../maintenance/autovacuum-schedule.ts'
import { isAutovacuumActive } from '../maintenance/thresholds.ts'
import type { Server } from '../server.ts'
import { beginAuxiliary } from './auxiliary.ts'

/** It never sleeps shorter than this. */
const shortestSleep = 100 * millisecond

export function* autovacuumLauncher(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'autovacuum launcher')
  const { settings } = server.environment
  const { autovacuum } = server.shared
  me.remember('USR2')
  autovacuum.launcher = me
  me.atExit(() => {
    autovacuum.launcher = undefined
  })
  if (!isAutovacuumActive(settings)) {
    // Somebody has asked for it against wraparound: one worker, and it has done its part.
    if (canLaunch(me, server)) launch(me, server, new AutovacuumSchedule(server.shared, settings))
    return
  }
  const schedule = new AutovacuumSchedule(server.shared, settings)
  schedule.rebuild(me.now())
  let asleepUntil = me.now() + settings.get('autovacuum_naptime')
  const nextAt = () => schedule.nextAt ?? asleepUntil
  while (!me.received('TERM')) {
    const until = autovacuum.hasRoom(workerLimit(server))
      ? Math.max(nextAt(), me.now() + shortestSleep)
      : me.now() + settings.get('autovacuum_naptime')
    yield* me.waitLatch({ until, waitEvent: 'AutoVacuumMain' })
    me.latch.reset()
    me.forget('USR2')
    if (me.received('HUP')) {
      me.forget('HUP')
      if (!isAutovacuumActive(settings)) return
      schedule.rebuild(me.now())
      asleepUntil = me.now() + settings.get('autovacuum_naptime')
    }
    if (me.received('TERM') || !canLaunch(me, server) || me.now() < nextAt()) continue
    asleepUntil = me.now() + settings.get('autovacuum_naptime')
    launch(me, server, schedule)
  }
}

function launch(me: Process, server: Server, schedule: AutovacuumSchedule): void {
  const database = schedule.choose(me.now())
  if (database === undefined) return
  server.shared.autovacuum.request(me.now(), database)
  server.signalPostmaster('start autovacuum worker', me.cause)
}

/** Not while another one is starting, unless that takes too long. */
function canLaunch(me: Process, server: Server): boolean {
  const { autovacuum } = server.shared
  const { settings, log } = server.environment
  const { starting } = autovacuum
  if (starting) {
    const patience = Math.min(settings.get('autovacuum_naptime'), minute)
    if (me.now() - starting.launchedAt <= patience) return false
    autovacuum.starting = undefined
    log.report(me, { level: 'WARNING', message: 'autovacuum worker took too long to start; canceled' })
  }
  return autovacuum.hasRoom(workerLimit(server))
}

function workerLimit({ environment: { settings } }: Server): number {
  const limit = settings.get('autovacuum_max_workers')
  // From 18 on the number may change, within the places that were made at the start.
  return Math.min(limit, settings.get('autovacuum_worker_slots') ?? limit)
}
