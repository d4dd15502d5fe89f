// pg_locks: the heavyweight locks that are held and waited for.

import { booleanType } from '../catalog/types/boolean.ts'
import { oidType, xidType } from '../catalog/types/identifiers.ts'
import { int2Type, int4Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Value } from '../catalog/types/type.ts'
import type { LockView } from '../locks/lock-manager.ts'
import { lockModeName } from '../locks/lock-mode.ts'
import type { Proc } from '../shared/proc.ts'
import { timestampOf } from '../shared/timestamp.ts'
import type { SystemView } from '../sql/system-view.ts'
import type { PredicateLockView } from '../transactions/serializable/predicate-locks.ts'

function row({ tag, proc, mode, granted, fastPath, waitStart }: LockView): Value[] {
  const { type } = tag
  const isRelation = type === 'relation' || type === 'extend' || type === 'tuple'
  const isObject = type === 'object' || type === 'advisory'
  return [
    type,
    isRelation || isObject ? tag.database : null,
    isRelation ? tag.relation : null,
    type === 'tuple' ? tag.block : null,
    type === 'tuple' ? tag.offset : null,
    null,
    type === 'transactionid' ? tag.transaction : null,
    isObject ? tag.classId : null,
    isObject ? tag.objectId : null,
    isObject ? tag.objectSub : null,
    proc.virtualTransaction,
    proc.isPrepared ? null : proc.pid,
    lockModeName(mode),
    granted,
    fastPath,
    waitStart === undefined ? null : timestampOf(waitStart),
  ]
}

/** Every transaction holds its own virtual id; nobody has to wait for one here. */
function virtualTransaction(proc: Proc): Value[] {
  const id = proc.virtualTransaction
  const none = null
  return [
    'virtualxid',
    none,
    none,
    none,
    none,
    id,
    none,
    none,
    none,
    none,
    id,
    proc.pid,
    'ExclusiveLock',
    true,
    true,
    none,
  ]
}

/** SIREAD locks stay after the commit, with the virtual id that the transaction had. */
function predicateLock({ tag, holder }: PredicateLockView): Value[] {
  const { database, relation, block = null, offset = null } = tag
  const none = null
  return [
    offset !== null ? 'tuple' : block !== null ? 'page' : 'relation',
    database,
    relation,
    block,
    offset,
    none,
    none,
    none,
    none,
    none,
    holder.virtualTransaction,
    holder.proc.pid,
    'SIReadLock',
    true,
    false,
    none,
  ]
}

export const pgLocks: SystemView = {
  name: 'pg_locks',
  columns: [
    { name: 'locktype', type: textType },
    { name: 'database', type: oidType },
    { name: 'relation', type: oidType },
    { name: 'page', type: int4Type },
    { name: 'tuple', type: int2Type },
    { name: 'virtualxid', type: textType },
    { name: 'transactionid', type: xidType },
    { name: 'classid', type: oidType },
    { name: 'objid', type: oidType },
    { name: 'objsubid', type: int2Type },
    { name: 'virtualtransaction', type: textType },
    { name: 'pid', type: int4Type },
    { name: 'mode', type: textType },
    { name: 'granted', type: booleanType },
    { name: 'fastpath', type: booleanType },
    { name: 'waitstart', type: timestamptzType },
  ],
  rows: ({ session: { server } }) => [
    ...server.procArray.procs.filter(proc => proc.localTransactionId !== 0).map(virtualTransaction),
    ...server.locks.list().map(row),
    ...server.transactions.serializable.list().map(predicateLock),
  ],
}
