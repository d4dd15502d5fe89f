// UNION, INTERSECT and EXCEPT.

import type { SelectStmt } from '@pgsql/types'
import { textType, unknownType } from '../../catalog/types/text.ts'
import { compile } from '../expressions/compile.ts'
import type { Expression } from '../expressions/expression.ts'
import { Append, Distinct, Project, SetOperation } from '../plan/sort.ts'
import { failAt } from '../source.ts'
import { coerce, commonType } from './coerce.ts'
import { finishCombined } from './finish.ts'
import type { OutputColumn, Query } from './query.ts'
import type { ColumnHints, Scope } from './scope.ts'
import { locationOf } from './tree.ts'

const names: Readonly<Record<string, string>> = {
  SETOP_UNION: 'UNION',
  SETOP_INTERSECT: 'INTERSECT',
  SETOP_EXCEPT: 'EXCEPT',
}

export function analyzeSetOperation(scope: Scope, node: SelectStmt, hints: ColumnHints): Query {
  const { op = 'SETOP_UNION', all = false, larg, rarg } = node
  let left = scope.context.analyze.select(scope.context, larg!, scope, 'keep unknown')
  let right = scope.context.analyze.select(scope.context, rarg!, scope, 'keep unknown')
  if (left.columns.length !== right.columns.length) {
    failAt(firstPlace(rarg!), '42601', `each ${names[op]} query must have the same number of columns`)
  }
  const reference = (column: OutputColumn, slot: number): Expression => ({
    kind: 'column',
    ...column,
    location: -1,
    depth: scope.depth,
    slot,
    entry: -1,
  })
  const columns = left.columns.map((column, index) => {
    const sides = [reference(column, index), reference(right.columns[index], index)]
    const untyped = sides.every(side => side.type === unknownType)
    const type = untyped
      ? hints === 'keep unknown'
        ? unknownType
        : (hints[index] ?? textType)
      : commonType(sides, names[op])
    return {
      name: column.name,
      type,
      modifier: column.modifier === right.columns[index].modifier ? column.modifier : -1,
    }
  })
  // Literals that nothing gave a type are read again, as what the column has become.
  const types = columns.map(column => column.type)
  if (left.columns.some(isUntyped)) left = scope.context.analyze.select(scope.context, larg!, scope, types)
  if (right.columns.some(isUntyped)) right = scope.context.analyze.select(scope.context, rarg!, scope, types)
  const converted = (query: Query) => {
    if (query.columns.every((column, index) => column.type === columns[index].type)) return query.plan
    const targets = query.columns.map((column, index) =>
      compile(coerce(reference(column, index), columns[index].type, 'implicit'), scope.depth),
    )
    return new Project(query.plan, targets)
  }
  const sides = [converted(left), converted(right)] as const
  const combined =
    op === 'SETOP_UNION'
      ? all
        ? new Append(sides)
        : new Distinct(new Append(sides), types)
      : new SetOperation(sides, types, op === 'SETOP_INTERSECT' ? 'intersect' : 'except', all)
  const { plan } = finishCombined(scope, node, combined, columns)
  return { plan, columns, outerReferences: scope.outerReferences }
}

const isUntyped = (column: OutputColumn) => column.type === unknownType

/** Where the select list of a query's first part begins. */
function firstPlace(node: SelectStmt): number {
  if (node.larg) return firstPlace(node.larg)
  const row = node.valuesLists?.[0]
  return locationOf(row && 'List' in row ? row.List.items?.[0] : node.targetList?.[0])
}
