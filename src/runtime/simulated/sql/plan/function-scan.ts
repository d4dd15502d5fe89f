// Rows that are computed: of functions such as generate_series, of system views, of VALUES.

import type { Type, Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { versionFacts } from '../../shared/versions.ts'
import { rowCost } from '../costs.ts'
import { compile } from '../expressions/compile.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import type { Expression } from '../expressions/expression.ts'
import type { RowFunction, TableFunction } from '../functions/registry.ts'
import type { SystemView } from '../system-view.ts'
import { RowStore } from '../work/row-store.ts'
import { tupleSize } from '../work/tuple-size.ts'
import { type Cursor, emptyRow, type PlanNode } from './node.ts'

const batchSize = 1000
const mostKept = 1_000_000
/** A row is kept first, and fetched then. */
const keepCost = rowCost / 2
const fetchCost = rowCost - keepCost

function place(offset: number, values: readonly Value[]): Row {
  if (offset === 0) return [...values]
  return [...new Array<Value>(offset).fill(null), ...values]
}

export class FunctionScan implements PlanNode {
  private readonly rowFunction: RowFunction
  private readonly values: readonly Compiled[]
  private readonly offset: number

  constructor(rowFunction: RowFunction, values: readonly Expression[], offset: number, depth: number) {
    this.rowFunction = rowFunction
    this.values = values.map(each => compile(each, depth))
    this.offset = offset
  }

  /** A function that gives one value stands in FROM as one row. */
  static ofOneRow(value: Expression, offset: number, depth: number): PlanNode {
    return new ValuesScan([[value]], offset, depth)
  }

  open(execution: Execution): Cursor {
    const { rowFunction, values, offset } = this
    const { me } = execution.session
    let rows: Iterator<Value> | undefined
    return {
      *nextBatch() {
        if (!rows) {
          const evaluated: Value[] = []
          for (const each of values) evaluated.push(yield* evaluate(each, emptyRow, execution))
          if (evaluated.includes(null)) return undefined
          rows = yield* keepAll(() => rowFunction.rows(execution, ...evaluated), rowFunction.returns, execution)
        }
        const batch: Row[] = []
        while (batch.length < batchSize) {
          const { done, value } = rows.next()
          if (done) break
          batch.push(place(offset, [value]))
        }
        me.charge(batch.length * fetchCost)
        yield* me.pause()
        return batch.length > 0 ? batch : undefined
      },
    }
  }
}

export class TableFunctionScan implements PlanNode {
  private readonly tableFunction: TableFunction
  private readonly values: readonly Compiled[]
  private readonly offset: number

  constructor(tableFunction: TableFunction, values: readonly Expression[], offset: number, depth: number) {
    this.tableFunction = tableFunction
    this.values = values.map(each => compile(each, depth))
    this.offset = offset
  }

  open(execution: Execution): Cursor {
    const { tableFunction, values, offset } = this
    let done = false
    return {
      *nextBatch() {
        if (done) return undefined
        done = true
        const evaluated: Value[] = []
        for (const each of values) evaluated.push(yield* evaluate(each, emptyRow, execution))
        const rows = yield* tableFunction.table(execution, ...evaluated)
        execution.session.me.charge(rows.length * rowCost)
        return rows.map(row => place(offset, row))
      },
    }
  }
}

/**
 * A function gives all its rows before the first of them goes on. PostgreSQL keeps them in memory and in a file; here
 * nobody needs those of a very long series: they are made once more.
 */
function* keepAll(make: () => Iterable<Value>, type: Type, { session, work }: Execution): Coroutine<Iterator<Value>> {
  const { me, server } = session
  const store = new RowStore(work, versionFacts(server.environment.version).tupleOverhead.usual)
  const columns = [{ type, slot: 0 }]
  const kept: Value[] = []
  let count = 0
  for (const value of make()) {
    if (count < mostKept) kept.push(value)
    store.add(tupleSize(columns, [value]))
    if (++count % batchSize > 0) continue
    me.charge(batchSize * keepCost)
    yield* me.pause()
  }
  me.charge((count % batchSize) * keepCost)
  store.finish()
  return (count <= mostKept ? kept : make())[Symbol.iterator]()
}

/** VALUES, and the one row of a SELECT without FROM. */
export class ValuesScan implements PlanNode {
  readonly lists: readonly (readonly Compiled[])[]
  readonly offset: number

  constructor(lists: readonly (readonly Expression[])[], offset: number, depth: number) {
    this.lists = lists.map(list => list.map(each => compile(each, depth)))
    this.offset = offset
  }

  open(execution: Execution, outer: Row): Cursor {
    return new ValuesCursor(this, execution, outer)
  }
}

class ValuesCursor implements Cursor {
  private readonly node: ValuesScan
  private readonly execution: Execution
  private readonly outer: Row
  private done = false

  constructor(node: ValuesScan, execution: Execution, outer: Row) {
    this.node = node
    this.execution = execution
    this.outer = outer
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    if (this.done) return undefined
    this.done = true
    const { node, execution, outer } = this
    const rows: Row[] = []
    for (const list of node.lists) {
      const values: Value[] = []
      for (const each of list)
        values.push(each.waits ? yield* each.evaluate(outer, execution) : each.evaluate(outer, execution))
      rows.push(node.offset === 0 ? values : place(node.offset, values))
    }
    return rows
  }
}

/** What the server computes when it is asked. */
export class ViewScan implements PlanNode {
  private readonly view: SystemView
  private readonly offset: number

  constructor(view: SystemView, offset: number) {
    this.view = view
    this.offset = offset
  }

  open(execution: Execution): Cursor {
    const { view, offset } = this
    let done = false
    return {
      *nextBatch() {
        if (done) return undefined
        done = true
        const rows = view.rows(execution)
        execution.session.me.charge(rows.length * rowCost)
        return rows.map(row => place(offset, row))
      },
    }
  }
}
