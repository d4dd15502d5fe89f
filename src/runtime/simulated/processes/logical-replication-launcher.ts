// The logical replication launcher: a background worker that looks for subscriptions every three minutes. Mirrors the
// waiting and the signals of launcher.c; there are no subscriptions yet.

import { minute } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { beginAuxiliary } from './auxiliary.ts'

const napTime = 3 * minute

export function* logicalReplicationLauncher(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'logical replication launcher')
  for (;;) {
    yield* me.waitLatch({ until: me.now() + napTime, waitEvent: 'LogicalLauncherMain' })
    me.latch.reset()
    me.forget('HUP')
    // A background worker that is told to end does so as a backend: with code 1, so that it is started again.
    if (me.received('TERM')) me.exit(1)
  }
}
