// Takes the lock of a relation; what was there before a wait may have changed after it.

import type { AnyRelation } from '../catalog/relations.ts'
import type { Coroutine } from '../kernel/task.ts'
import { AccessExclusiveLock, type LockMode } from '../locks/lock-mode.ts'
import { fail } from '../shared/error.ts'
import type { SessionContext } from './context.ts'

export function* lockRelation(
  { server, proc, transaction }: SessionContext,
  relation: AnyRelation,
  mode: LockMode,
  nowait = false,
): Coroutine {
  const { locks } = server
  const tag = relation.lockTag
  const isLogged = mode === AccessExclusiveLock && !locks.holds(proc, tag, mode)
  if (isLogged) transaction.prepareAccessExclusiveLock()
  if (!locks.tryAcquire(proc, tag, mode)) {
    if (nowait) fail('55P03', `could not obtain lock on relation "${relation.name}"`)
    server.transactions.conflicts.checkBufferDeadlock(proc)
    yield* locks.acquire(proc, tag, mode)
  }
  if (isLogged) transaction.tookAccessExclusiveLock(tag)
}
