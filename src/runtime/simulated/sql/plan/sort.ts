// Sort, Limit, Distinct, Project and Append: what stands above the rows of FROM.

import type { Type, Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'
import { hashRowCost, rowCost, sortRowCost } from '../costs.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { GroupSpace } from '../work/group-space.ts'
import { SortSpace } from '../work/sort-space.ts'
import { type KeptColumn, tupleSize } from '../work/tuple-size.ts'
import { hashOf } from './join.ts'
import { type Cursor, collect, emptyRow, type PlanNode } from './node.ts'

export interface SortKey {
  readonly value: Compiled
  readonly type: Type
  readonly descending: boolean
  readonly nullsFirst: boolean
}

function compareKeys(a: readonly Value[], b: readonly Value[], keys: readonly SortKey[]): number {
  for (let index = 0; index < keys.length; index++) {
    const x = a[index]
    const y = b[index]
    const { type, descending, nullsFirst } = keys[index]
    if (x === null || y === null) {
      if (x !== y) return (x === null) === nullsFirst ? -1 : 1
      continue
    }
    const order = type.compare!(x, y)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

/** Rows that are equal in all keys keep the order in which they came. */
export class Sort implements PlanNode {
  private readonly input: PlanNode
  private readonly keys: readonly SortKey[]
  private readonly columns: readonly KeptColumn[]

  /** `columns`: what PostgreSQL would keep of each row while it sorts. */
  constructor(input: PlanNode, keys: readonly SortKey[], columns: readonly KeptColumn[]) {
    this.input = input
    this.keys = keys
    this.columns = columns
  }

  open(execution: Execution, outer: Row): Cursor {
    const { input, keys, columns } = this
    const { server } = execution.session
    const { work } = execution
    let bound: number | undefined
    let done = false
    return {
      limitTo(rows) {
        bound = rows
      },
      *nextBatch() {
        if (done) return undefined
        done = true
        const space = new SortSpace(work, {
          isDatum: columns.length === 1 && columns[0].type.length >= 0 && columns[0].type.length <= 8,
          overhead: versionFacts(server.environment.version).tupleOverhead.inSort,
          bound,
        })
        const sorted: { readonly row: Row; readonly values: Value[] }[] = []
        const cursor = input.open(execution, outer)
        for (let batch = yield* cursor.nextBatch(); batch; batch = yield* cursor.nextBatch()) {
          for (const row of batch) {
            const values: Value[] = []
            for (const { value } of keys)
              values.push(value.waits ? yield* value.evaluate(row, execution) : value.evaluate(row, execution))
            space.add(tupleSize(columns, row, values))
            sorted.push({ row, values })
          }
        }
        space.finish()
        sorted.sort((a, b) => compareKeys(a.values, b.values, keys))
        execution.session.me.charge(sorted.length * sortRowCost)
        yield* execution.session.me.pause()
        return sorted.map(each => each.row)
      },
    }
  }
}

export class Limit implements PlanNode {
  private readonly input: PlanNode
  private readonly count: Compiled | undefined
  private readonly offset: Compiled | undefined

  constructor(input: PlanNode, count: Compiled | undefined, offset: Compiled | undefined) {
    this.input = input
    this.count = count
    this.offset = offset
  }

  open(execution: Execution, outer: Row): Cursor {
    const { input, count, offset } = this
    const cursor = input.open(execution, outer)
    let toSkip = -1
    let toGive = 0
    const read = function* (compiled: Compiled | undefined, missing: number, word: string, sqlstate: string) {
      const value = compiled ? yield* evaluate(compiled, emptyRow, execution) : null
      if (value === null) return missing
      if ((value as number) < 0) fail(sqlstate, `${word} must not be negative`)
      return Number(value)
    }
    return {
      *nextBatch() {
        if (toSkip < 0) {
          toSkip = yield* read(offset, 0, 'OFFSET', '2201X')
          toGive = yield* read(count, Number.POSITIVE_INFINITY, 'LIMIT', '2201W')
          if (toGive < Number.POSITIVE_INFINITY) cursor.limitTo?.(toSkip + toGive)
        }
        if (toGive <= 0) return undefined
        const rows = yield* cursor.nextBatch()
        if (!rows) return undefined
        const skipped = Math.min(toSkip, rows.length)
        toSkip -= skipped
        const given = rows.slice(skipped, Math.min(rows.length, skipped + toGive))
        toGive -= given.length
        return given
      },
    }
  }
}

/** Keeps the first of each set of equal rows; nulls are equal here. Looks at the first `types.length` slots. */
export class Distinct implements PlanNode {
  private readonly input: PlanNode
  private readonly types: readonly Type[]

  constructor(input: PlanNode, types: readonly Type[]) {
    this.input = input
    this.types = types
  }

  open(execution: Execution, outer: Row): Cursor {
    const cursor = this.input.open(execution, outer)
    const { types } = this
    const { me } = execution.session
    const { work } = execution
    const seen = new Set<string>()
    const space = new GroupSpace(work, 0)
    const columns = types.map((type, slot) => ({ type, slot }))
    return {
      *nextBatch() {
        const rows = yield* cursor.nextBatch()
        if (!rows) {
          space.finish()
          return undefined
        }
        me.charge(rows.length * hashRowCost)
        return rows.filter(row => {
          const key = rowKey(row, types)
          if (seen.has(key)) return false
          seen.add(key)
          space.add(tupleSize(columns, row))
          return true
        })
      },
    }
  }
}

/** A text that is equal exactly for rows that are not distinct. */
export function rowKey(row: readonly Value[], types: readonly Type[]): string {
  let key = ''
  for (let index = 0; index < types.length; index++) {
    const hash = row[index] === null ? undefined : `${hashOf([row[index]], [types[index]])}`
    key += hash === undefined ? '-' : `${hash.length}:${hash}`
  }
  return key
}

/** Computes the select list. */
export class Project implements PlanNode {
  private readonly input: PlanNode
  private readonly targets: readonly Compiled[]

  constructor(input: PlanNode, targets: readonly Compiled[]) {
    this.input = input
    this.targets = targets
  }

  open(execution: Execution, outer: Row): Cursor {
    return new ProjectCursor(this.input.open(execution, outer), this.targets, execution)
  }
}

class ProjectCursor implements Cursor {
  private readonly input: Cursor
  private readonly targets: readonly Compiled[]
  private readonly execution: Execution

  constructor(input: Cursor, targets: readonly Compiled[], execution: Execution) {
    this.input = input
    this.targets = targets
    this.execution = execution
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    const rows = yield* this.input.nextBatch()
    if (!rows) return undefined
    const { targets, execution } = this
    const projected: Row[] = []
    for (const row of rows) {
      const values: Value[] = []
      for (const target of targets)
        values.push(target.waits ? yield* target.evaluate(row, execution) : target.evaluate(row, execution))
      projected.push(values)
    }
    execution.session.me.charge(rows.length * rowCost)
    return projected
  }
}

/** One after the other: UNION ALL. */
export class Append implements PlanNode {
  private readonly inputs: readonly PlanNode[]

  constructor(inputs: readonly PlanNode[]) {
    this.inputs = inputs
  }

  open(execution: Execution, outer: Row): Cursor {
    const waiting = [...this.inputs]
    let cursor: Cursor | undefined
    return {
      *nextBatch() {
        for (;;) {
          cursor ??= waiting.shift()?.open(execution, outer)
          if (!cursor) return undefined
          const rows = yield* cursor.nextBatch()
          if (rows) return rows
          cursor = undefined
        }
      },
    }
  }
}

/** INTERSECT and EXCEPT, with and without ALL. */
export class SetOperation implements PlanNode {
  private readonly left: PlanNode
  private readonly right: PlanNode
  private readonly types: readonly Type[]
  private readonly keepsCommon: boolean
  private readonly all: boolean

  constructor(
    sides: readonly [PlanNode, PlanNode],
    types: readonly Type[],
    operation: 'intersect' | 'except',
    all: boolean,
  ) {
    this.left = sides[0]
    this.right = sides[1]
    this.types = types
    this.keepsCommon = operation === 'intersect'
    this.all = all
  }

  open(execution: Execution, outer: Row): Cursor {
    const { left, right, types, keepsCommon, all } = this
    let done = false
    return {
      *nextBatch() {
        if (done) return undefined
        done = true
        const counts = new Map<string, number>()
        for (const row of yield* collect(right, execution, outer)) {
          const key = rowKey(row, types)
          counts.set(key, (counts.get(key) ?? 0) + 1)
        }
        const given = new Set<string>()
        return (yield* collect(left, execution, outer)).filter(row => {
          const key = rowKey(row, types)
          const count = counts.get(key) ?? 0
          if (all) {
            if (count > 0) counts.set(key, count - 1)
            return count > 0 === keepsCommon
          }
          if (count > 0 !== keepsCommon || given.has(key)) return false
          given.add(key)
          return true
        })
      },
    }
  }
}

/** Rows of a function in the select list: one output row for each of its values. */
export class ProjectRows implements PlanNode {
  private readonly input: PlanNode
  private readonly targets: readonly (Compiled | RowSource)[]

  constructor(input: PlanNode, targets: readonly (Compiled | RowSource)[]) {
    this.input = input
    this.targets = targets
  }

  open(execution: Execution, outer: Row): Cursor {
    const { targets } = this
    const cursor = this.input.open(execution, outer)
    return {
      *nextBatch() {
        const rows = yield* cursor.nextBatch()
        if (!rows) return undefined
        const result: Row[] = []
        for (const row of rows) {
          const columns: { readonly values: readonly Value[]; readonly isSet: boolean }[] = []
          for (const target of targets) {
            if (!('rows' in target)) {
              columns.push({ values: [yield* evaluate(target, row, execution)], isSet: false })
              continue
            }
            const values: Value[] = []
            for (const each of target.arguments) values.push(yield* evaluate(each, row, execution))
            columns.push({ values: values.includes(null) ? [] : [...target.rows(execution, ...values)], isSet: true })
          }
          const count = columns.reduce(
            (most, column) => (column.isSet ? Math.max(most, column.values.length) : most),
            0,
          )
          for (let index = 0; index < count; index++) {
            result.push(columns.map(({ values, isSet }) => (isSet ? (values[index] ?? null) : values[0])))
          }
        }
        execution.session.me.charge(result.length * rowCost)
        return result
      },
    }
  }
}

export interface RowSource {
  // biome-ignore lint/suspicious/noExplicitAny: each function knows the types of its own arguments.
  readonly rows: (execution: Execution, ...values: any[]) => Generator<Value>
  readonly arguments: readonly Compiled[]
}
