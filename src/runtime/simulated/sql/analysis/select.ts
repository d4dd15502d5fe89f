// SELECT, VALUES and their combinations, to plans. Mirrors analyze.c and parse_clause.c; the order of steps is
// FROM and WHERE, groups, sort, row locks, LIMIT, select list; with DISTINCT the select list comes before the sort.

import type { Node, SelectStmt } from '@pgsql/types'
import { textType, unknownType } from '../../catalog/types/text.ts'
import type { Type } from '../../catalog/types/type.ts'
import { compile } from '../expressions/compile.ts'
import type { Compiled } from '../expressions/compiled.ts'
import { type Expression, findAggregate, some } from '../expressions/expression.ts'
import { ValuesScan } from '../plan/function-scan.ts'
import type { PlanNode } from '../plan/node.ts'
import { planFrom } from '../plan/plan-from.ts'
import { Distinct, Project, ProjectRows, type RowSource, Sort } from '../plan/sort.ts'
import { CommonTableScan } from '../plan/subquery-scan.ts'
import { failAt } from '../source.ts'
import type { KeptColumn } from '../work/tuple-size.ts'
import { coerce, coerceToBoolean, unify } from './coerce.ts'
import { analyzeExpression } from './expression.ts'
import { finishCombined, limit } from './finish.ts'
import { analyzeFrom, conjuncts } from './from.ts'
import { groupRows } from './group.ts'
import { lockingWords, lockRows } from './locking.ts'
import { analyzeOrder, keptColumns, type OrderItem, sortKey } from './order.ts'
import type { Query } from './query.ts'
import { type AnalysisContext, type ColumnHints, Scope } from './scope.ts'
import { analyzeSetOperation } from './set-operation.ts'
import { analyzeTargets, type Target } from './targets.ts'
import { locationOf } from './tree.ts'

export function analyzeSelect(
  context: AnalysisContext,
  node: SelectStmt,
  parent?: Scope,
  hints: ColumnHints = [],
): Query {
  const scope = new Scope(context, parent)
  if (node.withClause) analyzeWith(scope, node.withClause)
  if (node.intoClause) failAt(node.intoClause.rel?.location, '42601', 'SELECT ... INTO is not allowed here')
  if (node.valuesLists) return analyzeValues(scope, node)
  if (node.op && node.op !== 'SETOP_NONE') return analyzeSetOperation(scope, node, hints)
  return analyzeSimple(scope, node, hints)
}

/** WITH: each query is computed at its first reference. */
export function analyzeWith(
  scope: Scope,
  { ctes = [], recursive, location = -1 }: NonNullable<SelectStmt['withClause']>,
): void {
  if (recursive) failAt(location, '0A000', 'WITH RECURSIVE is not played yet')
  for (const each of ctes) {
    if (!('CommonTableExpr' in each)) continue
    const { ctename = '', ctequery, aliascolnames = [], location: at = -1 } = each.CommonTableExpr
    if (!ctequery || !('SelectStmt' in ctequery))
      failAt(at, '0A000', 'data-modifying statements in WITH are not played yet')
    if (scope.commonTables.has(ctename)) failAt(at, '42712', `WITH query name "${ctename}" specified more than once`)
    const query = analyzeSelect(scope.context, ctequery.SelectStmt, scope)
    const columns = query.columns.map((column, index) => {
      const alias = aliascolnames[index]
      return alias && 'String' in alias ? { ...column, name: alias.String.sval ?? '' } : column
    })
    scope.commonTables.set(ctename, { node: new CommonTableScan(query.plan), columns })
  }
}

function analyzeValues(scope: Scope, node: SelectStmt): Query {
  const rows = valuesRows(scope, node.valuesLists!)
  const columns = rows[0].map((each, index) => ({ name: `column${index + 1}`, type: each.type, modifier: -1 }))
  const { plan } = finishCombined(scope, node, new ValuesScan(rows, 0, scope.depth), columns)
  return { plan, columns, outerReferences: scope.outerReferences }
}

/** The rows of VALUES, each column brought to one type. */
export function valuesRows(scope: Scope, lists: readonly Node[]): Expression[][] {
  const rows = lists.map(list =>
    ('List' in list ? (list.List.items ?? []) : []).map(each => analyzeExpression(scope, each)),
  )
  const width = rows[0].length
  for (const [index, row] of rows.entries()) {
    if (row.length !== width) {
      const list = lists[index]
      failAt(
        locationOf('List' in list ? list.List.items?.[0] : undefined),
        '42601',
        'VALUES lists must all be the same length',
      )
    }
  }
  const byColumn = rows[0].map((_, column) =>
    unify(
      rows.map(row => row[column]),
      'VALUES',
    ),
  )
  return rows.map((_, row) => byColumn.map(column => column[row]))
}

/** What WHERE asks for, as the parts of its AND. */
export function analyzeWhere(scope: Scope, node: Node | undefined): Expression[] {
  if (!node) return []
  const condition = coerceToBoolean(analyzeExpression(scope, node), 'WHERE')
  const aggregate = findAggregate(condition)
  if (aggregate) failAt(aggregate.location, '42803', 'aggregate functions are not allowed in WHERE')
  return conjuncts(condition)
}

