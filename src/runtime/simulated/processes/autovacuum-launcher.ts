// The autovacuum launcher: wakes every naptime to see which database is due. Mirrors the waiting and the signals of
// autovacuum.c; it starts no workers yet.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { beginAuxiliary } from './auxiliary.ts'

/** Databases that have statistics: each gets its turn within a naptime. */
const databases = 1

export function* autovacuumLauncher(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'autovacuum launcher')
  const { settings } = server.environment
  while (!me.received('TERM')) {
    const nap = settings.get('autovacuum_naptime') / databases
    yield* me.waitLatch({ until: me.now() + nap, waitEvent: 'AutoVacuumMain' })
    me.latch.reset()
    me.forget('HUP')
  }
}
