// IN, BETWEEN, and tests against arrays.

import type { A_Expr, Node } from '@pgsql/types'
import { booleanType } from '../../catalog/types/boolean.ts'
import { textType, unknownType } from '../../catalog/types/text.ts'
import { arrayTypeOf, isArrayType } from '../../catalog/types/types.ts'
import { type Expression, logical } from '../expressions/expression.ts'
import { failAt } from '../source.ts'
import { callOperator, resolveOperator } from './call.ts'
import { coerce, tryCoerce, unify } from './coerce.ts'
import type { Scope } from './scope.ts'

/** x IN (a, b): an array test if all have one type, else one comparison after another. */
export function analyzeIn(scope: Scope, { lexpr, rexpr, location = -1 }: A_Expr, name: string): Expression {
  const operand = scope.context.analyze.expression(scope, lexpr!)
  const items = rexpr && 'List' in rexpr ? (rexpr.List.items ?? []) : []
  const values = items.map(each => scope.context.analyze.expression(scope, each))
  const negated = name === '<>'
  const array = values.length > 1 ? arrayOf(values, operand) : undefined
  if (array) {
    const { type: elementType } = array.arguments[0]
    const operator = resolveOperator('=', [operand.type, elementType], location)
    const test: Expression = {
      kind: 'array test',
      type: booleanType,
      modifier: -1,
      location,
      operand: coerce(operand, operator.parameters[0], 'implicit'),
      array,
      compare: operator.found.evaluate,
      quantifier: 'any',
    }
    return negated ? logical('not', [test], location) : test
  }
  const comparisons = values.map(value => callOperator(name, [operand, value], location))
  return comparisons.length === 1 ? comparisons[0] : logical(negated ? 'and' : 'or', comparisons, location)
}

function arrayOf(values: readonly Expression[], operand: Expression): (Expression & { kind: 'array' }) | undefined {
  const known = values.find(value => value.type !== unknownType)?.type
  const type = known && known !== operand.type && operand.type !== unknownType ? undefined : (known ?? operand.type)
  if (!type || type === unknownType) return undefined
  const elements = values.map(value => tryCoerce(value, type, 'implicit'))
  if (elements.some(element => !element)) return undefined
  const arrayType = arrayTypeOf(type) ?? textType
  return { kind: 'array', type: arrayType, modifier: -1, location: -1, arguments: elements as Expression[] }
}

export function analyzeBetween(scope: Scope, { lexpr, rexpr, location = -1 }: A_Expr, kind: string): Expression {
  const [low, high] = rexpr && 'List' in rexpr ? (rexpr.List.items ?? []) : []
  const value = scope.context.analyze.expression(scope, lexpr!)
  const [least, most] = [scope.context.analyze.expression(scope, low), scope.context.analyze.expression(scope, high)]
  const inside = (from: Expression, to: Expression) =>
    logical('and', [callOperator('>=', [value, from], location), callOperator('<=', [value, to], location)], location)
  const outside = (from: Expression, to: Expression) =>
    logical('or', [callOperator('<', [value, from], location), callOperator('>', [value, to], location)], location)
  if (kind === 'AEXPR_BETWEEN') return inside(least, most)
  if (kind === 'AEXPR_NOT_BETWEEN') return outside(least, most)
  if (kind === 'AEXPR_BETWEEN_SYM') return logical('or', [inside(least, most), inside(most, least)], location)
  return logical('and', [outside(least, most), outside(most, least)], location)
}

export function analyzeArrayTest(
  scope: Scope,
  { lexpr, rexpr, location = -1 }: A_Expr,
  name: string,
  quantifier: 'any' | 'all',
): Expression {
  const operand = scope.context.analyze.expression(scope, lexpr!)
  let array = scope.context.analyze.expression(scope, rexpr!)
  if (array.type === unknownType) {
    const type = arrayTypeOf(operand.type === unknownType ? textType : operand.type)
    if (type) array = coerce(array, type, 'implicit')
  }
  if (!isArrayType(array.type)) failAt(location, '42809', `op ANY/ALL (array) requires array on right side`)
  const operator = resolveOperator(name, [operand.type, array.type.element], location)
  if (operator.parameters[1] !== array.type.element) {
    failAt(location, '0A000', 'comparing with an array of another type is not played yet')
  }
  return {
    kind: 'array test',
    type: booleanType,
    modifier: -1,
    location,
    operand: coerce(operand, operator.parameters[0], 'implicit'),
    array,
    compare: operator.found.evaluate,
    quantifier,
  }
}

export function analyzeArray(scope: Scope, elements: readonly Node[], location: number): Expression {
  if (elements.length === 0)
    failAt(location, '42P18', 'cannot determine type of empty array', {
      hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
    })
  const parts = unify(
    elements.map(each => scope.context.analyze.expression(scope, each)),
    'ARRAY',
  )
  const type = arrayTypeOf(parts[0].type)
  if (!type) failAt(location, '0A000', `arrays of ${parts[0].type.displayName} are not played yet`)
  return { kind: 'array', type, modifier: -1, location, arguments: parts }
}
