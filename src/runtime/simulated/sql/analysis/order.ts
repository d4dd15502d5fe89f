// ORDER BY: output columns by name or number, or expressions.

import type { Node } from '@pgsql/types'
import { textType, unknownType } from '../../catalog/types/text.ts'
import { compile } from '../expressions/compile.ts'
import type { Expression } from '../expressions/expression.ts'
import type { SortKey } from '../plan/sort.ts'
import { failAt } from '../source.ts'
import type { KeptColumn } from '../work/tuple-size.ts'
import { coerce } from './coerce.ts'
import { analyzeExpression } from './expression.ts'
import { isSame } from './same.ts'
import type { Scope } from './scope.ts'
import type { Target } from './targets.ts'
import { locationOf, stringOf } from './tree.ts'

export interface OrderItem {
  readonly expression: Expression
  /** Which output column it is, if it is one. */
  readonly target: number | undefined
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** `sees`: with 'output only' nothing but output columns may stand there. */
export function analyzeOrder(
  scope: Scope,
  nodes: readonly Node[],
  targets: readonly Target[],
  sees: 'any' | 'output only',
): OrderItem[] {
  return nodes.flatMap(node => {
    if (!('SortBy' in node)) return []
    const { node: inner, sortby_dir: direction, sortby_nulls: nulls } = node.SortBy
    if (direction === 'SORTBY_USING') failAt(locationOf(inner), '0A000', 'ORDER BY USING is not played yet')
    const target = outputColumn(scope, inner!, targets, 'ORDER BY', sees)
    const expression = target === undefined ? analyzeOther(scope, inner!, sees) : targets[target].expression
    const found = target ?? targets.findIndex(each => !each.rows && isSame(each.expression, expression))
    const descending = direction === 'SORTBY_DESC'
    const nullsFirst = nulls === 'SORTBY_NULLS_FIRST' || (nulls !== 'SORTBY_NULLS_LAST' && descending)
    const typed = expression.type === unknownType ? coerce(expression, textType, 'implicit') : expression
    if (!typed.type.compare) {
      failAt(locationOf(inner), '42883', `could not identify an ordering operator for type ${typed.type.displayName}`, {
        hint: 'Use an explicit ordering operator or modify the query.',
      })
    }
    return [{ expression: typed, target: found >= 0 ? found : undefined, descending, nullsFirst }]
  })
}

function analyzeOther(scope: Scope, node: Node, sees: 'any' | 'output only'): Expression {
  if (sees === 'output only') {
    failAt(locationOf(node), '0A000', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', {
      detail: 'Only result column names can be used, not expressions or functions.',
      hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
    })
  }
  return analyzeExpression(scope, node)
}

/** A number, or the name of an output column; for GROUP BY a column of FROM comes first. */
export function outputColumn(
  scope: Scope,
  node: Node,
  targets: readonly Target[],
  clause: 'ORDER BY' | 'GROUP BY',
  sees: 'any' | 'output only' = 'any',
): number | undefined {
  if ('A_Const' in node) {
    const { ival, location } = node.A_Const
    if (!ival) return failAt(location, '42601', `non-integer constant in ${clause}`)
    const position = ival.ival ?? 0
    if (position < 1 || position > targets.length) {
      failAt(location, '42P10', `${clause} position ${position} is not in select list`)
    }
    return position - 1
  }
  if (!('ColumnRef' in node) || node.ColumnRef.fields?.length !== 1) return undefined
  const field = node.ColumnRef.fields[0]
  const name = stringOf(field)
  if (clause === 'GROUP BY' && scope.visible.some(column => column.name === name)) return undefined
  const matching = targets.flatMap((target, index) => (target.name === name ? [index] : []))
  const different = matching.filter(index => !isSame(targets[index].expression, targets[matching[0]].expression))
  if (different.length > 0) failAt(node.ColumnRef.location, '42702', `${clause} "${name}" is ambiguous`)
  if (matching.length === 0 && sees === 'output only') scope.failUnknownColumn(name, node.ColumnRef.location ?? -1)
  return matching[0]
}

export function sortKey({ expression, descending, nullsFirst }: OrderItem, depth: number): SortKey {
  return { value: compile(expression, depth), type: expression.type, descending, nullsFirst }
}

/** What a sort keeps of each row: the output columns, and behind them what is sorted by besides. */
export function keptColumns(targets: readonly Target[], order: readonly OrderItem[], depth: number): KeptColumn[] {
  const kept = targets.map(({ expression }, target): KeptColumn => {
    const { type } = expression
    const key = order.findIndex(item => item.target === target)
    if (key >= 0) return { type, key }
    return expression.kind === 'column' && expression.depth === depth ? { type, slot: expression.slot } : { type }
  })
  const hidden = order.flatMap(({ target, expression }, key) =>
    target === undefined ? [{ type: expression.type, key }] : [],
  )
  return [...kept, ...hidden]
}
