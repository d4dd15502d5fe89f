// GROUP BY, HAVING and aggregates: what the select list and ORDER BY become above the groups.

import type { SelectStmt } from '@pgsql/types'
import { textType, unknownType } from '../../catalog/types/text.ts'
import { compile } from '../expressions/compile.ts'
import { type AggregateCall, type ColumnReference, type Expression, rewrite, some } from '../expressions/expression.ts'
import { isParallelSafe } from '../parallel/parallel-safety.ts'
import { AggregateNode } from '../plan/aggregate.ts'
import { Filter } from '../plan/filter.ts'
import { GatherOrScan } from '../plan/gather-or-scan.ts'
import type { PlanNode } from '../plan/node.ts'
import { ParallelAggregate } from '../plan/parallel-aggregate.ts'
import { failAt } from '../source.ts'
import { coerce, coerceToBoolean } from './coerce.ts'
import { analyzeExpression } from './expression.ts'
import { type OrderItem, outputColumn } from './order.ts'
import { isSame } from './same.ts'
import type { Scope } from './scope.ts'
import type { Target } from './targets.ts'
import { kindOf, locationOf } from './tree.ts'

interface Grouped {
  readonly plan: PlanNode
  readonly targets: readonly Target[]
  readonly order: readonly OrderItem[]
  readonly isGrouped: boolean
}

export function groupRows(
  scope: Scope,
  node: SelectStmt,
  input: PlanNode,
  targets: readonly Target[],
  order: readonly OrderItem[],
): Grouped {
  const having = node.havingClause && coerceToBoolean(analyzeExpression(scope, node.havingClause), 'HAVING')
  const everything = [
    ...targets.map(target => target.expression),
    ...order.map(item => item.expression),
    ...(having ? [having] : []),
  ]
  const isGrouped = node.groupClause !== undefined || having !== undefined || everything.some(hasAggregate)
  if (!isGrouped) return { plan: input, targets, order, isGrouped }
  const keys = (node.groupClause ?? []).map(each => analyzeKey(scope, each, targets))
  const group = new Grouping(scope, keys)
  const newTargets = targets.map(target => {
    if (target.rows)
      failAt(target.expression.location, '0A000', 'functions that give rows are not played in grouped queries yet')
    return { ...target, expression: group.above(target.expression) }
  })
  const newOrder = order.map(item => ({ ...item, expression: group.above(item.expression) }))
  const condition = having && group.above(having)
  const grouped = group.plan(input)
  const plan = condition ? new Filter(grouped, compile(condition, scope.depth)) : grouped
  return { plan, targets: newTargets, order: newOrder, isGrouped }
}

const hasAggregate = (expression: Expression) => some(expression, each => each.kind === 'aggregate')

function analyzeKey(
  scope: Scope,
  node: NonNullable<SelectStmt['groupClause']>[number],
  targets: readonly Target[],
): Expression {
  if (kindOf(node) === 'GroupingSet')
    failAt(locationOf(node), '0A000', 'GROUPING SETS, ROLLUP and CUBE are not played yet')
  const target = outputColumn(scope, node, targets, 'GROUP BY')
  const expression = target === undefined ? analyzeExpression(scope, node) : targets[target].expression
  if (hasAggregate(expression)) failAt(locationOf(node), '42803', 'aggregate functions are not allowed in GROUP BY')
  return expression.type === unknownType ? coerce(expression, textType, 'implicit') : expression
}

/** Puts references to the slots of the groups' rows (keys first, then aggregates) in the place of what they hold. */
class Grouping {
  private readonly scope: Scope
  private readonly keys: Expression[]
  private readonly calls: AggregateCall[] = []
  /** Slots of aggregates are known only when all keys are. */
  private readonly pending: { readonly reference: { slot: number }; readonly call: number }[] = []

  constructor(scope: Scope, keys: readonly Expression[]) {
    this.scope = scope
    this.keys = [...keys]
  }

  above(expression: Expression): Expression {
    return rewrite(expression, each => {
      const key = this.keys.findIndex(candidate => isSame(candidate, each))
      if (key >= 0) return this.reference(each, key)
      if (each.kind === 'aggregate') return this.aggregate(each)
      if (each.kind === 'column' && each.depth === this.scope.depth) return this.column(each)
      if (each.kind === 'subquery' && each.outerReferences.some(reference => reference.depth === this.scope.depth)) {
        failAt(each.location, '0A000', 'subqueries that read the rows of a grouped query are not played yet')
      }
      return undefined
    })
  }

  plan(input: PlanNode): PlanNode {
    const { depth } = this.scope
    for (const { reference, call } of this.pending) reference.slot = this.keys.length + call
    const keys = this.keys.map(key => ({ value: compile(key, depth), type: key.type }))
    const targets = this.calls.map(call => ({
      aggregate: call.aggregate,
      argument: call.arguments[0] && compile(call.arguments[0], depth),
      argumentType: call.arguments[0]?.type,
      second: call.arguments[1] && compile(call.arguments[1], depth),
      filter: call.filter && compile(call.filter, depth),
      distinct: call.distinct,
    }))
    const whole = new AggregateNode(input, keys, targets)
    return input instanceof GatherOrScan ? new ParallelAggregate(input.source, whole, this.isPartial()) : whole
  }

  /** Whether workers may aggregate what they read. */
  private isPartial(): boolean {
    const { keys, calls } = this
    const computed = [...keys, ...calls.flatMap(({ arguments: args, filter }) => (filter ? [...args, filter] : args))]
    const isSafe = computed.every(each => isParallelSafe(each, this.scope.depth))
    return isSafe && calls.every(({ aggregate, distinct }) => aggregate.combine !== undefined && !distinct)
  }

  private reference({ type, modifier, location }: Expression, slot: number): ColumnReference {
    return { kind: 'column', type, modifier, location, depth: this.scope.depth, slot, entry: -1, name: '' }
  }

  private aggregate(call: AggregateCall): Expression {
    const known = this.calls.findIndex(each => isSame(each, call))
    const index = known >= 0 ? known : this.calls.push(call) - 1
    const reference = this.reference(call, -1)
    this.pending.push({ reference: reference as { slot: number }, call: index })
    return reference
  }

  /** A column that is not grouped by; the primary key among the keys decides all columns of its table. */
  private column(column: ColumnReference): Expression {
    const entry = this.scope.entries[column.entry]
    const primary = entry.table?.indexes.find(index => index.isPrimary)
    const isKey = (attribute: number) =>
      this.keys.some(
        key => key.kind === 'column' && key.depth === this.scope.depth && key.slot === entry.offset + attribute,
      )
    if (primary?.usedAttributes.every(isKey)) return this.reference(column, this.keys.push(column) - 1)
    return failAt(
      column.location,
      '42803',
      `column "${entry.name}.${column.name}" must appear in the GROUP BY clause or be used in an aggregate function`,
    )
  }
}
