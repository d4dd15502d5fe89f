// Brings an expression to a type: implicitly, in an assignment, or because a cast was written. Mirrors parse_coerce.c.

import { type CastContext, findCast } from '../../catalog/casts.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import { anyType, regclassType } from '../../catalog/types/identifiers.ts'
import { textType, unknownType } from '../../catalog/types/text.ts'
import type { Type, Value } from '../../catalog/types/type.ts'
import { formatType } from '../../catalog/types/types.ts'
import { type Call, type Expression, placeOf, type SessionEvaluate } from '../expressions/expression.ts'
import { regclassInput, regclassOutput } from '../functions/regclass.ts'
import { at, failAt } from '../source.ts'

/** Undefined if PostgreSQL would not do it in this context. */
export function tryCoerce(
  expression: Expression,
  type: Type,
  context: CastContext,
  modifier = -1,
): Expression | undefined {
  const coerced = coerceType(expression, type, context)
  return coerced && applyModifier(coerced, modifier, context === 'explicit')
}

export function coerce(expression: Expression, type: Type, context: CastContext, modifier = -1): Expression {
  return (
    tryCoerce(expression, type, context, modifier) ??
    failAt(placeOf(expression), '42846', `cannot cast type ${expression.type.displayName} to ${type.displayName}`)
  )
}

function coerceType(expression: Expression, type: Type, context: CastContext): Expression | undefined {
  const from = expression.type
  if (from === type) return expression
  if (from === unknownType) return coerceUnknown(expression, type)
  if (type === anyType) return convertWith(expression, anyType, textOf(from), true)
  if (from === regclassType && type.category === 'S' && context !== 'implicit') {
    return { ...convertWith(expression, type, undefined, false), session: regclassOutput, evaluate: undefined }
  }
  if (type === regclassType && from.category === 'S') {
    return {
      ...convertWith(expression, type, undefined, context !== 'explicit'),
      session: regclassInput,
      evaluate: undefined,
    }
  }
  const cast = findCast(from, type, context)
  if (!cast) return undefined
  const written = context === 'explicit'
  if (expression.kind === 'parameter') return convertParameter(expression, type, cast.convert)
  if (expression.kind === 'constant' && expression.value !== null && cast.convert) {
    const { convert } = cast
    return { ...expression, type, modifier: -1, value: convert(expression.value) }
  }
  return convertWith(expression, type, cast.convert, !written)
}

/** The name of a relation that does not exist is reported where it stands. */
function regclassInputAt(location: number): SessionEvaluate {
  return (execution, text: string) => at(location, () => regclassInput(execution, text))
}

function textOf(type: Type): (value: Value) => Value {
  return type.output
}

/** A literal of unknown type is read as one of this type, as if it had been written so. */
function coerceUnknown(expression: Expression, type: Type): Expression | undefined {
  if (type === anyType) return { ...expression, type: textType } as Expression
  if (type === regclassType) {
    return {
      ...convertWith({ ...expression, type: textType } as Expression, type, undefined, true),
      session: regclassInputAt(expression.location),
      evaluate: undefined,
    }
  }
  if (expression.kind === 'constant') {
    if (expression.value === null) return { ...expression, type }
    const value = at(expression.location, () => type.input(expression.value as string))
    return { ...expression, type, value }
  }
  if (expression.kind === 'parameter') {
    const { location } = expression
    return convertParameter(expression, type, (text: string) => at(location, () => type.input(text)))
  }
  return convertWith(expression, type, type.input as Call['evaluate'], true)
}

/** A parameter is converted where it stands: what reads it more than once, such as a scan's bounds, reads it once itself. */
function convertParameter(
  parameter: Extract<Expression, { kind: 'parameter' }>,
  type: Type,
  convert?: (value: never) => Value,
): Expression {
  if (!convert) return { ...parameter, type, modifier: -1 }
  const before = parameter.convert
  return {
    ...parameter,
    type,
    modifier: -1,
    convert: before ? (value: Value) => convert(before(value) as never) : (convert as (value: Value) => Value),
  }
}

function convertWith(expression: Expression, type: Type, evaluate: Call['evaluate'], isImplicitCast: boolean): Call {
  return {
    kind: 'call',
    name: type.name,
    type,
    modifier: -1,
    location: expression.location,
    arguments: [expression],
    acceptsNull: false,
    evaluate: evaluate ?? (value => value),
    isVolatile: false,
    isImplicitCast,
  }
}

function applyModifier(expression: Expression, modifier: number, isExplicit: boolean): Expression {
  const { type } = expression
  if (modifier < 0 || modifier === expression.modifier || !type.applyModifier) return expression
  const apply = (value: Value) => type.applyModifier!(value, modifier, isExplicit)
  if (expression.kind === 'constant') {
    return expression.value === null
      ? { ...expression, modifier }
      : { ...expression, value: apply(expression.value), modifier }
  }
  return { ...convertWith(expression, type, apply, !isExplicit), modifier }
}

/** For INSERT and UPDATE: fails as PostgreSQL does where the types do not fit. */
export function coerceForAssignment(expression: Expression, type: Type, modifier: number, column: string): Expression {
  return (
    tryCoerce(expression, type, 'assignment', modifier) ??
    failAt(
      placeOf(expression),
      '42804',
      `column "${column}" is of type ${formatType(type)} but expression is of type ${expression.type.displayName}`,
      { hint: 'You will need to rewrite or cast the expression.' },
    )
  )
}

/** The type that several expressions (of CASE, COALESCE, VALUES, UNION) have in common. Mirrors select_common_type. */
export function commonType(expressions: readonly Expression[], what: string): Type {
  let chosen: Type | undefined
  for (const expression of expressions) {
    const { type } = expression
    if (type === unknownType || type === chosen) continue
    if (!chosen) chosen = type
    else if (type.category !== chosen.category) {
      failAt(
        placeOf(expression),
        '42804',
        `${what} types ${chosen.displayName} and ${type.displayName} cannot be matched`,
      )
    } else if (!chosen.isPreferred && findCast(chosen, type, 'implicit') && !findCast(type, chosen, 'implicit')) {
      chosen = type
    }
  }
  return chosen ?? textType
}

/** Brings them all to their common type. */
export function unify(expressions: readonly Expression[], what: string): Expression[] {
  const type = commonType(expressions, what)
  return expressions.map(
    each =>
      tryCoerce(each, type, 'implicit') ??
      failAt(placeOf(each), '42846', `${what} could not convert type ${each.type.displayName} to ${type.displayName}`),
  )
}

/** A condition must be boolean. */
export function coerceToBoolean(expression: Expression, construct: string): Expression {
  const type = booleanType
  return (
    (expression.type === type ? expression : tryCoerce(expression, type, 'assignment')) ??
    failAt(
      placeOf(expression),
      '42804',
      `argument of ${construct} must be type boolean, not type ${expression.type.displayName}`,
    )
  )
}
