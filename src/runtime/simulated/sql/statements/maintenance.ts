// CHECKPOINT, VACUUM, ANALYZE, LOCK TABLE, DISCARD, PREPARE, DEALLOCATE.

import type { DeallocateStmt, LockStmt, Node, PrepareStmt } from '@pgsql/types'
import type { Coroutine } from '../../kernel/task.ts'
import type { LockMode } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { checkpointFlags } from '../../shared/requests.ts'
import { kindOf } from '../analysis/tree.ts'
import { findType } from '../analysis/typename.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { openTable } from './names.ts'

export function* checkpoint(session: Session): Coroutine<string> {
  const { requests, recovery } = session.server
  const { immediate, force } = checkpointFlags
  yield* requests.waitForCheckpoint(session.me, immediate | (recovery.inRecovery ? 0 : force))
  return 'CHECKPOINT'
}

export function* lockTable(session: Session, tree: LockStmt): Coroutine<string> {
  const { relations = [], mode = 8, nowait = false } = tree
  session.transaction.requireBlock('LOCK TABLE')
  if (mode > 3 && session.server.recovery.inRecovery) fail('25006', 'cannot execute LOCK TABLE during recovery')
  for (const node of relations) {
    if (!('RangeVar' in node)) continue
    const table = openTable(session, node.RangeVar)
    yield* lockRelation(session, table, mode as LockMode, nowait)
    yield* session.refreshCatalog()
  }
  return 'LOCK TABLE'
}

export function* prepareStatement(session: Session, tree: PrepareStmt, template: string): Coroutine<string> {
  const { name = '', argtypes = [], query } = tree
  if (session.preparedStatements.has(name)) fail('42P05', `prepared statement "${name}" already exists`)
  const types = argtypes.map(node =>
    'TypeName' in node ? findType(node.TypeName).type : fail('0A000', `${kindOf(node as Node)} is not played yet`),
  )
  session.preparedStatements.set(name, {
    template,
    statement: { node: query!, kind: kindOf(query!), start: 0, end: template.length },
    types: types.length > 0 ? types : undefined,
  })
  return 'PREPARE'
}

export function* deallocate(session: Session, { name, isall }: DeallocateStmt): Coroutine<string> {
  if (isall || name === undefined) {
    session.preparedStatements.clear()
    return 'DEALLOCATE ALL'
  }
  if (!session.preparedStatements.delete(name)) fail('26000', `prepared statement "${name}" does not exist`)
  return 'DEALLOCATE'
}
