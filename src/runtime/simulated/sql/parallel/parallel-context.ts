// What a leader and its parallel workers share while they run a part of a plan together, and what the leader does about
// its workers: asks for them, hears of their end or failure, waits until they are gone. Mirrors parallel.c.

import { microsecond } from '../../../../model/units.ts'
import type { ParallelScan } from '../../access/parallel-scan.ts'
import type { Table } from '../../catalog/relations.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { SharedSegment } from '../../machine/memory.ts'
import type { BackgroundWorker } from '../../shared/background-workers.ts'
import { fail, PostgresError } from '../../shared/error.ts'
import type { Snapshot } from '../../transactions/snapshot.ts'
import type { SessionContext } from '../context.ts'
import type { PlanNode } from '../plan/node.ts'
import type { KeptColumn } from '../work/tuple-size.ts'
import { queueSize, TupleQueue } from './tuple-queue.ts'

/** Making the segment, and putting there what a worker must know: settings, snapshot, plan. */
const setUpCost = 150 * microsecond
const registerCost = 10 * microsecond
const fixedSize = 24 * 1024
const errorQueueSize = 16 * 1024

/** What every participant runs. */
export interface ParallelPart {
  readonly plan: PlanNode
  /** What it reads. */
  readonly table: Table
  /** What of its rows goes through the queue. */
  readonly columns: readonly KeptColumn[]
  readonly parameters: readonly Value[]
  readonly snapshot: Snapshot
  readonly scan: ParallelScan
}

export interface ParallelMember {
  readonly worker: BackgroundWorker
  readonly queue: TupleQueue
  /** It has found its place here. */
  isAttached: boolean
  state: 'works' | 'done' | 'failed'
  error: PostgresError | undefined
}

/** Of a server: by the handles that workers are given. */
export class ParallelContexts {
  private readonly contexts = new Map<number, ParallelContext>()
  private lastHandle = 0

  /** Undefined: the leader has gone on without it. */
  find(handle: number): ParallelContext | undefined {
    return this.contexts.get(handle)
  }

  /** Of those that are there. */
  get segments(): SharedSegment[] {
    return [...this.contexts.values()].map(context => context.segment)
  }

  add(context: ParallelContext): number {
    this.contexts.set(++this.lastHandle, context)
    return this.lastHandle
  }

  remove(handle: number): void {
    this.contexts.delete(handle)
  }
}

export class ParallelContext {
  readonly leader: SessionContext
  readonly part: ParallelPart
  /** Those that could be asked for. */
  readonly members: ParallelMember[] = []
  readonly segment = new SharedSegment()
  private readonly handle: number

  constructor(leader: SessionContext, part: ParallelPart) {
    this.leader = leader
    this.part = part
    this.handle = leader.server.parallelContexts.add(this)
    leader.parallelContexts.add(this)
  }

  /** LaunchParallelWorkers: so many of them, or as many as there are slots for. */
  launch(wanted: number): void {
    const { me, proc, server, settings } = this.leader
    me.charge(setUpCost)
    this.touch(wanted)
    for (let index = 0; index < wanted; index++) {
      me.charge(registerCost)
      const type = 'parallel worker'
      const title = `parallel worker for PID ${me.pid}`
      const worker = server.backgroundWorkers.register(
        { type, name: type, title, handle: this.handle, index, requester: me },
        settings.get('max_parallel_workers'),
      )
      if (!worker) break
      this.members.push({ worker, queue: new TupleQueue(me), isAttached: false, state: 'works', error: undefined })
    }
    const { parallelContexts } = this.leader
    proc.takeParallelMessages = () => {
      for (const context of parallelContexts) context.takeMessages()
    }
  }

  private touch(workers: number): void {
    const { me } = this.leader
    me.host.segments.add(this.segment)
    me.host.memory.touch(me, this.segment, fixedSize + workers * (queueSize + errorQueueSize), true)
  }

  /** HandleParallelMessages: an error of a worker is one of the leader. */
  takeMessages(): void {
    for (const member of this.members) {
      const { error } = member
      if (!error) continue
      member.error = undefined
      const context = error.context === undefined ? 'parallel worker' : `${error.context}\nparallel worker`
      const { detail, detailLog, hint, position } = error
      throw new PostgresError('ERROR', error.sqlstate, error.message, { detail, detailLog, hint, position, context })
    }
  }

  /** WaitForParallelWorkersToFinish */
  *finish(): Coroutine {
    const { me } = this.leader
    for (const { queue } of this.members) queue.detach()
    for (;;) {
      yield* me.pause()
      this.takeMessages()
      if (this.members.every(member => member.state === 'done')) return
      if (this.members.some(({ worker, isAttached }) => worker.status === 'stopped' && !isAttached)) {
        fail('55000', 'parallel worker failed to initialize', {
          hint: 'More details may be available in the server log.',
        })
      }
      yield* me.waitLatch({ waitEvent: 'ParallelFinish' })
      me.latch.reset()
    }
  }

  /** DestroyParallelContext: who still works is told to end, and the leader waits until all are gone. */
  *destroy(): Coroutine {
    const { leader, handle, members } = this
    const { me, proc, server } = leader
    leader.parallelContexts.delete(this)
    if (leader.parallelContexts.size === 0) proc.takeParallelMessages = undefined
    for (const { worker, state } of members) if (state === 'works') server.backgroundWorkers.terminate(worker, me.cause)
    server.parallelContexts.remove(handle)
    for (const { queue } of members) queue.detach()
    // No interrupt is looked at here: the transaction cannot end before them.
    while (members.some(({ worker }) => worker.status !== 'stopped')) {
      yield* me.waitLatch({ waitEvent: 'BgWorkerShutdown' })
      me.latch.reset()
    }
    me.host.memory.detach(me, this.segment)
    me.host.segments.delete(this.segment)
  }
}
