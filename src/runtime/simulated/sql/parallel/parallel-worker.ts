// What a parallel worker does once it runs: takes its place in the leader's query, runs its part of the plan, hands the
// rows over. Mirrors ParallelQueryMain, and the part of ParallelWorkerMain that makes a transaction like the leader's.

import type { Coroutine } from '../../kernel/task.ts'
import { AccessShareLock } from '../../locks/lock-mode.ts'
import { sendRowCost } from '../costs.ts'
import { Execution } from '../expressions/execution.ts'
import { emptyRow } from '../plan/node.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { tupleSize } from '../work/tuple-size.ts'
import type { ParallelContext, ParallelMember } from './parallel-context.ts'

export function* runPart(session: Session, { leader, part }: ParallelContext, member: ParallelMember): Coroutine {
  const { me, proc, server, transaction } = session
  const { queue } = member
  member.isAttached = true
  server.locks.joinGroup(proc, leader.proc)
  session.catalog = leader.catalog
  transaction.joinLeader(leader.transaction, part.snapshot)
  yield* lockRelation(session, part.table, AccessShareLock)
  const execution = new Execution(session, part.parameters, part.snapshot, { share: part.scan.join() })
  const cursor = part.plan.open(execution, emptyRow)
  for (let rows = yield* cursor.nextBatch(); rows; rows = yield* cursor.nextBatch()) {
    me.charge(rows.length * sendRowCost)
    for (const row of rows) if (!(yield* queue.send(me, row, tupleSize(part.columns, row)))) return
  }
  session.work.end()
  queue.finish(me)
}
