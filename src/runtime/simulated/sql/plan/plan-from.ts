// Chooses how FROM and WHERE are run: which tables first, through which index, joined how. Much simpler than
// PostgreSQL's planner: without costs, by rules. A unique key that is given beats everything; other equalities come
// next, then ranges; what is joined by equality is hashed unless a unique index leads to it.

import type { Table } from '../../catalog/relations.ts'
import type { FromItem } from '../analysis/from.ts'
import type { ParallelHazard, RangeEntry } from '../analysis/scope.ts'
import { compile } from '../expressions/compile.ts'
import type { Expression } from '../expressions/expression.ts'
import type { ScanEstimate } from '../parallel/parallel-choice.ts'
import { isParallelSafe } from '../parallel/parallel-safety.ts'
import { operatorsIn, selectivityOf } from '../parallel/selectivity.ts'
import { compileConditions, Filter } from './filter.ts'
import { ValuesScan } from './function-scan.ts'
import { GatherOrScan } from './gather-or-scan.ts'
import { chooseIndex, covers, type EntrySet, entriesOf, sameKeys } from './index-choice.ts'
import { IndexScan } from './index-scan.ts'
import { HashJoin, type HashKey, type JoinSides, NestedLoop, type SlotRange } from './join.ts'
import type { PlanNode } from './node.ts'
import { SeqScan } from './seq-scan.ts'

interface Planned {
  readonly node: PlanNode
  readonly entries: EntrySet
  readonly slots: readonly SlotRange[]
  readonly ranges: readonly RangeEntry[]
  /** At most one row. */
  readonly isUnique: boolean
}

/** A plan for the rows of FROM that meet the conditions. `depth` is the query's; without `hazard` nobody may help. */
export function planFrom(
  items: readonly FromItem[],
  conditions: readonly Expression[],
  depth: number,
  hazard?: ParallelHazard,
): PlanNode {
  const plan = new FromPlanner(depth).plan(items, conditions)
  const [item] = items
  if (!hazard || !(plan instanceof SeqScan) || item.kind !== 'scan') return plan
  if (!conditions.every(each => isParallelSafe(each, depth))) return plan
  return new GatherOrScan({
    scan: plan,
    table: item.table,
    estimate: estimateOf(item.table, conditions),
    hazard,
    entry: item.entry,
  })
}

function estimateOf(table: Table, conditions: readonly Expression[]): ScanEstimate {
  const operators = conditions.reduce((sum, each) => sum + operatorsIn(each), 0)
  return { table, operators, selectivity: selectivityOf(conditions) }
}

class FromPlanner {
  private readonly depth: number

  constructor(depth: number) {
    this.depth = depth
  }

  plan(items: readonly FromItem[], conditions: readonly Expression[]): PlanNode {
    if (items.length === 0) {
      const one = new ValuesScan([[]], 0, this.depth)
      const condition = compileConditions(conditions, this.depth)
      return condition ? new Filter(one, condition) : one
    }
    return this.joinAll(items, conditions).node
  }

  /** Inner joins and the list of FROM: their parts in any order. */
  private joinAll(items: readonly FromItem[], conditions: readonly Expression[]): Planned {
    const parts: FromItem[] = []
    const open = [...conditions]
    const flatten = (item: FromItem): void => {
      if (item.kind !== 'join' || item.type !== 'inner') {
        parts.push(item)
        return
      }
      open.push(...item.conditions)
      flatten(item.left)
      flatten(item.right)
    }
    for (const item of items) flatten(item)
    const first = this.takeFirst(parts, open)
    let planned = this.single(first, this.take(open, entriesOfItem(first)), 0)
    while (parts.length > 0) planned = this.joinNext(planned, parts, open)
    // What is left reads no table here.
    const rest = compileConditions(open, this.depth)
    return rest ? { ...planned, node: new Filter(planned.node, rest) } : planned
  }

  /** Begins with the table that the conditions narrow most. */
  private takeFirst(parts: FromItem[], conditions: readonly Expression[]): FromItem {
    const score = (item: FromItem): number => {
      const entries = entriesOfItem(item)
      const own = conditions.filter(each => covers(entries, entriesOf(each, this.depth)))
      if (item.kind !== 'scan') return own.length > 0 ? 1 : 0
      const choice = chooseIndex(item.entry, own, 0, this.depth)
      return choice ? (choice.isUnique ? 4 : 3) : own.length > 0 ? 2 : 0
    }
    const best = parts.reduce((most, item) => Math.max(most, score(item)), 0)
    return parts.splice(
      parts.findIndex(item => score(item) === best),
      1,
    )[0]
  }

  /** Joins the part that a condition connects with what is there, else the next as it was written. */
  private joinNext(left: Planned, parts: FromItem[], open: Expression[]): Planned {
    const connected = parts.findIndex(item => {
      const entries = entriesOfItem(item)
      return open.some(each => {
        const reads = entriesOf(each, this.depth)
        return (reads & entries) !== 0 && (reads & left.entries) !== 0 && covers(left.entries | entries, reads)
      })
    })
    const [item] = parts.splice(Math.max(0, connected), 1)
    const conditions = this.take(open, left.entries | entriesOfItem(item))
    return this.join(left, item, conditions, [], 'inner')
  }

  /** Takes those conditions out of the list that read these entries, or some of them, alone. */
  private take(open: Expression[], entries: EntrySet): Expression[] {
    const taken: Expression[] = []
    for (let index = 0; index < open.length; ) {
      const reads = entriesOf(open[index], this.depth)
      if (reads !== 0 && covers(entries, reads)) taken.push(...open.splice(index, 1))
      else index++
    }
    return taken
  }

