// Brings the rows together that parallel workers read, and those that the leader reads itself while it has nothing
// better to do. Mirrors nodeGather.c. Whether there is a Gather is decided anew each time, when the first rows are wanted.

import { ParallelScan } from '../../access/parallel-scan.ts'
import type { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { ParallelHazard, RangeEntry } from '../analysis/scope.ts'
import { receiveRowCost } from '../costs.ts'
import { Execution, type Row } from '../expressions/execution.ts'
import { chooseParallel, type RowsAbove, type ScanEstimate } from '../parallel/parallel-choice.ts'
import { ParallelContext } from '../parallel/parallel-context.ts'
import type { KeptColumn } from '../work/tuple-size.ts'
import { type Cursor, emptyRow, type PlanNode } from './node.ts'

/** A scan of a table that workers may take part in. */
export interface ParallelisableScan {
  readonly scan: PlanNode
  readonly table: Table
  readonly estimate: ScanEstimate
  readonly hazard: ParallelHazard
  readonly entry: RangeEntry
}

/** What of a scan's rows goes through a queue: the columns that somebody reads, which is known when all is analyzed. */
export function columnsOf({ entry }: ParallelisableScan): KeptColumn[] {
  return entry.columns.slice(0, entry.readColumns).map(({ type }, index) => ({ type, slot: entry.offset + index }))
}

export class GatherOrScan implements PlanNode {
  readonly source: ParallelisableScan

  constructor(source: ParallelisableScan) {
    this.source = source
  }

  open(execution: Execution, outer: Row): Cursor {
    const { source } = this
    const { scan, table } = source
    let limit: number | undefined
    let cursor: Cursor | undefined
    const choose = (): Cursor => {
      const workers = workersFor(source, execution, { kind: 'rows', limit })
      if (workers === 0) return scan.open(execution, outer)
      return new GatherCursor(execution, { plan: scan, table, columns: columnsOf(source) }, workers)
    }
    return {
      limitTo(rows) {
        limit = rows
      },
      nextBatch() {
        cursor ??= choose()
        return cursor.nextBatch()
      },
    }
  }
}

/** 0: they are read by the backend alone. */
function workersFor({ hazard, estimate }: ParallelisableScan, execution: Execution, above: RowsAbove): number {
  return hazard.isUnsafe ? 0 : chooseParallel(execution.session, estimate, above).workers
}

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
      this.local = plan.open(new Execution(session, parameters, snapshot, scan.join()), emptyRow)
    }
    return context
  }
}
