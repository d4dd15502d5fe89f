// pg_cancel_backend and pg_terminate_backend: signals from one session to another. Mirrors signalfuncs.c.

import { millisecond } from '../../../../model/units.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import { type Int8, int4Type, int8Type } from '../../catalog/types/integer.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Signal } from '../../machine/signals.ts'
import { fail } from '../../shared/error.ts'
import type { Execution } from '../expressions/execution.ts'
import { notice } from '../notice.ts'
import type { SessionFunction } from './registry.ts'

/** They are no backends to these functions; the launchers and the walsenders are. */
const auxiliaries = new Set([
  'startup',
  'checkpointer',
  'background writer',
  'walwriter',
  'walreceiver',
  'io worker',
  'walsummarizer',
])

/** How long one look after the backend lasts. */
const look = 100 * millisecond

function signal({ session }: Execution, pid: number, what: Signal): boolean {
  const { procArray, environment } = session.server
  const proc = procArray.byPid(pid)
  if (proc && !auxiliaries.has(proc.backendType)) return environment.host.kill(pid, what, session.me.cause)
  notice(session, '01000', `PID ${pid} is not a PostgreSQL backend process`, 'WARNING')
  return false
}

/** Waits until the process is gone, for so many milliseconds at most. */
function* terminate(execution: Execution, pid: number, timeout: Int8): Coroutine<Value> {
  const { session } = execution
  if (timeout < 0) fail('22003', '"timeout" must not be negative')
  if (!signal(execution, pid, 'TERM')) return false
  if (Number(timeout) === 0) return true
  const { me, server } = session
  for (let left = Number(timeout) * millisecond; left > 0; left -= look) {
    if (!server.environment.host.processes.has(pid)) return true
    yield* me.waitLatch({ until: me.now() + Math.min(left, look), waitEvent: 'BackendTermination' })
    me.latch.reset()
    yield* me.pause()
  }
  const unit = Number(timeout) === 1 ? 'millisecond' : 'milliseconds'
  notice(session, '01000', `backend with PID ${pid} did not terminate within ${timeout} ${unit}`, 'WARNING')
  return false
}

export const backendSignals: readonly SessionFunction[] = [
  {
    name: 'pg_cancel_backend',
    parameters: [int4Type],
    returns: booleanType,
    isVolatile: true,
    session: (execution, pid: number) => signal(execution, pid, 'INT'),
  },
  {
    name: 'pg_terminate_backend',
    parameters: [int4Type],
    returns: booleanType,
    isVolatile: true,
    session: (execution, pid: number) => signal(execution, pid, 'TERM'),
  },
  {
    name: 'pg_terminate_backend',
    parameters: [int4Type, int8Type],
    returns: booleanType,
    isVolatile: true,
    wait: terminate,
  },
]
