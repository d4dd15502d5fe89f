// An io worker of PostgreSQL 18. Mirrors the waiting and the signals of method_worker.c; reads are done by the process
// that wants the page, so it has nothing to do.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { beginAuxiliary, setTitle } from './auxiliary.ts'

export function* ioWorker(me: Process, server: Server): Coroutine {
  const others = server.shared.procArray.procs.filter(proc => proc.backendType.startsWith('io worker')).length
  yield* beginAuxiliary(me, server, 'io worker')
  setTitle(me, server, 'io worker', String(others))
  me.ignore('TERM')
  me.remember('USR2')
  while (!me.received('USR2')) {
    yield* me.waitLatch({ waitEvent: 'IoWorkerMain' })
    me.latch.reset()
    me.forget('HUP')
  }
}
