// What all auxiliary processes have in common: their signals, their place in shared memory, and what an error does to
// them. Mirrors auxprocess.c and the sigsetjmp blocks of the processes' main loops.

import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { settleIn } from '../shared/process-memory.ts'

/** From fork to the process's own code: attaching to shared memory, signal handlers. */
const startCost = 400_000

/** Signals as most auxiliary processes take them; each then says what it does otherwise. */
export function* beginAuxiliary(me: Process, server: Server, backendType: string): Coroutine<Proc> {
  const { shared, environment } = server
  setTitle(me, server, backendType)
  me.leavesWithParent = true
  me.on('QUIT', () => me.exitAtOnce(2))
  me.ignore('INT', 'USR1', 'USR2', 'CHLD')
  me.remember('HUP', 'TERM')
  const proc = shared.procArray.add(me, backendType, environment.settings)
  me.atExit(() => shared.procArray.remove(proc))
  yield* whole(me, server, function* () {
    settleIn(me, shared.segment, backendType.startsWith('autovacuum') ? 'autovacuum' : 'auxiliary')
  })
  me.charge(startCost)
  yield* me.pause()
  return proc
}

/** What ps shows: who it is and what it does. A process without an activity leaves the blank before it. */
export function titleOf({ environment }: Server, who: string, activity = ''): string {
  const cluster = environment.settings.get('cluster_name')
  return cluster === '' ? `postgres: ${who} ${activity}` : `postgres: ${cluster}: ${who} ${activity}`
}

/** Sets what ps shows. */
export function setTitle(me: Process, server: Server, who: string, activity = ''): void {
  me.setTitle(titleOf(server, who, activity))
}

/** One turn of a main loop: an ERROR in it is told and waited out for a second; what is worse ends the process. */
export function* turn(me: Process, server: Server, body: () => Coroutine): Coroutine {
  try {
    yield* body()
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    if (error.level !== 'ERROR') yield* endWith(me, server, error)
    report(me, server, error)
    yield* me.sleep(second, 'BgWriterError')
  }
}

/** For processes in which no ERROR can be survived. */
export function* whole(me: Process, server: Server, body: () => Coroutine): Coroutine {
  try {
    yield* body()
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    yield* endWith(me, server, error)
  }
}

/** FATAL ends the process; PANIC aborts it, which the postmaster takes for a crash. */
export function* endWith(me: Process, server: Server, error: PostgresError): Coroutine<never> {
  report(me, server, error, error.level === 'ERROR' ? 'FATAL' : error.level)
  if (error.level === 'PANIC') {
    me.signal('ABRT')
    yield
  }
  return me.exit(1)
}

/** Into the server log; `statement` is what it ran. */
export function report(
  me: Process,
  { environment }: Server,
  error: PostgresError,
  level = error.level,
  statement?: string,
): void {
  environment.log.report(me, {
    level,
    sqlstate: error.sqlstate,
    message: error.message,
    detail: error.detailLog ?? error.detail,
    hint: error.hint,
    context: error.context,
    statement,
  })
}
