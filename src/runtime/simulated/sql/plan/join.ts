// Joins: for each row of the left side the rows of the right side that fit. A loop opens the right side anew for each
// left row (through an index, or over rows that it keeps); a hash join reads the right side once.

import type { Type, Value } from '../../catalog/types/type.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { hashRowCost, rowCost } from '../costs.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import { HashJoinSpace } from '../work/hash-join-space.ts'
import { type KeptColumn, tupleSize } from '../work/tuple-size.ts'
import { keep } from './filter.ts'
import { type Cursor, collect, emptyRow, type PlanNode } from './node.ts'

/** From and to (excluded) which slot a side has its columns. */
export type SlotRange = readonly [number, number]

export interface JoinSides {
  readonly left: PlanNode
  readonly right: PlanNode
  /** Of the right side. */
  readonly slots: readonly SlotRange[]
  readonly type: 'inner' | 'left'
  /** On the joined row. */
  readonly condition: Compiled | undefined
  /** What the sides read: of their columns a hash join keeps those up to the last that the statement looks at. */
  readonly leftEntries: readonly RangeEntry[]
  readonly rightEntries: readonly RangeEntry[]
}

function columnsOf(entries: readonly RangeEntry[]): KeptColumn[] {
  return entries.flatMap(({ columns, readColumns, offset }) =>
    columns.slice(0, readColumns).map(({ type }, index) => ({ type, slot: offset + index })),
  )
}

function combine(left: Row, right: Row | undefined, slots: readonly SlotRange[]): Row {
  const row = left.slice()
  for (const [from, to] of slots) {
    while (row.length < from) row.push(null)
    for (let slot = from; slot < to; slot++) row[slot] = right ? (right[slot] ?? null) : null
  }
  return row
}

export class NestedLoop implements PlanNode {
  private readonly sides: JoinSides
  /** Whether the right side depends on the left row; else its rows are kept. */
  private readonly isParameterized: boolean

  constructor(sides: JoinSides, isParameterized: boolean) {
    this.sides = sides
    this.isParameterized = isParameterized
  }

  open(execution: Execution, outer: Row): Cursor {
    const { left, right, slots, type, condition } = this.sides
    const { isParameterized } = this
    const { me } = execution.session
    const cursor = left.open(execution, outer)
    let kept: Row[] | undefined
    return {
      *nextBatch() {
        const leftRows = yield* cursor.nextBatch()
        if (!leftRows) return undefined
        const result: Row[] = []
        for (const leftRow of leftRows) {
          if (!isParameterized) kept ??= yield* collect(right, execution, emptyRow)
          const rightRows = isParameterized ? yield* collect(right, execution, leftRow) : kept!
          me.charge(rightRows.length * rowCost)
          const joined = yield* keep(
            condition,
            rightRows.map(row => combine(leftRow, row, slots)),
            execution,
          )
          for (const row of joined) result.push(row)
          if (joined.length === 0 && type === 'left') result.push(combine(leftRow, undefined, slots))
        }
        yield* me.pause()
        return result
      },
    }
  }
}

export interface HashKey {
  readonly left: Compiled
  readonly right: Compiled
  readonly type: Type
}

/** A text or number that is equal for equal keys; undefined if one is null, which joins nothing. */
export function hashOf(values: readonly Value[], types: readonly Type[]): string | number | undefined {
  if (values.length === 1) {
    const [value] = values
    if (value === null) return undefined
    if (types[0].key) return types[0].key(value)
    return typeof value === 'number' ? value : `${value as string}`
  }
  let hash = ''
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (value === null) return undefined
    const text = `${types[index].key ? types[index].key!(value) : (value as string)}`
    hash += `${text.length}:${text}`
  }
  return hash
}

export class HashJoin implements PlanNode {
  private readonly sides: JoinSides
  private readonly keys: readonly HashKey[]
  private readonly types: readonly Type[]

  constructor(sides: JoinSides, keys: readonly HashKey[]) {
    this.sides = sides
    this.keys = keys
    this.types = keys.map(key => key.type)
  }

  open(execution: Execution, outer: Row): Cursor {
    const { left, right, slots, type, condition } = this.sides
    const { keys, types } = this
    const { me } = execution.session
    const { work } = execution
    const cursor = left.open(execution, outer)
    const space = new HashJoinSpace(work)
    const leftColumns = columnsOf(this.sides.leftEntries)
    const rightColumns = columnsOf(this.sides.rightEntries)
    let table: Map<string | number, Row[]> | undefined
    const hash = function* (row: Row, side: 'left' | 'right') {
      const values: Value[] = []
      for (const key of keys) values.push(yield* evaluate(key[side], row, execution))
      return hashOf(values, types)
    }
    const build = function* () {
      const built = new Map<string | number, Row[]>()
      for (const row of yield* collect(right, execution, emptyRow)) {
        const key = yield* hash(row, 'right')
        if (key === undefined) continue
        space.addInner(tupleSize(rightColumns, row))
        const bucket = built.get(key)
        if (bucket) bucket.push(row)
        else built.set(key, [row])
        me.charge(hashRowCost)
      }
      space.finishInner()
      return built
    }
    return {
      *nextBatch() {
        table ??= yield* build()
        const leftRows = yield* cursor.nextBatch()
        if (!leftRows) {
          space.finish()
          return undefined
        }
        const result: Row[] = []
        for (const leftRow of leftRows) {
          if (space.isSplit) space.addOuter(tupleSize(leftColumns, leftRow))
          const key = yield* hash(leftRow, 'left')
          const bucket = key === undefined ? undefined : table.get(key)
          const joined = bucket
            ? yield* keep(
                condition,
                bucket.map(row => combine(leftRow, row, slots)),
                execution,
              )
            : []
          for (const row of joined) result.push(row)
          if (joined.length === 0 && type === 'left') result.push(combine(leftRow, undefined, slots))
        }
        space.flushOuter()
        me.charge(leftRows.length * hashRowCost)
        yield* me.pause()
        return result
      },
    }
  }
}