function analyzeSimple(scope: Scope, node: SelectStmt, hints: ColumnHints): Query {
  if (node.windowClause) failAt(locationOf(node.windowClause[0]), '0A000', 'window functions are not played yet')
  const items = analyzeFrom(scope, node.fromClause ?? [])
  const conditions = analyzeWhere(scope, node.whereClause)
  const targets = analyzeTargets(scope, node.targetList ?? [], { rows: true })
  const order = analyzeOrder(scope, node.sortClause ?? [], targets, 'any')
  const locking = lockRows(scope, node, items, conditions)
  let plan = planFrom(items, conditions, scope.depth, scope.context.hazard)
  const grouped = groupRows(scope, node, plan, targets, order)
  plan = grouped.plan
  if (locking && grouped.isGrouped) failAt(-1, '0A000', `${lockingWords(node)} is not allowed with aggregate functions`)
  const { distinctClause } = node
  const outputs = grouped.targets.map((target, index) =>
    settleType(target, hints === 'keep unknown' ? unknownType : hints[index]),
  )
  plan = distinctClause
    ? planDistinct(scope, node, plan, outputs, grouped.order)
    : planPlain(scope, node, plan, outputs, grouped.order, locking)
  const columns = outputs.map(({ name, expression }) => ({
    name,
    type: expression.type,
    modifier: expression.modifier,
  }))
  return { plan, columns, outerReferences: scope.outerReferences }
}

function settleType(target: Target, hint: Type = textType): Target {
  const { expression } = target
  return expression.type === unknownType ? { ...target, expression: coerce(expression, hint, 'implicit') } : target
}

function planPlain(
  scope: Scope,
  node: SelectStmt,
  input: PlanNode,
  targets: readonly Target[],
  order: readonly OrderItem[],
  locking: ((plan: PlanNode) => PlanNode) | undefined,
): PlanNode {
  const { depth } = scope
  const sources = targets.map(target => project(target, depth))
  const isSet = sources.some(source => 'rows' in source)
  // A volatile expression that is sorted by must be computed once.
  const once = order.some(
    item => item.target !== undefined && some(item.expression, each => each.kind === 'call' && each.isVolatile),
  )
  if (!locking && (once || (isSet && order.some(item => item.target !== undefined)))) {
    return planProjectedFirst(scope, node, input, sources, targets, order)
  }
  let plan = input
  if (order.length > 0)
    plan = new Sort(
      plan,
      order.map(item => sortKey(item, depth)),
      keptColumns(targets, order, depth),
    )
  if (locking) plan = locking(plan)
  if (isSet) return limit(scope, node, new ProjectRows(plan, sources))
  return new Project(limit(scope, node, plan), sources as Compiled[])
}

function planProjectedFirst(
  scope: Scope,
  node: SelectStmt,
  input: PlanNode,
  sources: readonly (Compiled | RowSource)[],
  targets: readonly Target[],
  order: readonly OrderItem[],
): PlanNode {
  const { depth } = scope
  const hidden = order.filter(item => item.target === undefined)
  const all = [...sources, ...hidden.map(item => compile(item.expression, depth))]
  const plan = all.some(source => 'rows' in source)
    ? new ProjectRows(input, all)
    : new Project(input, all as Compiled[])
  const keys = order.map(item => {
    const slot = item.target ?? targets.length + hidden.indexOf(item)
    return sortKey({ ...item, expression: slotReference(item.expression, slot, depth) }, depth)
  })
  const sorted = limit(scope, node, new Sort(plan, keys, projectedColumns([...targets, ...hidden])))
  return hidden.length === 0
    ? sorted
    : new Project(
        sorted,
        targets.map((target, slot) => compile(slotReference(target.expression, slot, depth), depth)),
      )
}

function slotReference({ type, modifier }: Expression, slot: number, depth: number): Expression {
  return { kind: 'column', type, modifier, location: -1, depth, slot, entry: -1, name: '' }
}

function project({ expression, rows }: Target, depth: number): Compiled | RowSource {
  if (!rows) return compile(expression, depth)
  return { rows: rows.rowFunction.rows, arguments: rows.arguments.map(each => compile(each, depth)) }
}

function planDistinct(
  scope: Scope,
  node: SelectStmt,
  input: PlanNode,
  targets: readonly Target[],
  order: readonly OrderItem[],
): PlanNode {
  const { depth } = scope
  const first = node.distinctClause![0]
  if (first && Object.keys(first).length > 0) failAt(locationOf(first), '0A000', 'DISTINCT ON is not played yet')
  const outside = order.find(item => item.target === undefined)
  if (outside) {
    failAt(outside.expression.location, '42P10', 'for SELECT DISTINCT, ORDER BY expressions must appear in select list')
  }
  if (targets.some(target => target.rows))
    failAt(-1, '0A000', 'DISTINCT over functions that give rows is not played yet')
  const projected = new Project(
    input,
    targets.map(target => compile(target.expression, depth)),
  )
  const distinct = new Distinct(
    projected,
    targets.map(target => target.expression.type),
  )
  const keys = order.map(item =>
    sortKey({ ...item, expression: slotReference(item.expression, item.target!, depth) }, depth),
  )
  return limit(scope, node, keys.length > 0 ? new Sort(distinct, keys, projectedColumns(targets)) : distinct)
}

/** Rows that are computed already have a slot for each column. */
function projectedColumns(columns: readonly { readonly expression: Expression }[]): KeptColumn[] {
  return columns.map(({ expression }, slot) => ({ type: expression.type, slot }))
}
