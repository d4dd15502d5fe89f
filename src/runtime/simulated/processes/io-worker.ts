// An io worker of PostgreSQL 18. Mirrors the waiting and the signals of method_worker.c; reads are done by the process
// that wants the page, so it has nothing to do.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { beginAuxiliary, setTitle } from './auxiliary.ts'

export function* ioWorker(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'io worker')
  const { ioWorkers } = server.shared
  let place = 0
  while (ioWorkers.has(place)) place++
  ioWorkers.add(place)
  me.atExit(() => ioWorkers.delete(place))
  setTitle(me, server, 'io worker', String(place))
  me.ignore('TERM')
  me.remember('USR2')
  while (!me.received('USR2')) {
    yield* me.waitLatch({ waitEvent: 'IoWorkerMain' })
    me.latch.reset()
    me.forget('HUP')
  }
}
