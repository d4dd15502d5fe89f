// What stands at the end of every query: ORDER BY of its output, OFFSET and LIMIT.

import type { Node, SelectStmt } from '@pgsql/types'
import { int8Type } from '../../catalog/types/integer.ts'
import { compile } from '../expressions/compile.ts'
import type { Compiled } from '../expressions/compiled.ts'
import { some } from '../expressions/expression.ts'
import type { PlanNode } from '../plan/node.ts'
import { Limit, Sort } from '../plan/sort.ts'
import { failAt } from '../source.ts'
import { tryCoerce } from './coerce.ts'
import { analyzeExpression } from './expression.ts'
import { analyzeOrder, keptColumns, sortKey } from './order.ts'
import type { Query } from './query.ts'
import type { Scope } from './scope.ts'
import type { Target } from './targets.ts'
import { locationOf } from './tree.ts'

/** ORDER BY and LIMIT of VALUES and set operations: they see the output columns alone. */
export function finishCombined(
  scope: Scope,
  node: SelectStmt,
  plan: PlanNode,
  columns: Query['columns'],
): { plan: PlanNode } {
  const output: Target[] = columns.map((column, slot) => ({
    name: column.name,
    expression: {
      kind: 'column',
      type: column.type,
      modifier: column.modifier,
      location: -1,
      depth: scope.depth,
      slot,
      entry: -1,
      name: column.name,
    },
  }))
  if (node.lockingClause) failAt(-1, '0A000', 'FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT')
  const order = analyzeOrder(scope, node.sortClause ?? [], output, 'output only')
  const sorted =
    order.length > 0
      ? new Sort(
          plan,
          order.map(item => sortKey(item, scope.depth)),
          keptColumns(output, order, scope.depth),
        )
      : plan
  return { plan: limit(scope, node, sorted) }
}

export function limit(scope: Scope, node: SelectStmt, input: PlanNode): PlanNode {
  if (!node.limitCount && !node.limitOffset) return input
  if (node.limitOption === 'LIMIT_OPTION_WITH_TIES')
    failAt(locationOf(node.limitCount), '0A000', 'WITH TIES is not played yet')
  return new Limit(
    input,
    analyzeLimit(scope, node.limitCount, 'LIMIT'),
    analyzeLimit(scope, node.limitOffset, 'OFFSET'),
  )
}

function analyzeLimit(scope: Scope, node: Node | undefined, word: string): Compiled | undefined {
  if (!node || ('A_Const' in node && node.A_Const.isnull)) return undefined
  const around = scope.aroundFrom()
  const value = analyzeExpression(around, node)
  if (some(value, each => each.kind === 'column' && each.depth === scope.depth)) {
    failAt(value.location, '42P10', `argument of ${word} must not contain variables`)
  }
  const coerced = tryCoerce(value, int8Type, 'assignment')
  if (!coerced)
    failAt(value.location, '42804', `argument of ${word} must be type bigint, not type ${value.type.displayName}`)
  return compile(coerced, scope.depth)
}
