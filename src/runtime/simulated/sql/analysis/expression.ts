// Syntax trees of expressions to typed expressions. Mirrors parse_expr.c. Calls of functions and operators are in
// call.ts, subqueries in sublink.ts.

import type {
  A_Const,
  A_Expr,
  BoolExpr,
  CaseExpr,
  ColumnRef,
  Node,
  ParamRef,
  SQLValueFunction,
  TypeCast,
} from '@pgsql/types'
import { booleanType } from '../../catalog/types/boolean.ts'
import { int4Type, int8Type, narrow } from '../../catalog/types/integer.ts'
import { Numeric, numericType } from '../../catalog/types/numeric.ts'
import { textType, unknownType } from '../../catalog/types/text.ts'
import type { Type, Value } from '../../catalog/types/type.ts'
import { isArrayType } from '../../catalog/types/types.ts'
import { and, type Constant, type Expression, logical } from '../expressions/expression.ts'
import { failAt } from '../source.ts'
import { callFunction, callOperator } from './call.ts'
import { coerce, coerceToBoolean, tryCoerce, unify } from './coerce.ts'
import { analyzeArray, analyzeArrayTest, analyzeBetween, analyzeIn } from './membership.ts'
import type { Scope } from './scope.ts'
import { analyzeSublink } from './sublink.ts'
import { kindOf, locationOf, stringOf } from './tree.ts'
import { findType } from './typename.ts'

/** Names constructs that are refused, for messages. */
const refused: Readonly<Record<string, string>> = {
  RowExpr: 'ROW',
  A_Indirection: 'array subscripts and fields of rows',
  GroupingFunc: 'GROUPING',
  CollateClause: 'COLLATE',
  CurrentOfExpr: 'WHERE CURRENT OF',
  XmlExpr: 'XML',
  MultiAssignRef: 'SET (a, b) = …',
  JsonObjectConstructor: 'JSON_OBJECT',
}

export function analyzeExpression(scope: Scope, node: Node): Expression {
  if ('A_Const' in node) return analyzeConstant(node.A_Const)
  if ('ColumnRef' in node) return analyzeColumn(scope, node.ColumnRef)
  if ('ParamRef' in node) return analyzeParameter(scope, node.ParamRef)
  if ('A_Expr' in node) return analyzeOperatorExpression(scope, node.A_Expr)
  if ('BoolExpr' in node) return analyzeLogical(scope, node.BoolExpr)
  if ('FuncCall' in node) return callFunction(scope, node.FuncCall)
  if ('TypeCast' in node) return analyzeCast(scope, node.TypeCast)
  if ('SubLink' in node) return analyzeSublink(scope, node.SubLink)
  if ('NullTest' in node) {
    const { arg, nulltesttype, location = -1 } = node.NullTest
    const argument = analyzeExpression(scope, arg!)
    return {
      kind: 'test',
      type: booleanType,
      modifier: -1,
      location,
      argument,
      is: 'null',
      negated: nulltesttype === 'IS_NOT_NULL',
    }
  }
  if ('BooleanTest' in node) return analyzeBooleanTest(scope, node.BooleanTest)
  if ('CaseExpr' in node) return analyzeCase(scope, node.CaseExpr)
  if ('CoalesceExpr' in node) {
    const { args = [], location = -1 } = node.CoalesceExpr
    const parts = unify(
      args.map(each => analyzeExpression(scope, each)),
      'COALESCE',
    )
    return { kind: 'coalesce', type: parts[0].type, modifier: -1, location, arguments: parts }
  }
  if ('MinMaxExpr' in node) {
    const { args = [], op, location = -1 } = node.MinMaxExpr
    const parts = unify(
      args.map(each => analyzeExpression(scope, each)),
      op === 'IS_GREATEST' ? 'GREATEST' : 'LEAST',
    )
    return {
      kind: op === 'IS_GREATEST' ? 'greatest' : 'least',
      type: parts[0].type,
      modifier: -1,
      location,
      arguments: parts,
    }
  }
  if ('SQLValueFunction' in node) return analyzeValueFunction(scope, node.SQLValueFunction)
  if ('A_ArrayExpr' in node)
    return analyzeArray(scope, node.A_ArrayExpr.elements ?? [], node.A_ArrayExpr.location ?? -1)
  if ('SetToDefault' in node) failAt(node.SetToDefault.location, '42601', 'DEFAULT is not allowed in this context')
  const kind = kindOf(node)
  return failAt(locationOf(node), '0A000', `${refused[kind] ?? kind} is not played yet`)
}

