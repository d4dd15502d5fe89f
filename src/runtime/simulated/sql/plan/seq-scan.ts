// Reads a table from its first page to its last.

import type { HeapScan } from '../../access/heap-scan.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { rowCost } from '../costs.ts'
import type { Compiled } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { keep, keepSync } from './filter.ts'
import type { Cursor, PlanNode } from './node.ts'
import { readTuple } from './tuple-reader.ts'

export class SeqScan implements PlanNode {
  private readonly entry: RangeEntry
  private readonly condition: Compiled | undefined

  constructor(entry: RangeEntry, condition: Compiled | undefined) {
    this.entry = entry
    this.condition = condition
  }

  open(execution: Execution): Cursor {
    return new SeqScanCursor(this.entry, this.condition, execution)
  }
}

class SeqScanCursor implements Cursor {
  private readonly entry: RangeEntry
  private readonly condition: Compiled | undefined
  private readonly execution: Execution
  private readonly scan: HeapScan

  constructor(entry: RangeEntry, condition: Compiled | undefined, execution: Execution) {
    const { server, transaction } = execution.session
    this.entry = entry
    this.condition = condition
    this.execution = execution
    this.scan = server.heap.beginScan(transaction, entry.table!, execution.snapshot, execution)
    transaction.statistics.of(entry.table!.id).sequentialScans++
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    const { entry, condition, execution } = this
    const { me, transaction } = execution.session
    const tuples = yield* this.scan.nextPage(me)
    if (!tuples) return undefined
    transaction.statistics.of(entry.table!.id).sequentialTuplesRead += tuples.length
    const rows: Row[] = []
    for (const tuple of tuples) rows.push(readTuple(tuple, entry))
    me.charge(rows.length * rowCost)
    yield* me.pause()
    if (!condition) return rows
    return condition.waits ? yield* keep(condition, rows, execution) : keepSync(condition, rows, execution)
  }
}
