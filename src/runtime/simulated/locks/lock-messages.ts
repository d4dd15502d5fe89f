// What the log and the client are told of waits and deadlocks. Mirrors the reports of ProcSleep and DeadLockReport.

import { microsecond } from '../../../model/units.ts'
import { fail } from '../shared/error.ts'
import type { ServerLog } from '../shared/log.ts'
import type { DeadlockMember } from './deadlock.ts'
import type { LockOwner, Wait } from './lock.ts'
import type { AcquireOptions } from './lock-manager.ts'
import { lockModeName } from './lock-mode.ts'
import { describeLockTag } from './lock-tag.ts'

export type WaitReport = 'still waiting' | 'acquired' | 'detected deadlock' | 'avoided deadlock'

/** log_lock_waits. */
export function reportWait(
  log: ServerLog,
  owner: LockOwner,
  wait: Wait,
  what: WaitReport,
  options: AcquireOptions | undefined,
): void {
  const { proc } = owner
  const me = proc.process
  const on = `${lockModeName(wait.mode)} on ${describeLockTag(wait.lock.tag)}`
  const after = milliseconds(me.now() - wait.startedAt)
  log.log(me, sentence(what, proc.pid, on, after), {
    sqlstate: '00000',
    ...(what === 'acquired' ? {} : { detail: queueOf(wait) }),
    ...(options?.context ? { context: options.context() } : {}),
    ...(proc.statement === undefined ? {} : { statement: proc.statement }),
  })
}

function sentence(what: WaitReport, pid: number, on: string, after: string): string {
  switch (what) {
    case 'still waiting':
      return `process ${pid} still waiting for ${on} after ${after} ms`
    case 'acquired':
      return `process ${pid} acquired ${on} after ${after} ms`
    case 'detected deadlock':
      return `process ${pid} detected deadlock while waiting for ${on} after ${after} ms`
    case 'avoided deadlock':
      return `process ${pid} avoided deadlock for ${on} by rearranging queue order after ${after} ms`
  }
}

/** Holders and waiters, in the order in which they came to the lock. */
function queueOf(wait: Wait): string {
  const holders: number[] = []
  const waiters: number[] = []
  for (const { owner } of wait.lock.holdings) {
    const waits = owner.wait?.lock === wait.lock && owner.wait.outcome === 'waiting'
    ;(waits ? waiters : holders).push(owner.proc.pid)
  }
  const noun = holders.length === 1 ? 'Process' : 'Processes'
  return `${noun} holding the lock: ${holders.join(', ')}. Wait queue: ${waiters.join(', ')}.`
}

/** `1000.214`: microseconds after the point. */
function milliseconds(nanoseconds: number): string {
  const micros = Math.floor(nanoseconds / microsecond)
  return `${Math.floor(micros / 1000)}.${String(micros % 1000).padStart(3, '0')}`
}

export function failWithDeadlock(members: readonly DeadlockMember[]): never {
  const lines = members.map(({ owner, tag, mode }, index) => {
    const blocker = members[(index + 1) % members.length].owner.proc.pid
    return `Process ${owner.proc.pid} waits for ${lockModeName(mode)} on ${describeLockTag(tag)}; blocked by process ${blocker}.`
  })
  const statements = members.map(({ owner }) => `Process ${owner.proc.pid}: ${owner.proc.lastStatement ?? ''}`)
  fail('40P01', 'deadlock detected', {
    detail: lines.join('\n'),
    detailLog: [...lines, ...statements].join('\n'),
    hint: 'See server log for query details.',
  })
}
