// Select lists and RETURNING: expressions with their names, * spread out.

import type { ColumnRef, Node } from '@pgsql/types'
import type { Expression } from '../expressions/expression.ts'
import type { RowFunction } from '../functions/registry.ts'
import { failAt } from '../source.ts'
import { coerce } from './coerce.ts'
import { analyzeExpression } from './expression.ts'
import { resolveFunction } from './resolve-function.ts'
import type { Scope } from './scope.ts'
import { stringOf } from './tree.ts'

export interface Target {
  readonly name: string
  readonly expression: Expression
  /** A function that gives rows; `expression` then only has the type. */
  readonly rows?: { readonly rowFunction: RowFunction; readonly arguments: readonly Expression[] }
}

export function analyzeTargets(scope: Scope, nodes: readonly Node[], allow: { readonly rows: boolean }): Target[] {
  return nodes.flatMap(node => {
    if (!('ResTarget' in node)) return []
    const { name, val } = node.ResTarget
    if ('ColumnRef' in val! && isStar(val.ColumnRef)) return spread(scope, val.ColumnRef)
    const rows = allow.rows ? analyzeRowFunction(scope, val!) : undefined
    return [{ name: name ?? nameOf(val!), ...(rows ?? { expression: analyzeExpression(scope, val!) }) }]
  })
}

function analyzeRowFunction(scope: Scope, node: Node): Omit<Target, 'name'> | undefined {
  if (!('FuncCall' in node)) return undefined
  const { funcname = [], args = [], location = -1 } = node.FuncCall
  const name = stringOf(funcname[funcname.length - 1])
  const candidates = scope.context.functions.rowFunctionsNamed(name)
  if (candidates.length === 0) return undefined
  const values = args.map(each => analyzeExpression(scope, each))
  const { found, parameters } = resolveFunction(candidates, name, values, location)
  const expression: Expression = { kind: 'constant', type: found.returns, modifier: -1, value: null, location }
  return {
    expression,
    rows: { rowFunction: found, arguments: values.map((each, index) => coerce(each, parameters[index], 'implicit')) },
  }
}

function isStar({ fields = [] }: ColumnRef): boolean {
  return fields.some(field => 'A_Star' in field)
}

function spread(scope: Scope, { fields = [], location = -1 }: ColumnRef): Target[] {
  if (fields.length === 1) {
    if (scope.entries.length === 0) failAt(location, '42601', 'SELECT * with no tables specified is not valid')
    return scope.visible.map(({ name, entry, attribute }) => ({
      name,
      expression: scope.reference(entry, attribute, location),
    }))
  }
  const entry = scope.entryNamed(stringOf(fields[fields.length - 2]), location)
  return entry.columns.map(({ name }, attribute) => ({ name, expression: scope.reference(entry, attribute, location) }))
}

/** The name that PostgreSQL gives an output column without AS. Mirrors FigureColname. */
function nameOf(node: Node): string {
  return guess(node)?.name ?? '?column?'
}

interface Guess {
  readonly name: string
  /** A type's name gives way to a better one inside. */
  readonly isWeak: boolean
}

const strong = (name: string): Guess => ({ name, isWeak: false })

const valueNames: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_CURRENT_ROLE: 'current_role',
  SVFOP_USER: 'user',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_catalog',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
}

function guess(node: Node): Guess | undefined {
  if ('ColumnRef' in node) return strong(stringOf(node.ColumnRef.fields!.at(-1)!))
  if ('FuncCall' in node) return strong(stringOf(node.FuncCall.funcname!.at(-1)!))
  if ('CoalesceExpr' in node) return strong('coalesce')
  if ('MinMaxExpr' in node) return strong(node.MinMaxExpr.op === 'IS_GREATEST' ? 'greatest' : 'least')
  if ('A_ArrayExpr' in node) return strong('array')
  if ('SQLValueFunction' in node) return strong(valueNames[node.SQLValueFunction.op ?? ''] ?? '?column?')
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? strong('nullif') : undefined
  if ('TypeCast' in node) {
    const inner = guess(node.TypeCast.arg!)
    if (inner && !inner.isWeak) return inner
    return { name: stringOf(node.TypeCast.typeName!.names!.at(-1)!), isWeak: true }
  }
  if ('CaseExpr' in node) {
    const inner = node.CaseExpr.defresult && guess(node.CaseExpr.defresult)
    return inner && !inner.isWeak ? inner : { name: 'case', isWeak: true }
  }
  if ('SubLink' in node) {
    if (node.SubLink.subLinkType === 'EXISTS_SUBLINK') return strong('exists')
    if (node.SubLink.subLinkType === 'ARRAY_SUBLINK') return strong('array')
    const select = node.SubLink.subselect
    const first = select && 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined
    if (node.SubLink.subLinkType !== 'EXPR_SUBLINK' || !first || !('ResTarget' in first)) return undefined
    return strong(first.ResTarget.name ?? nameOf(first.ResTarget.val!))
  }
  return undefined
}
