// The scan of a table that workers may take part in: whether they do is decided anew each time, when the first rows are
// wanted, as PostgreSQL's planner decides it for every statement.

import type { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { ParallelHazard, RangeEntry } from '../analysis/scope.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { chooseParallel, type ScanEstimate } from '../parallel/parallel-choice.ts'
import type { KeptColumn } from '../work/tuple-size.ts'
import { GatherCursor } from './gather.ts'
import type { Cursor, PlanNode } from './node.ts'

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
    return new GatherOrScanCursor(this.source, execution, outer)
  }
}

class GatherOrScanCursor implements Cursor {
  private readonly source: ParallelisableScan
  private readonly execution: Execution
  private readonly outer: Row
  private limit: number | undefined
  private cursor: Cursor | undefined

  constructor(source: ParallelisableScan, execution: Execution, outer: Row) {
    this.source = source
    this.execution = execution
    this.outer = outer
  }

  limitTo(rows: number): void {
    this.limit = rows
  }

  nextBatch(): Coroutine<Row[] | undefined> {
    this.cursor ??= this.choose()
    return this.cursor.nextBatch()
  }

  private choose(): Cursor {
    const { source, execution, outer, limit } = this
    const { scan, table, estimate, hazard } = source
    const workers = hazard.isUnsafe ? 0 : chooseParallel(execution.session, estimate, { kind: 'rows', limit }).workers
    if (workers === 0) return scan.open(execution, outer)
    return new GatherCursor(execution, { plan: scan, table, columns: columnsOf(source) }, workers)
  }
}