export function constant(type: Type, value: Value, location = -1): Constant {
  return { kind: 'constant', type, modifier: -1, value, location }
}

/** The grammar gives integers that do not fit an int4, and all decimals, as their text. */
function analyzeConstant({ ival, fval, boolval, sval, bsval, isnull, location = -1 }: A_Const): Constant {
  if (isnull) return constant(unknownType, null, location)
  if (ival) return constant(int4Type, ival.ival ?? 0, location)
  if (boolval) return constant(booleanType, boolval.boolval ?? false, location)
  if (sval) return constant(unknownType, sval.sval ?? '', location)
  if (bsval) failAt(location, '0A000', 'bit strings are not played yet')
  const text = fval?.fval ?? '0'
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text)
    // The sign is an operator of its own, so the magnitude decides.
    if (value <= 9223372036854775807n && value >= -9223372036854775807n)
      return constant(int8Type, narrow(value), location)
  }
  return constant(numericType, Numeric.parse(text)!, location)
}

function analyzeColumn(scope: Scope, { fields = [], location = -1 }: ColumnRef): Expression {
  if (fields.some(field => 'A_Star' in field)) failAt(location, '42601', 'row expansion via "*" is not supported here')
  const names = fields.map(stringOf)
  if (names.length === 1) {
    const found = scope.find(names[0], location)
    if (found) return found
    if (scope.entries.some(entry => entry.name === names[0])) {
      failAt(location, '0A000', 'references to whole rows are not played yet')
    }
    return scope.failUnknownColumn(names[0], location)
  }
  const [table, column] = names.slice(-2)
  return scope.findQualified(table, column, location) ?? scope.failUnknownColumn(column, location, table)
}

function analyzeParameter(scope: Scope, { number = 0, location = -1 }: ParamRef): Expression {
  const type = scope.context.parameterTypes[number - 1]
  if (!type) failAt(location, '42P02', `there is no parameter $${number}`)
  return { kind: 'parameter', type, modifier: -1, number, location }
}

function analyzeLogical(scope: Scope, { boolop, args = [], location = -1 }: BoolExpr): Expression {
  const kind = boolop === 'AND_EXPR' ? 'and' : boolop === 'OR_EXPR' ? 'or' : 'not'
  const parts = args.map(each => coerceToBoolean(analyzeExpression(scope, each), kind.toUpperCase()))
  return logical(kind, parts, location)
}

function analyzeBooleanTest(
  scope: Scope,
  { arg, booltesttype = 'IS_TRUE', location = -1 }: { arg?: Node; booltesttype?: string; location?: number },
): Expression {
  const words = booltesttype.replaceAll('_', ' ')
  const argument = coerceToBoolean(analyzeExpression(scope, arg!), words)
  const is = words.includes('TRUE') ? 'true' : words.includes('FALSE') ? 'false' : 'null'
  return { kind: 'test', type: booleanType, modifier: -1, location, argument, is, negated: words.includes('NOT') }
}

function analyzeOperatorExpression(scope: Scope, node: A_Expr): Expression {
  const { kind, lexpr, rexpr, location = -1 } = node
  const name = stringOf(node.name!.at(-1)!)
  switch (kind) {
    case 'AEXPR_OP':
      if (lexpr && rexpr && 'RowExpr' in lexpr && 'RowExpr' in rexpr) return compareRows(scope, name, node)
      return callOperator(
        name,
        [lexpr, rexpr].flatMap(each => (each ? [analyzeExpression(scope, each)] : [])),
        location,
      )
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      if (rexpr && 'FuncCall' in rexpr) failAt(location, '0A000', 'LIKE … ESCAPE is not played yet')
      return callOperator(name, [analyzeExpression(scope, lexpr!), analyzeExpression(scope, rexpr!)], location)
    case 'AEXPR_IN':
      return analyzeIn(scope, node, name)
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM':
      return analyzeBetween(scope, node, kind)
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT': {
      const equal = callOperator('=', [analyzeExpression(scope, lexpr!), analyzeExpression(scope, rexpr!)], location)
      const same = equal.evaluate!
      const distinct = kind === 'AEXPR_DISTINCT'
      const evaluate = (a: Value, b: Value) => (a === null || b === null ? a === b : same(a, b)) !== distinct
      return { ...equal, evaluate, acceptsNull: true, strategy: undefined }
    }
    case 'AEXPR_NULLIF': {
      const [value, other] = [analyzeExpression(scope, lexpr!), analyzeExpression(scope, rexpr!)]
      const condition = callOperator('=', [value, other], location)
      const result = value.type === unknownType ? coerce(value, textType, 'implicit') : value
      return {
        kind: 'case',
        type: result.type,
        modifier: -1,
        location,
        whens: [{ condition, result: constant(result.type, null) }],
        otherwise: result,
      }
    }
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      return analyzeArrayTest(scope, node, name, kind === 'AEXPR_OP_ANY' ? 'any' : 'all')
    default:
      return failAt(location, '0A000', `${kind === 'AEXPR_SIMILAR' ? 'SIMILAR TO' : kind} is not played yet`)
  }
}

