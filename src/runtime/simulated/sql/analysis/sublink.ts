// Subqueries inside of expressions: scalar, EXISTS, IN, ANY, ALL, ARRAY.

import type { SubLink } from '@pgsql/types'
import { booleanType } from '../../catalog/types/boolean.ts'
import { textType } from '../../catalog/types/text.ts'
import type { Type } from '../../catalog/types/type.ts'
import { arrayTypeOf } from '../../catalog/types/types.ts'
import type { Expression, Subquery } from '../expressions/expression.ts'
import { failAt } from '../source.ts'
import { resolveOperator } from './call.ts'
import { coerce } from './coerce.ts'
import type { Scope } from './scope.ts'
import { stringOf } from './tree.ts'

export function analyzeSublink(scope: Scope, node: SubLink): Expression {
  const { subLinkType, subselect, testexpr, operName = [], location = -1 } = node
  if (!subselect || !('SelectStmt' in subselect)) return failAt(location, '0A000', 'this subquery is not played yet')
  const query = scope.context.analyze.select(scope.context, subselect.SelectStmt, scope)
  const common = {
    kind: 'subquery',
    modifier: -1,
    location,
    plan: query.plan,
    depth: scope.depth,
    correlated: query.outerReferences.length > 0,
    outerReferences: query.outerReferences,
  } as const
  if (subLinkType === 'EXISTS_SUBLINK') return { ...common, form: 'exists', type: booleanType }
  if (query.columns.length !== 1) {
    const tooMany = subLinkType === 'ANY_SUBLINK' || subLinkType === 'ALL_SUBLINK'
    return failAt(location, '42601', tooMany ? 'subquery has too many columns' : 'subquery must return only one column')
  }
  const [column] = query.columns
  switch (subLinkType) {
    case 'EXPR_SUBLINK':
      return { ...common, form: 'scalar', type: column.type, modifier: column.modifier }
    case 'ARRAY_SUBLINK': {
      const type = arrayTypeOf(column.type)
      if (!type) failAt(location, '0A000', `arrays of ${column.type.displayName} are not played yet`)
      return { ...common, form: 'array', type }
    }
    case 'ANY_SUBLINK':
    case 'ALL_SUBLINK': {
      if (!testexpr || 'RowExpr' in testexpr)
        return failAt(location, '0A000', 'comparing rows with a subquery is not played yet')
      const name = operName.length > 0 ? stringOf(operName[operName.length - 1]) : '='
      const operand = scope.context.analyze.expression(scope, testexpr)
      return quantified(
        { ...common, form: subLinkType === 'ANY_SUBLINK' ? 'any' : 'all', type: booleanType },
        operand,
        name,
        column.type,
      )
    }
    default:
      return failAt(location, '0A000', `${subLinkType} is not played yet`)
  }
}

/** The operand is brought to the operator's type; the subquery's column has to be of it, but for binary-alike texts and integers. */
function quantified(subquery: Subquery, operand: Expression, name: string, column: Type): Subquery {
  const { found, parameters } = resolveOperator(name, [operand.type, column], subquery.location)
  const { evaluate } = found
  const reference: Expression = {
    kind: 'column',
    type: column,
    modifier: -1,
    location: -1,
    depth: -1,
    slot: 0,
    entry: -1,
    name: '',
  }
  const converted = coerce(reference, parameters[1], 'implicit')
  const convert =
    converted.kind === 'call' && column !== parameters[1] && column !== textType ? converted.evaluate : undefined
  return {
    ...subquery,
    operand: coerce(operand, parameters[0], 'implicit'),
    compare: convert ? (value, each) => evaluate(value, convert(each)) : evaluate,
  }
}
