// Finds rows through a btree: by equal values of its first columns, and a range of the next one. What the bounds
// promise exactly is not tested again; a range is, because nulls stand at one end of it.

import type { Bound, Bounds, BTreeScan } from '../../access/btree-scan.ts'
import type { TableIndex } from '../../catalog/relations.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { ScanPin } from '../../storage/held-pins.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { fetchCost, indexScanCost } from '../costs.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { keep } from './filter.ts'
import type { Cursor, PlanNode } from './node.ts'
import { readTuple } from './tuple-reader.ts'

export interface RangeEnd {
  readonly value: Compiled
  readonly inclusive: boolean
}

export interface IndexCondition {
  readonly index: TableIndex
  readonly equal: readonly Compiled[]
  /** Of the column after those. */
  readonly low?: RangeEnd
  readonly high?: RangeEnd
}

export class IndexScan implements PlanNode {
  readonly entry: RangeEntry
  readonly by: IndexCondition
  readonly condition: Compiled | undefined
  readonly direction: 'forward' | 'backward'

  constructor(
    entry: RangeEntry,
    by: IndexCondition,
    condition: Compiled | undefined,
    direction: 'forward' | 'backward' = 'forward',
  ) {
    this.entry = entry
    this.by = by
    this.condition = condition
    this.direction = direction
  }

  open(execution: Execution, outer: Row): Cursor {
    return new IndexScanCursor(this, execution, outer)
  }
}

class IndexScanCursor implements Cursor {
  private readonly node: IndexScan
  private readonly execution: Execution
  private readonly outer: Row
  private scan: BTreeScan | undefined
  private ended = false
  /** Of the batch of index entries. */
  private place = 0
  private count = 0
  private readonly pin: ScanPin | undefined

  constructor(node: IndexScan, execution: Execution, outer: Row) {
    this.node = node
    this.execution = execution
    this.outer = outer
    this.pin = execution.pins?.place()
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    if (this.ended) return undefined
    const { node, execution } = this
    const { entry, condition } = node
    const { server, transaction, me } = execution.session
    const scan = this.scan ?? (yield* this.begin())
    if (scan && this.place === this.count) {
      this.count = yield* scan.next(me)
      this.place = 0
    }
    if (!scan || this.count === 0) {
      this.pin?.drop()
      this.ended = true
      return undefined
    }
    const rows: Row[] = []
    let fetched = 0
    // A scan that keeps pages pinned stands on the page of the row that it gave last.
    const end = this.pin ? this.place + 1 : this.count
    for (; this.place < end; this.place++) {
      const index = this.place
      const { tuple, allDead } = yield* server.heap.fetch(
        transaction,
        entry.table!,
        scan.tids[index],
        execution.snapshot,
        this.pin,
      )
      me.charge(fetchCost)
      if (tuple) {
        fetched++
        rows.push(readTuple(tuple, entry))
      } else if (allDead) scan.killItem(index)
    }
    transaction.statistics.of(entry.table!.id).indexTuplesFetched += fetched
    yield* me.pause()
    return condition ? yield* keep(condition, rows, execution) : rows
  }

  /** Undefined if nothing can be there. */
  private *begin(): Coroutine<BTreeScan | undefined> {
    const { node, execution, outer } = this
    const bounds = yield* makeBounds(node.by, outer, execution)
    if (!bounds) return undefined
    const { server, me, transaction } = execution.session
    me.charge(indexScanCost)
    transaction.statistics.of(node.by.index.id).indexScans++
    this.scan = server.btree.beginScan(node.by.index, bounds, node.direction, { reader: transaction })
    return this.scan
  }
}

/** Undefined if a value is null: then nothing can be equal, less or greater. */
function* makeBounds(
  { index, equal, low, high }: IndexCondition,
  outer: Row,
  execution: Execution,
): Coroutine<Bounds | undefined> {
  const prefix: Value[] = []
  for (const each of equal) {
    const value = each.waits ? yield* each.evaluate(outer, execution) : each.evaluate(outer, execution)
    if (value === null) return undefined
    prefix.push(value)
  }
  const whole: Bound | undefined = prefix.length > 0 ? { values: prefix, inclusive: true } : undefined
  if (!low && !high) return { lower: whole, upper: whole }
  const ends: (Bound | undefined)[] = []
  for (const end of [low, high]) {
    if (!end) {
      ends.push(whole)
      continue
    }
    const value = yield* evaluate(end.value, outer, execution)
    if (value === null) return undefined
    ends.push({ values: [...prefix, value], inclusive: end.inclusive })
  }
  const [lower, upper] = index.columns[prefix.length].descending ? ends.reverse() : ends
  return { lower, upper }
}
