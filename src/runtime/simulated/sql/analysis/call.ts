// Calls of functions, aggregates and operators. Mirrors parse_func.c and parse_oper.c.

import type { FuncCall } from '@pgsql/types'
import type { Operator } from '../../catalog/callable.ts'
import { operatorsNamed } from '../../catalog/operators/operators.ts'
import { anyType } from '../../catalog/types/identifiers.ts'
import { textType, unknownType } from '../../catalog/types/text.ts'
import type { Type } from '../../catalog/types/type.ts'
import { type AggregateCall, type Call, type Expression, findAggregate } from '../expressions/expression.ts'
import { unsafeFunctions } from '../parallel/parallel-safety.ts'
import { failAt } from '../source.ts'
import { coerce, coerceToBoolean, tryCoerce } from './coerce.ts'
import { resolve } from './resolve.ts'
import { resolveFunction } from './resolve-function.ts'
import type { Scope } from './scope.ts'
import { stringOf } from './tree.ts'

const hint = 'You might need to add explicit type casts.'

export function resolveOperator(
  name: string,
  types: readonly Type[],
  location: number,
): { found: Operator; parameters: readonly Type[] } {
  const found = resolve(operatorsNamed(name), types)
  if ('found' in found) return found
  const left = types.length > 1 ? `${types[0].displayName} ` : ''
  const shown = `${left}${name} ${types[types.length - 1].displayName}`
  if (found.failure === 'ambiguous') {
    return failAt(location, '42725', `operator is not unique: ${shown}`, {
      hint: 'Could not choose a best candidate operator. You might need to add explicit type casts.',
    })
  }
  return failAt(location, '42883', `operator does not exist: ${shown}`, {
    hint: `No operator matches the given name and argument type${types.length > 1 ? 's' : ''}. ${types.length > 1 ? hint : 'You might need to add an explicit type cast.'}`,
  })
}

/** A text may be concatenated with anything that is not an array: it is cast to text first. */
function concatenated(name: string, operands: readonly Expression[]): readonly Expression[] {
  if (name !== '||' || operands.length !== 2) return operands
  const isText = ({ type }: Expression) => type.category === 'S' || type === unknownType
  if (operands.every(isText) || !operands.some(isText)) return operands
  return operands.map(each =>
    isText(each) || each.type.category === 'A' ? each : (tryCoerce(each, textType, 'explicit') ?? each),
  )
}

export function callOperator(name: string, written: readonly Expression[], location: number): Call {
  const operands = concatenated(name, written)
  const { found, parameters } = resolveOperator(
    name,
    operands.map(each => each.type),
    location,
  )
  return {
    kind: 'call',
    name: found.name,
    type: found.returns,
    modifier: -1,
    location,
    arguments: operands.map((each, index) => coerce(each, parameters[index], 'implicit')),
    acceptsNull: false,
    evaluate: found.evaluate,
    isVolatile: false,
    strategy: found.strategy,
    isOperator: true,
  }
}

export function callFunction(scope: Scope, node: FuncCall): Expression {
  const { args = [], location = -1 } = node
  const words = (node.funcname ?? []).map(stringOf)
  const name = words[words.length - 1]
  if (node.over) failAt(location, '0A000', 'window functions are not played yet')
  if (node.agg_within_group) failAt(location, '0A000', 'WITHIN GROUP is not played yet')
  if (node.func_variadic) failAt(location, '0A000', 'VARIADIC is not played yet')
  if (args.some(each => 'NamedArgExpr' in each)) failAt(location, '0A000', 'named arguments are not played yet')
  const values = args.map(each => scope.context.analyze.expression(scope, each))
  const { functions, version } = scope.context
  if (functions.aggregatesNamed(name).length > 0) return callAggregate(scope, node, name, values)
  if (node.agg_star || node.agg_distinct || node.agg_filter) {
    failAt(
      location,
      '42809',
      `${node.agg_star ? `${name}(*)` : node.agg_distinct ? 'DISTINCT' : 'FILTER'} specified, but ${name} is not an aggregate function`,
    )
  }
  if (functions.rowFunctionsNamed(name).length > 0) {
    failAt(location, '0A000', `${name} can only stand in FROM or at the top of a select list`)
  }
  const { found, parameters } = resolveFunction(functions.scalarsNamed(name, version), name, values, location)
  if (unsafeFunctions.has(name)) scope.context.hazard.isUnsafe = true
  return {
    kind: 'call',
    name,
    type: found.returns,
    modifier: -1,
    location,
    arguments: values.map((each, index) => coerce(each, parameters[index], 'implicit')),
    acceptsNull: found.acceptsNull ?? false,
    evaluate: 'evaluate' in found ? found.evaluate : undefined,
    session: 'session' in found ? found.session : undefined,
    wait: 'wait' in found ? found.wait : undefined,
    isVolatile: 'isVolatile' in found && found.isVolatile === true,
  }
}

function callAggregate(scope: Scope, node: FuncCall, name: string, values: readonly Expression[]): AggregateCall {
  const { location = -1, agg_star: star = false, agg_distinct: distinct = false } = node
  if (node.agg_order) failAt(location, '0A000', 'ORDER BY inside of an aggregate is not played yet')
  const nested = values.map(findAggregate).find(each => each !== undefined)
  if (nested) failAt(nested.location, '42803', 'aggregate function calls cannot be nested')
  if (values.length === 0 && !star && name === 'count') {
    failAt(location, '42809', 'count(*) must be used to call a parameterless aggregate function')
  }
  const aggregates = scope.context.functions.aggregatesNamed(name)
  const { found, parameters } = resolveFunction(aggregates, name, values, location)
  const filter = node.agg_filter && coerceToBoolean(scope.context.analyze.expression(scope, node.agg_filter), 'FILTER')
  return {
    kind: 'aggregate',
    name,
    type: found.returns,
    modifier: -1,
    location,
    arguments: values.map((each, index) =>
      parameters[index] === anyType ? each : coerce(each, parameters[index], 'implicit'),
    ),
    filter,
    distinct,
    aggregate: found.aggregate,
  }
}
