// A parallel worker: runs a part of another backend's query, as if it were that backend, and ends. Mirrors
// ParallelWorkerMain of parallel.c. What it runs is in sql/parallel.

import { microsecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import type { BackgroundWorker } from '../shared/background-workers.ts'
import { fail, fatal, PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { settleIn } from '../shared/process-memory.ts'
import type { ParallelContext, ParallelMember } from '../sql/parallel/parallel-context.ts'
import { runPart } from '../sql/parallel/parallel-worker.ts'
import { Session } from '../sql/session.ts'
import { report, setTitle } from './auxiliary.ts'

/** From fork to the first look at the leader's segment. */
const startCost = 400 * microsecond
/** The database, the catalogs' caches, and what the leader has put there for it. */
const initialisationCost = 1100 * microsecond

export function* parallelWorker(me: Process, server: Server, worker: BackgroundWorker): Coroutine {
  const { shared } = server
  setTitle(me, server, worker.request.title)
  me.leavesWithParent = true
  me.on('QUIT', () => me.exitAtOnce(2))
  me.ignore('HUP', 'USR1', 'USR2', 'CHLD')
  me.remember('TERM', 'INT')
  let member: ParallelMember | undefined
  let proc: Proc | undefined
  try {
    me.charge(startCost)
    yield* me.pause()
    const context = shared.parallelContexts.find(worker.request.handle)
    if (!context) fail('55000', 'could not map dynamic shared memory segment')
    member = context.members[worker.request.index]
    proc = takePlace(me, server, context)
    attachInterrupts(me)
    me.charge(initialisationCost)
    yield* me.pause()
    yield* work(new Session(server, me, proc, () => {}), context, member)
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    report(me, server, error, error.level, proc?.statement)
    if (error.level === 'PANIC') {
      me.signal('ABRT')
      yield
    }
    if (member) tell(member, 'failed', error)
    me.exit(1)
  }
}

/** It shows itself as the leader: the same user, database and settings. */
function takePlace(me: Process, { shared }: Server, { leader }: ParallelContext): Proc {
  const { proc: first } = leader
  const proc = shared.procArray.add(me, 'parallel worker', leader.settings)
  me.atExit(() => shared.procArray.remove(proc))
  proc.leader = first
  proc.role = first.role
  proc.roleId = first.roleId
  proc.isSuperuser = first.isSuperuser
  proc.database = first.database
  proc.databaseId = first.databaseId
  proc.databaseTablespace = first.databaseTablespace
  settleIn(me, shared.segment, 'backend')
  return proc
}

function attachInterrupts(me: Process): void {
  me.checkForInterrupts = () => {
    if (me.received('TERM')) {
      fatal('57P01', 'terminating background worker "parallel worker" due to administrator command')
    }
    if (!me.received('INT')) return
    me.forget('INT')
    fail('57014', 'canceling statement due to user request')
  }
}

function* work(session: Session, context: ParallelContext, member: ParallelMember): Coroutine {
  const { me, proc, server, transaction } = session
  me.atExit(() => {
    server.locks.releaseAll(proc, 'session')
    transaction.statistics.report(me.now(), true)
  })
  showActivity(proc, context.leader.proc, me.now())
  yield* runPart(session, context, member)
  transaction.leaveLeader()
  tell(member, 'done')
}

function showActivity(proc: Proc, leader: Proc, now: number): void {
  proc.state = 'active'
  proc.stateChangedAt = now
  proc.statement = leader.statement
  proc.lastStatement = leader.lastStatement
  proc.queryStartedAt = leader.queryStartedAt
}

/** The leader hears of it if it is still there. */
function tell(member: ParallelMember, state: 'done' | 'failed', error?: PostgresError): void {
  if (!member.isAttached) return
  member.state = state
  member.error = error
  const { requester } = member.worker.request
  requester.latch.set(member.worker.process?.cause)
}
