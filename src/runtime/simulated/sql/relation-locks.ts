// Takes the lock of a relation; what was there before a wait may have changed after it.

import type { AnyRelation } from '../catalog/relations.ts'
import type { Coroutine } from '../kernel/task.ts'
import { AccessExclusiveLock, type LockMode } from '../locks/lock-mode.ts'
import type { SessionContext } from './context.ts'

export function* lockRelation(
  { server, proc, transaction }: SessionContext,
  relation: AnyRelation,
  mode: LockMode,
): Coroutine {
  if (!server.locks.tryAcquire(proc, relation.lockTag, mode)) yield* server.locks.acquire(proc, relation.lockTag, mode)
  if (mode === AccessExclusiveLock) transaction.tookAccessExclusiveLock()
}
