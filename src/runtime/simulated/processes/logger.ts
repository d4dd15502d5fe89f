// The logger: reads what all others log from a pipe and writes it to files. It is no part of shared memory, ignores the
// signals that end others, and goes last, when nobody is left who could write. Mirrors syslogger.c.

import { microsecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { setTitle } from './auxiliary.ts'
import { LogFiles } from './logger/log-files.ts'

const startCost = 200 * microsecond
/** Reading a message and finding out whose it is. */
const messageCost = 2 * microsecond

export function* logger(me: Process, server: Server): Coroutine {
  const { environment, logCollector } = server
  const { host } = environment
  setTitle(me, server, 'logger')
  me.ignore('INT', 'TERM', 'QUIT', 'USR2', 'CHLD')
  me.remember('HUP', 'USR1')
  const { pipe } = logCollector!
  pipe.reader = me.latch
  host.endings.add(me.latch)
  me.charge(startCost)
  yield* me.pause()
  const files = new LogFiles(me, environment, server.startedAt)
  logCollector!.files = files
  for (;;) {
    me.latch.reset()
    if (me.received('HUP')) {
      me.forget('HUP')
      files.reload()
    }
    if (me.received('USR1')) {
      me.forget('USR1')
      files.rotate()
    }
    files.rotateIfDue()
    const pieces = pipe.read()
    for (const { destination, text } of pieces) {
      me.charge(messageCost)
      files.write(destination, text)
    }
    yield* me.pause()
    if (pieces.length > 0) continue
    if (server.processesAlive().every(({ type }) => type === 'logger')) return
    const until = files.nextRotation
    yield* me.waitLatch({ ...(until < Number.POSITIVE_INFINITY ? { until } : {}), waitEvent: 'LoggerMain' })
  }
}
