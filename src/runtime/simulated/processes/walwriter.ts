// The WAL writer: writes and flushes WAL that nobody waits for, so that backends find less to do and asynchronous
// commits become durable soon. Mirrors walwriter.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { beginAuxiliary, turn } from './auxiliary.ts'

/** After so many rounds without work it sleeps so many times longer. */
const roundsUntilHibernation = 50
const hibernationFactor = 25

export function* walWriter(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'walwriter')
  const { shared, environment } = server
  const { requests, wal } = shared
  requests.walWriterLatch = me.latch
  let idleRounds = 0
  while (!me.received('TERM')) {
    // The flag is set one round early: whoever looks at it then still wakes us.
    requests.walWriterSleeping = idleRounds >= roundsUntilHibernation - 1
    me.latch.reset()
    me.forget('HUP')
    yield* turn(me, server, function* () {
      idleRounds = (yield* wal.backgroundFlush(me)) ? 0 : idleRounds + 1
    })
    const delay = environment.settings.get('wal_writer_delay')
    const nap = idleRounds >= roundsUntilHibernation ? delay * hibernationFactor : delay
    yield* me.waitLatch({ until: me.now() + nap, waitEvent: 'WalWriterMain' })
    yield* me.pause()
  }
}
