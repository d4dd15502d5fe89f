// The background writer: cleans buffers ahead of the clock hand, and logs who runs, so that a standby can begin its
// snapshots anywhere. Mirrors bgwriter.c.

import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { logRunningTransactions } from '../recovery/running-transactions.ts'
import type { Server } from '../server.ts'
import { beginAuxiliary, turn } from './auxiliary.ts'

const hibernationFactor = 50
const snapshotInterval = 15 * second

export function* backgroundWriter(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'background writer')
  const { shared, environment } = server
  shared.requests.backgroundWriterLatch = me.latch
  let wasIdle = false
  let snapshotAt = me.now()
  while (!me.received('TERM')) {
    me.latch.reset()
    me.forget('HUP')
    let isIdle = false
    yield* turn(me, server, function* () {
      isIdle = yield* shared.buffers.bgwriterRound(me)
    })
    if (me.now() >= snapshotAt + snapshotInterval && snapshotIsDue(server)) {
      logRunningTransactions(me, shared)
      snapshotAt = me.now()
    }
    const delay = environment.settings.get('bgwriter_delay')
    yield* me.waitLatch({ until: me.now() + delay, waitEvent: 'BgWriterMain' })
    yield* me.pause()
    // Twice nothing to do: a backend that needs a buffer wakes us.
    if (!me.latch.isSet && isIdle && wasIdle) {
      shared.buffers.wakeOnAllocation(me)
      yield* me.waitLatch({ until: me.now() + delay * hibernationFactor, waitEvent: 'BgWriterHibernate' })
      yield* me.pause()
    }
    wasIdle = isIdle
  }
}

/** Only if somebody has written WAL since the last one, and this server may. */
function snapshotIsDue({ shared: { wal, recovery } }: Server): boolean {
  return !wal.isMinimal && !recovery.inRecovery && wal.endLsn !== recovery.idleUpTo
}