  /**
   * `filters` are asked of joined rows after an outer join has made up its missing ones; `conditions` decide about the
   * join itself.
   */
  private join(
    left: Planned,
    item: FromItem,
    conditions: readonly Expression[],
    filters: readonly Expression[],
    type: 'inner' | 'left',
  ): Planned {
    const entries = entriesOfItem(item)
    const own = conditions.filter(
      each => covers(entries, entriesOf(each, this.depth)) && entriesOf(each, this.depth) !== 0,
    )
    const between = conditions.filter(each => !own.includes(each))
    const sides = (right: PlanNode, rest: readonly Expression[]): JoinSides => ({
      left: left.node,
      right,
      slots: slotsOf(item),
      type,
      condition: compileConditions(rest, this.depth),
      leftEntries: left.ranges,
      rightEntries: rangesOf(item),
    })
    const lookup =
      item.kind === 'scan' ? chooseIndex(item.entry, [...own, ...between], left.entries, this.depth) : undefined
    const keys = this.hashKeys(between, left.entries, entries)
    let node: PlanNode
    if (
      lookup &&
      item.kind === 'scan' &&
      (lookup.isUnique || left.isUnique || keys.keys.length === 0) &&
      lookup.usesOuter
    ) {
      const rest = own.filter(each => !lookup.exact.includes(each))
      const inner = new IndexScan(item.entry, lookup.by, compileConditions(rest, this.depth))
      node = new NestedLoop(
        sides(
          inner,
          between.filter(each => !lookup.exact.includes(each)),
        ),
        true,
      )
    } else {
      const inner = this.single(item, own, 0).node
      node =
        keys.keys.length > 0
          ? new HashJoin(sides(inner, keys.rest), keys.keys)
          : new NestedLoop(sides(inner, between), false)
    }
    const filter = compileConditions(filters, this.depth)
    return {
      node: filter ? new Filter(node, filter) : node,
      entries: left.entries | entries,
      slots: [...left.slots, ...slotsOf(item)],
      ranges: [...left.ranges, ...rangesOf(item)],
      isUnique: left.isUnique && lookup?.isUnique === true,
    }
  }

  /** The equalities between the two sides that a hash can be made of; the others are tested on the joined rows. */
  private hashKeys(
    conditions: readonly Expression[],
    left: EntrySet,
    right: EntrySet,
  ): { keys: HashKey[]; rest: Expression[] } {
    const keys: HashKey[] = []
    const rest: Expression[] = []
    for (const condition of conditions) {
      const sides = condition.kind === 'call' && condition.strategy === '=' ? condition.arguments : undefined
      const [a, b] = sides ? sides.map(each => entriesOf(each, this.depth)) : [0, 0]
      const straight = a !== 0 && b !== 0 && covers(left, a) && covers(right, b)
      const crossed = a !== 0 && b !== 0 && covers(right, a) && covers(left, b)
      if (!sides || (!straight && !crossed) || !sameKeys(sides[0].type, sides[1].type)) {
        rest.push(condition)
        continue
      }
      const [onLeft, onRight] = straight ? sides : [sides[1], sides[0]]
      keys.push({ left: compile(onLeft, this.depth), right: compile(onRight, this.depth), type: onLeft.type })
    }
    return { keys, rest }
  }

  /** One part of FROM with the conditions that are its own. `outer`: entries whose row is there when it is opened. */
  private single(item: FromItem, conditions: readonly Expression[], outer: EntrySet): Planned {
    const entries = entriesOfItem(item)
    const common = { entries, slots: slotsOf(item), ranges: rangesOf(item) }
    if (item.kind === 'join') return this.outerJoin(item, conditions)
    if (item.kind === 'rows') {
      const condition = compileConditions(conditions, this.depth)
      return { ...common, node: condition ? new Filter(item.node, condition) : item.node, isUnique: false }
    }
    const choice = chooseIndex(item.entry, conditions, outer, this.depth)
    if (!choice)
      return { ...common, node: new SeqScan(item.entry, compileConditions(conditions, this.depth)), isUnique: false }
    const rest = conditions.filter(each => !choice.exact.includes(each))
    const node = new IndexScan(item.entry, choice.by, compileConditions(rest, this.depth))
    return { ...common, node, isUnique: choice.isUnique }
  }

  /** Conditions of WHERE that read the left side alone go down to it; those on the right side must see the made-up rows. */
  private outerJoin(item: FromItem & { kind: 'join' }, conditions: readonly Expression[]): Planned {
    if (item.type === 'inner') return this.joinAll([item], conditions)
    const leftEntries = entriesOfItem(item.left)
    const down = conditions.filter(each => covers(leftEntries, entriesOf(each, this.depth)))
    const left = this.joinAll([item.left], down)
    return this.join(
      left,
      item.right,
      item.conditions,
      conditions.filter(each => !down.includes(each)),
      'left',
    )
  }
}

function entriesOfItem(item: FromItem): EntrySet {
  return item.kind === 'join' ? entriesOfItem(item.left) | entriesOfItem(item.right) : 1 << item.entry.index
}

function slotsOf(item: FromItem): SlotRange[] {
  if (item.kind === 'join') return [...slotsOf(item.left), ...slotsOf(item.right)]
  return [[item.entry.offset, item.entry.offset + item.entry.width]]
}

function rangesOf(item: FromItem): RangeEntry[] {
  return item.kind === 'join' ? [...rangesOf(item.left), ...rangesOf(item.right)] : [item.entry]
}
