// Which index of a table answers which conditions of a query.

import type { TableIndex } from '../../catalog/relations.ts'
import { textType, varcharType } from '../../catalog/types/text.ts'
import type { Type } from '../../catalog/types/type.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { compile } from '../expressions/compile.ts'
import { type Call, type ColumnReference, type Expression, some, walk } from '../expressions/expression.ts'
import type { IndexCondition } from './index-scan.ts'

/** Entries of a query as a set of bits; it has far fewer than 31. */
export type EntrySet = number

export function covers(all: EntrySet, some: EntrySet): boolean {
  return (some & ~all) === 0
}

/** Which entries of the query at this depth an expression reads. */
export function entriesOf(expression: Expression, depth: number): EntrySet {
  let set = 0
  walk(expression, each => {
    if (each.kind === 'column' && each.depth === depth && each.entry >= 0) set |= 1 << each.entry
  })
  return set
}

/** The best index for these conditions. `outer`: entries whose row is there when the scan begins. */
export function chooseIndex(
  entry: RangeEntry,
  conditions: readonly Expression[],
  outer: EntrySet,
  depth: number,
): IndexChoice | undefined {
  const usable = conditions.flatMap(condition => comparisonWith(entry, condition, outer, depth))
  let best: IndexChoice | undefined
  for (const index of entry.table!.indexes) {
    const choice = matchIndex(index, usable, depth)
    if (choice && (!best || choice.score > best.score)) best = choice
  }
  return best
}

/** A condition that an index could answer: column, how compared, with what. */
interface Comparison {
  readonly condition: Expression
  readonly attribute: number
  readonly strategy: NonNullable<Call['strategy']>
  readonly value: Expression
  readonly usesOuter: boolean
}

export interface IndexChoice {
  readonly by: IndexCondition
  readonly isUnique: boolean
  /** Conditions that the index alone makes true. */
  readonly exact: readonly Expression[]
  readonly usesOuter: boolean
  readonly score: number
}

const mirrored = { '<': '>', '<=': '>=', '=': '=', '>=': '<=', '>': '<' } as const

function comparisonWith(entry: RangeEntry, condition: Expression, outer: EntrySet, depth: number): Comparison[] {
  if (condition.kind !== 'call' || !condition.strategy) return []
  const found: Comparison[] = []
  for (const side of [0, 1]) {
    const column = bareColumn(condition.arguments[side])
    const value = condition.arguments[1 - side]
    if (column?.depth !== depth || column.entry !== entry.index) continue
    const attribute = column.slot - entry.offset
    if (attribute >= entry.columns.length || !sameKeys(column.type, value.type)) continue
    const reads = entriesOf(value, depth)
    if (!covers(outer, reads) || some(value, isVolatile)) continue
    const strategy = side === 0 ? condition.strategy : mirrored[condition.strategy]
    found.push({ condition, attribute, strategy, value, usesOuter: reads !== 0 })
  }
  return found
}

/** A column, also behind the cast from varchar to text, which changes nothing. */
function bareColumn(expression: Expression): ColumnReference | undefined {
  if (expression.kind === 'column') return expression
  if (expression.kind !== 'call' || !expression.isImplicitCast || expression.type !== textType) return undefined
  const [inner] = expression.arguments
  return inner.kind === 'column' && inner.type === varcharType ? inner : undefined
}

function isVolatile(expression: Expression): boolean {
  return expression.kind === 'call' && expression.isVolatile
}

/** Whether values of the two types are compared, and hashed, as they are. */
export function sameKeys(a: Type, b: Type): boolean {
  if (a === b) return true
  const groups = [
    ['int2', 'int4', 'int8'],
    ['float4', 'float8'],
    ['text', 'varchar', 'name'],
  ]
  return groups.some(group => group.includes(a.name) && group.includes(b.name))
}

function matchIndex(index: TableIndex, comparisons: readonly Comparison[], depth: number): IndexChoice | undefined {
  const used: Comparison[] = []
  const equal: Comparison[] = []
  for (const column of index.columns) {
    const found = comparisons.find(each => each.attribute === column.attribute && each.strategy === '=')
    if (!found) break
    equal.push(found)
  }
  used.push(...equal)
  const next = index.columns[equal.length]
  const ranges = next ? comparisons.filter(each => each.attribute === next.attribute) : []
  const low = ranges.find(each => each.strategy === '>' || each.strategy === '>=')
  const high = ranges.find(each => each.strategy === '<' || each.strategy === '<=')
  for (const end of [low, high]) if (end) used.push(end)
  if (used.length === 0) return undefined
  const isUnique = index.isUnique && equal.length === index.columns.length
  const end = (comparison: Comparison | undefined) =>
    comparison && { value: compile(comparison.value, depth), inclusive: comparison.strategy.length === 2 }
  return {
    by: { index, equal: equal.map(each => compile(each.value, depth)), low: end(low), high: end(high) },
    isUnique,
    exact: equal.map(each => each.condition),
    usesOuter: used.some(each => each.usesOuter),
    score: isUnique ? 1000 : equal.length * 10 + (low && high ? 3 : low || high ? 1 : 0),
  }
}
