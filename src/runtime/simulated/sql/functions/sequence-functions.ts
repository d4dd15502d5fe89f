// nextval, currval, lastval and setval.

import { Sequence } from '../../catalog/relations.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import { regclassType } from '../../catalog/types/identifiers.ts'
import { type Int8, int8Type, narrow } from '../../catalog/types/integer.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessShareLock, RowExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import type { Execution } from '../expressions/execution.ts'
import { lockRelation } from '../relation-locks.ts'
import type { SessionFunction } from './registry.ts'

function findSequence({ session }: Execution, oid: number): Sequence {
  const relation = session.catalog.byOid(oid)
  if (!relation) return fail('42P01', `could not open relation with OID ${oid}`)
  return relation instanceof Sequence ? relation : fail('42809', `"${relation.name}" is not a sequence`)
}

function refuseReadOnly({ session }: Execution, name: string): void {
  if (session.transaction.readOnly) fail('25006', `cannot execute ${name}() in a read-only transaction`)
}

function* nextval(execution: Execution, oid: number): Coroutine<Value> {
  const sequence = findSequence(execution, oid)
  refuseReadOnly(execution, 'nextval')
  const { session } = execution
  yield* lockRelation(session, sequence, RowExclusiveLock)
  const { first } = yield* session.server.sequences.nextval(session.transaction, sequence, sequence.options)
  const value = narrow(first)
  session.lastSequence.values.set(oid, value)
  session.lastSequence.last = oid
  return value
}

function currval({ session }: Execution, oid: number, sequence: Sequence): Value {
  const value = session.lastSequence.values.get(oid)
  return value ?? fail('55000', `currval of sequence "${sequence.name}" is not yet defined in this session`)
}

function* setval(execution: Execution, oid: number, value: Int8, isCalled: boolean): Coroutine<Value> {
  const sequence = findSequence(execution, oid)
  refuseReadOnly(execution, 'setval')
  const { session } = execution
  yield* lockRelation(session, sequence, RowExclusiveLock)
  yield* session.server.sequences.setval(session.transaction, sequence, sequence.options, BigInt(value), isCalled)
  if (isCalled) session.lastSequence.values.set(oid, value)
  return value
}

export const sequenceFunctions: readonly SessionFunction[] = [
  { name: 'nextval', parameters: [regclassType], returns: int8Type, wait: nextval, isVolatile: true },
  {
    name: 'currval',
    parameters: [regclassType],
    returns: int8Type,
    isVolatile: true,
    *wait(execution, oid: number) {
      const sequence = findSequence(execution, oid)
      yield* lockRelation(execution.session, sequence, AccessShareLock)
      return currval(execution, oid, sequence)
    },
  },
  {
    name: 'lastval',
    parameters: [],
    returns: int8Type,
    isVolatile: true,
    session: execution => {
      const { last, values } = execution.session.lastSequence
      return last === undefined ? fail('55000', 'lastval is not yet defined in this session') : values.get(last)!
    },
  },
  {
    name: 'setval',
    parameters: [regclassType, int8Type],
    returns: int8Type,
    wait: (execution, oid, value) => setval(execution, oid, value, true),
    isVolatile: true,
  },
  {
    name: 'setval',
    parameters: [regclassType, int8Type, booleanType],
    returns: int8Type,
    wait: setval,
    isVolatile: true,
  },
]
