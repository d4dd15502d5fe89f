// Brings the rows together that parallel workers read, and those that the leader reads itself while it has nothing
// better to do. Mirrors nodeGather.c.

import { ParallelScan } from '../../access/parallel-scan.ts'
import type { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { receiveRowCost } from '../costs.ts'
import { Execution, type Row } from '../expressions/execution.ts'
import { ParallelContext } from '../parallel/parallel-context.ts'
import type { KeptColumn } from '../work/tuple-size.ts'
import { type Cursor, emptyRow, type PlanNode } from './node.ts'

/** What is run by everybody. */
export interface GatheredPart {
  readonly plan: PlanNode
  readonly table: Table
  readonly columns: readonly KeptColumn[]
}

export class GatherCursor implements Cursor {
  private readonly execution: Execution
  private readonly part: GatheredPart
  private readonly workers: number
  private context: ParallelContext | undefined
  /** The leader's own; undefined when it is through, or takes no part. */
  private local: Cursor | undefined
  private isDone = false

  constructor(execution: Execution, part: GatheredPart, workers: number) {
    this.execution = execution
    this.part = part
    this.workers = workers
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    const { me } = this.execution.session
    this.context ??= this.launch()
    const { context } = this
    while (!this.isDone) {
      yield* me.pause()
      const rows = context.members.flatMap(({ queue }) => queue.take())
      if (rows.length > 0) {
        me.charge(rows.length * receiveRowCost)
        return rows
      }
      if (this.local) {
        const own = yield* this.local.nextBatch()
        if (own) return own
        this.local = undefined
      } else if (context.members.every(member => member.queue.isFinished || member.worker.status === 'stopped')) {
        this.isDone = true
        yield* context.finish()
        yield* context.destroy()
      } else {
        yield* me.waitLatch({ waitEvent: 'ExecuteGather' })
        me.latch.reset()
      }
    }
    return undefined
  }

  private launch(): ParallelContext {
    const { session, parameters, snapshot } = this.execution
    const { plan, table, columns } = this.part
    const scan = new ParallelScan(session.server.heap.blockCount(table))
    const context = new ParallelContext(session, { plan, table, columns, parameters, snapshot, scan })
    context.launch(this.workers)
    if (context.members.length === 0 || session.settings.get('parallel_leader_participation')) {
      this.local = plan.open(new Execution(session, parameters, snapshot, { share: scan.join() }), emptyRow)
    }
    return context
  }
}
