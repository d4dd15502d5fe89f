// Aggregates over a scan that workers may take part in: over the scan alone, over gathered rows, or each participant's
// own aggregates of what it reads, combined in the leader (Finalize Aggregate over Gather over Partial Aggregate).

import { int8Type } from '../../catalog/types/integer.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { chooseParallel } from '../parallel/parallel-choice.ts'
import { AggregateNode, type GroupKey } from './aggregate.ts'
import { GatherCursor } from './gather.ts'
import { columnsOf, type ParallelisableScan } from './gather-or-scan.ts'
import type { Cursor, PlanNode } from './node.ts'

/** What a state takes up in a queue, about. */
const stateColumn = { type: int8Type }

export class ParallelAggregate implements PlanNode {
  private readonly source: ParallelisableScan
  private readonly whole: AggregateNode
  private readonly isPartial: boolean
  private readonly partial: AggregateNode
  private readonly final: AggregateNode

  /** `isPartial`: whether workers may compute keys, arguments and filters, and all states can be combined. */
  constructor(source: ParallelisableScan, whole: AggregateNode, isPartial: boolean) {
    const { keys, targets } = whole
    this.source = source
    this.whole = whole
    this.isPartial = isPartial
    this.partial = new AggregateNode(source.scan, keys, targets, 'partial')
    const stands = keys.map(
      ({ type }, slot): GroupKey => ({ type, value: { waits: false, evaluate: row => row[slot] } }),
    )
    this.final = new AggregateNode(source.scan, stands, targets, 'final')
  }

  open(execution: Execution, outer: Row): Cursor {
    const { source, whole, partial, final } = this
    const { table, scan } = source
    const choice = this.choose(execution)
    if (choice.workers === 0) return whole.over(scan.open(execution, outer), execution)
    if (!choice.isPartial) {
      return whole.over(
        new GatherCursor(execution, { plan: scan, table, columns: columnsOf(source) }, choice.workers),
        execution,
      )
    }
    const sent = [...whole.keys.map(({ type }, slot) => ({ type, slot })), ...whole.targets.map(() => stateColumn)]
    return final.over(new GatherCursor(execution, { plan: partial, table, columns: sent }, choice.workers), execution)
  }

  private choose(execution: Execution) {
    const { source, whole, isPartial } = this
    if (source.hazard.isUnsafe) return { workers: 0, isPartial: false }
    const { keys, targets } = whole
    return chooseParallel(execution.session, source.estimate, {
      kind: 'aggregate',
      keys: keys.length,
      aggregates: targets.length,
      isPartial,
    })
  }
}
