// Advisory locks: keys that mean what the application wants them to mean. Mirrors the end of lockfuncs.c.

import { booleanType } from '../../catalog/types/boolean.ts'
import { voidType } from '../../catalog/types/identifiers.ts'
import { type Int8, int4Type, int8Type } from '../../catalog/types/integer.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { ExclusiveLock, type LockMode, ShareLock } from '../../locks/lock-mode.ts'
import { advisoryTag, type LockTag } from '../../locks/lock-tag.ts'
import type { Execution } from '../expressions/execution.ts'
import { notice } from '../notice.ts'
import type { SessionFunction } from './registry.ts'

const ofOneKey = (key: Int8): LockTag => {
  const bits = BigInt.asUintN(64, BigInt(key))
  return advisoryTag(5, Number(bits >> 32n), Number(bits & 0xffff_ffffn), 1)
}
const ofTwoKeys = (high: number, low: number): LockTag => advisoryTag(5, high >>> 0, low >>> 0, 2)

/** pg_[try_]advisory_[xact_]lock[_shared], and unlock, of one key and of two. */
function lockFunctions(): SessionFunction[] {
  const functions: SessionFunction[] = []
  const add = (
    name: string,
    returns: SessionFunction['returns'],
    make: (tag: LockTag, execution: Execution) => Coroutine<Value>,
  ) => {
    const common = { name, returns, isVolatile: true }
    functions.push({
      ...common,
      parameters: [int8Type],
      wait: (execution, key: Int8) => make(ofOneKey(key), execution),
    })
    functions.push({
      ...common,
      parameters: [int4Type, int4Type],
      wait: (execution, a: number, b: number) => make(ofTwoKeys(a, b), execution),
    })
  }
  for (const [suffix, mode] of [
    ['', ExclusiveLock],
    ['_shared', ShareLock],
  ] as readonly (readonly [string, LockMode])[]) {
    for (const session of [true, false]) {
      const word = session ? '' : 'xact_'
      add(`pg_advisory_${word}lock${suffix}`, voidType, function* (tag, { session: { server, proc } }) {
        yield* server.locks.acquire(proc, tag, mode, { session })
        return ''
      })
      add(`pg_try_advisory_${word}lock${suffix}`, booleanType, function* (tag, { session: { server, proc } }) {
        return server.locks.tryAcquire(proc, tag, mode, { session })
      })
    }
    add(`pg_advisory_unlock${suffix}`, booleanType, function* (tag, { session }) {
      const { server, proc } = session
      if (server.locks.release(proc, tag, mode, { session: true })) return true
      const name = mode === ExclusiveLock ? 'ExclusiveLock' : 'ShareLock'
      notice(session, '01000', `you don't own a lock of type ${name}`, 'WARNING')
      return false
    })
  }
  return functions
}

export const advisoryLockFunctions: readonly SessionFunction[] = [
  ...lockFunctions(),
  {
    name: 'pg_advisory_unlock_all',
    parameters: [],
    returns: voidType,
    isVolatile: true,
    session({ session: { server, proc } }) {
      server.locks.releaseSessionLocks(proc)
      return ''
    },
  },
]