/** (a, b) = (c, d): each with each. */
function compareRows(scope: Scope, name: string, { lexpr, rexpr, location = -1 }: A_Expr): Expression {
  const left = 'RowExpr' in lexpr! ? (lexpr.RowExpr.args ?? []) : []
  const right = 'RowExpr' in rexpr! ? (rexpr.RowExpr.args ?? []) : []
  if (name !== '=') failAt(location, '0A000', `comparing rows with ${name} is not played yet`)
  if (left.length !== right.length) failAt(location, '42601', 'unequal number of entries in row expressions')
  const parts = left.map((each, index) =>
    callOperator('=', [analyzeExpression(scope, each), analyzeExpression(scope, right[index])], location),
  )
  return and(parts, location)
}

function analyzeCase(scope: Scope, { arg, args = [], defresult, location = -1 }: CaseExpr): Expression {
  const operand = arg && analyzeExpression(scope, arg)
  const branches = args.map(each => {
    const when = 'CaseWhen' in each ? each.CaseWhen : failAt(location, '0A000', 'this CASE is not played yet')
    const test = analyzeExpression(scope, when.expr!)
    const known = operand?.type === unknownType ? coerce(operand, textType, 'implicit') : operand
    const condition = known
      ? callOperator('=', [known, test], when.location ?? location)
      : coerceToBoolean(test, 'CASE/WHEN')
    return { condition, result: analyzeExpression(scope, when.result!) }
  })
  const otherwise = defresult ? analyzeExpression(scope, defresult) : constant(unknownType, null)
  const [last, ...results] = unify([otherwise, ...branches.map(branch => branch.result)], 'CASE')
  const whens = branches.map(({ condition }, index) => ({ condition, result: results[index] }))
  return { kind: 'case', type: last.type, modifier: -1, location, whens, otherwise: last }
}

function analyzeCast(scope: Scope, { arg, typeName, location = -1 }: TypeCast): Expression {
  const { type, modifier } = findType(typeName!)
  if ('A_ArrayExpr' in arg! && isArrayType(type)) {
    const elements = (arg.A_ArrayExpr.elements ?? []).map(each =>
      coerce(analyzeExpression(scope, each), type.element, 'explicit'),
    )
    return { kind: 'array', type, modifier: -1, location, arguments: elements }
  }
  const argument = analyzeExpression(scope, arg!)
  const coerced = tryCoerce(argument, type, 'explicit', modifier)
  return (
    coerced ??
    failAt(
      location >= 0 ? location : argument.location,
      '42846',
      `cannot cast type ${argument.type.displayName} to ${type.displayName}`,
    )
  )
}

const valueFunctions: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_TIMESTAMP: 'now',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_CURRENT_ROLE: 'current_user',
  SVFOP_USER: 'current_user',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_database',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
}

/** CURRENT_TIMESTAMP and the other functions that are called without parentheses. */
function analyzeValueFunction(
  scope: Scope,
  { op = 'SVFOP_CURRENT_TIMESTAMP', location = -1 }: SQLValueFunction,
): Expression {
  const name = valueFunctions[op]
  if (!name) failAt(location, '0A000', `${op.replace('SVFOP_', '')} is not played yet`)
  return callFunction(scope, { funcname: [{ String: { sval: name } }], location })
}
