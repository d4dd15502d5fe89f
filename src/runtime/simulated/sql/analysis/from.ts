// FROM: tables, system views, subqueries, functions and joins, as entries of the scope and a tree for the planner.

import type { Alias, JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from '@pgsql/types'
import { Table, View } from '../../catalog/relations.ts'
import { recordType } from '../../catalog/types/identifiers.ts'
import { AccessShareLock } from '../../locks/lock-mode.ts'
import type { Expression } from '../expressions/expression.ts'
import { some } from '../expressions/expression.ts'
import { isKnownRelation } from '../known-relations.ts'
import { unsafeFunctions } from '../parallel/parallel-safety.ts'
import { FunctionScan, TableFunctionScan, ViewScan } from '../plan/function-scan.ts'
import type { PlanNode } from '../plan/node.ts'
import { SubqueryScan } from '../plan/subquery-scan.ts'
import { failAt } from '../source.ts'
import type { SystemView } from '../system-view.ts'
import { callOperator } from './call.ts'
import { coerce, coerceToBoolean } from './coerce.ts'
import { analyzeExpression } from './expression.ts'
import { resolveFunction } from './resolve-function.ts'
import type { RangeEntry, Scope } from './scope.ts'
import { kindOf, locationOf, stringOf } from './tree.ts'

export type FromItem =
  | { readonly kind: 'scan'; readonly entry: RangeEntry; readonly table: Table }
  | { readonly kind: 'rows'; readonly entry: RangeEntry; readonly node: PlanNode }
  | {
      readonly kind: 'join'
      readonly type: 'inner' | 'left'
      readonly left: FromItem
      readonly right: FromItem
      readonly conditions: readonly Expression[]
    }

export function analyzeFrom(scope: Scope, nodes: readonly Node[]): FromItem[] {
  return nodes.map(node => analyzeItem(scope, node))
}

function analyzeItem(scope: Scope, node: Node): FromItem {
  if ('RangeVar' in node) return analyzeTable(scope, node.RangeVar)
  if ('RangeSubselect' in node) return analyzeSubselect(scope, node.RangeSubselect)
  if ('RangeFunction' in node) return analyzeFunction(scope, node.RangeFunction)
  if ('JoinExpr' in node) return analyzeJoin(scope, node.JoinExpr)
  const kind = kindOf(node)
  return failAt(locationOf(node), '0A000', `${kind === 'RangeTableSample' ? 'TABLESAMPLE' : kind} is not played yet`)
}

/** A table by the name that was written; fails if there is none. */
export function findTable(scope: Scope, name: RangeVar): Table {
  const { relname = '', schemaname, location = -1 } = name
  refuseOtherDatabase(name, scope.context.database)
  const relation = scope.context.catalog.byName(relname, schemaname)
  const shown = schemaname ? `${schemaname}.${relname}` : relname
  if (!relation) {
    if (isKnownRelation(relname, schemaname, scope.context.version))
      failAt(location, '0A000', `${shown} is not played yet`)
    return failAt(location, '42P01', `relation "${shown}" does not exist`)
  }
  if (relation instanceof Table) return relation
  if (relation.kind === 'sequence') failAt(location, '0A000', 'reading a sequence as a table is not played yet')
  return failAt(location, '42809', `cannot open relation "${shown}"`, {
    detail: `This operation is not supported for ${relation.kind === 'view' ? 'views' : 'indexes'}.`,
  })
}

/** A name may say in which database it is, if it is this one. */
export function refuseOtherDatabase(name: RangeVar, database: string): void {
  const { catalogname, schemaname, relname, location = -1 } = name
  if (!catalogname || catalogname === database) return
  const shown = `${catalogname}.${schemaname}.${relname}`
  failAt(location, '0A000', `cross-database references are not implemented: "${shown}"`)
}

function analyzeTable(scope: Scope, node: RangeVar): FromItem {
  const { relname = '', schemaname, alias, location = -1 } = node
  const name = alias?.aliasname ?? relname
  const common = schemaname ? undefined : scope.commonTable(relname)
  if (common) {
    const entry = scope.add(name, renamed(common.columns, alias?.colnames, name, location))
    return { kind: 'rows', entry, node: new SubqueryScan(common.node, entry.offset) }
  }
  refuseOtherDatabase(node, scope.context.database)
  const relation = scope.context.catalog.byName(relname, schemaname)
  const view = scope.context.views.get(relname)
  if (view && relation instanceof View) {
    scope.context.locks.push({ relation, mode: AccessShareLock, location })
    return analyzeView(scope, view, name, alias, location)
  }
  if (view && view.extension === undefined && !relation && (schemaname === undefined || schemaname === 'pg_catalog')) {
    return analyzeView(scope, view, name, alias, location)
  }
  const table = findTable(scope, node)
  scope.context.locks.push({ relation: table, mode: AccessShareLock, location })
  const entry = scope.add(name, renamed(table.columns, alias?.colnames, name, location), { table })
  return { kind: 'scan', entry, table }
}

/** An extension is there if its view is. */
function isInstalled(scope: Scope, { extension }: SystemView): boolean {
  return extension === undefined || scope.context.catalog.byName(extension) instanceof View
}

function analyzeView(
  scope: Scope,
  view: SystemView,
  name: string,
  alias: Alias | undefined,
  location: number,
): FromItem {
  const columns = view.columns.map(column => ({ ...column, modifier: -1 }))
  const entry = scope.add(name, renamed(columns, alias?.colnames, name, location))
  return { kind: 'rows', entry, node: new ViewScan(view, entry.offset) }
}

/** t (a, b): other names for the first columns. */
function renamed<C extends { readonly name: string }>(
  columns: readonly C[],
  names: readonly Node[] | undefined,
  table: string,
  location: number,
): C[] {
  if ((names?.length ?? 0) > columns.length) {
    failAt(
      location,
      '42P10',
      `table "${table}" has ${columns.length} columns available but ${names!.length} columns specified`,
    )
  }
  return columns.map((column, index) => (names?.[index] ? { ...column, name: stringOf(names[index]) } : column))
}

function analyzeSubselect(scope: Scope, { subquery, alias, lateral }: RangeSubselect): FromItem {
  const location = locationOf(subquery)
  if (lateral) failAt(location, '0A000', 'LATERAL is not played yet')
  if (!subquery || !('SelectStmt' in subquery)) return failAt(location, '0A000', 'this subquery is not played yet')
  const query = scope.context.analyze.select(scope.context, subquery.SelectStmt, scope.aroundFrom())
  if (!alias && scope.context.version < 16) {
    failAt(location, '42601', 'subquery in FROM must have an alias', {
      hint: 'For example, FROM (SELECT ...) [AS] foo.',
    })
  }
  const name = alias?.aliasname ?? `unnamed_subquery${scope.entries.length}`
  const entry = scope.add(name, renamed(query.columns, alias?.colnames, name, location))
  return { kind: 'rows', entry, node: new SubqueryScan(query.plan, entry.offset) }
}

function analyzeFunction(scope: Scope, node: RangeFunction): FromItem {
  const first = node.functions?.[0]
  const call = first && 'List' in first ? first.List.items?.[0] : undefined
  if (!call || !('FuncCall' in call))
    return failAt(locationOf(call), '0A000', 'this function in FROM is not played yet')
  const { funcname = [], args = [], location = -1 } = call.FuncCall
  if (node.lateral || node.is_rowsfrom || node.ordinality || node.coldeflist) {
    failAt(
      location,
      '0A000',
      'LATERAL, ROWS FROM, WITH ORDINALITY and column definitions of functions are not played yet',
    )
  }
  const name = stringOf(funcname[funcname.length - 1])
  const around = scope.aroundFrom()
  const columnName = node.alias?.aliasname ?? name
  const view = args.length === 0 ? scope.context.views.get(`${name}()`) : undefined
  if (view && isInstalled(scope, view)) return analyzeView(scope, view, columnName, node.alias, location)
  if (unsafeFunctions.has(name)) scope.context.hazard.isUnsafe = true
  const tableFunctions = scope.context.functions.tableFunctionsNamed(name, scope.context.version)
  if (tableFunctions.length > 0) {
    const values = args.map(each => analyzeExpression(around, each))
    const { found, parameters } = resolveFunction(tableFunctions, name, values, location)
    const coerced = values.map((each, index) => coerce(each, parameters[index], 'implicit'))
    const columns = found.columns.map(column => ({ ...column, modifier: -1 }))
    const entry = scope.add(columnName, renamed(columns, node.alias?.colnames, columnName, location))
    return { kind: 'rows', entry, node: new TableFunctionScan(found, coerced, entry.offset, around.depth) }
  }
  const rowFunctions = scope.context.functions.rowFunctionsNamed(name)
  if (rowFunctions.length === 0) {
    // A function of one value gives one row.
    const value = analyzeExpression(around, call)
    if (value.type === recordType) failAt(location, '0A000', `${name} in FROM is not played yet`)
    const entry = scope.add(
      columnName,
      renamed([{ name: columnName, type: value.type, modifier: -1 }], node.alias?.colnames, columnName, location),
    )
    return { kind: 'rows', entry, node: FunctionScan.ofOneRow(value, entry.offset, around.depth) }
  }
  const values = args.map(each => analyzeExpression(around, each))
  const { found, parameters } = resolveFunction(rowFunctions, name, values, location)
  const coerced = values.map((each, index) => coerce(each, parameters[index], 'implicit'))
  const entry = scope.add(
    columnName,
    renamed([{ name: columnName, type: found.returns, modifier: -1 }], node.alias?.colnames, columnName, location),
  )
  return { kind: 'rows', entry, node: new FunctionScan(found, coerced, entry.offset, around.depth) }
}

function analyzeJoin(scope: Scope, node: JoinExpr): FromItem {
  const { jointype = 'JOIN_INNER', larg, rarg, usingClause, quals, isNatural, alias } = node
  const location = locationOf(rarg)
  if (jointype === 'JOIN_FULL') failAt(location, '0A000', 'FULL JOIN is not played yet')
  if (alias) failAt(location, '0A000', 'aliases of joins are not played yet')
  const before = scope.visible
  scope.visible = []
  const left = analyzeItem(scope, larg!)
  const leftVisible = scope.visible
  scope.visible = []
  const right = analyzeItem(scope, rarg!)
  const rightVisible = scope.visible
  const names = isNatural
    ? leftVisible.map(column => column.name).filter(name => rightVisible.some(column => column.name === name))
    : (usingClause ?? []).map(stringOf)
  const isRight = jointype === 'JOIN_RIGHT'
  const conditions: Expression[] = names.map(name => {
    const [one, other] = [leftVisible, rightVisible].map((visible, side) => {
      const found = visible.filter(column => column.name === name)
      if (found.length === 0)
        failAt(
          location,
          '42703',
          `column "${name}" specified in USING clause does not exist in ${side === 0 ? 'left' : 'right'} table`,
        )
      if (found.length > 1)
        failAt(
          location,
          '42702',
          `common column name "${name}" appears more than once in ${side === 0 ? 'left' : 'right'} table`,
        )
      return scope.reference(found[0].entry, found[0].attribute, location)
    })
    return callOperator('=', [one, other], location)
  })
  // The columns that both have stand once, first, and are those of the side that is always there.
  const isShared = (column: { readonly name: string }) => names.includes(column.name)
  const shared = names.map(name => (isRight ? rightVisible : leftVisible).find(column => column.name === name)!)
  scope.visible = [
    ...before,
    ...shared,
    ...leftVisible.filter(each => !isShared(each)),
    ...rightVisible.filter(each => !isShared(each)),
  ]
  if (quals) {
    const condition = coerceToBoolean(analyzeExpression(scope, quals), 'JOIN/ON')
    if (some(condition, each => each.kind === 'aggregate'))
      failAt(condition.location, '42803', 'aggregate functions are not allowed in JOIN conditions')
    conditions.push(...conjuncts(condition))
  }
  const sides = isRight ? { left: right, right: left } : { left, right }
  return { kind: 'join', type: jointype === 'JOIN_INNER' ? 'inner' : 'left', ...sides, conditions }
}

/** The parts of an AND. */
export function conjuncts(condition: Expression): Expression[] {
  return condition.kind === 'and' ? condition.arguments.flatMap(conjuncts) : [condition]
}
