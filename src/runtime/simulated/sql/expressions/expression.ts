// Typed expressions: what analysis makes of a syntax tree, with every name, function and cast decided. compile.ts turns
// them into closures.

import type { Evaluate } from '../../catalog/callable.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import type { Type, Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { PlanNode } from '../plan/node.ts'
import type { Execution } from './execution.ts'

/** What a function of a session computes; given nulls only where it `acceptsNull`. */
// biome-ignore lint/suspicious/noExplicitAny: each function knows the types of its own arguments.
export type SessionEvaluate = (execution: Execution, ...values: any[]) => Value
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type WaitingEvaluate = (execution: Execution, ...values: any[]) => Coroutine<Value>

interface Common {
  readonly type: Type
  /** typmod of the result, -1 if it has none. */
  readonly modifier: number
  /** Byte offset in the template; -1 if it stands for nothing that was written. */
  readonly location: number
}

export interface Constant extends Common {
  readonly kind: 'constant'
  readonly value: Value
}

/** A literal that comes with each execution. */
export interface Parameter extends Common {
  readonly kind: 'parameter'
  /** `$1` is 1. */
  readonly number: number
  /** What the literal becomes, once an execution; missing if it stays. */
  readonly convert?: (value: Value) => Value
}

/** A column of a row: of this query's FROM, or of an outer one's. */
export interface ColumnReference extends Common {
  readonly kind: 'column'
  /** How deep its query stands: 0 is the outermost. */
  readonly depth: number
  readonly slot: number
  /** Which range table entry, for the planner; -1 in rows that are not of a FROM. */
  readonly entry: number
  readonly name: string
}

export interface Call extends Common {
  readonly kind: 'call'
  readonly name: string
  readonly arguments: readonly Expression[]
  readonly acceptsNull: boolean
  readonly evaluate?: Evaluate
  readonly session?: SessionEvaluate
  readonly wait?: WaitingEvaluate
  /** Gives another result each time. */
  readonly isVolatile: boolean
  /** For comparisons: what a btree could search by. */
  readonly strategy?: '<' | '<=' | '=' | '>=' | '>'
  readonly isOperator?: boolean
  /** A cast that was not written. */
  readonly isImplicitCast?: boolean
}

export interface Logical extends Common {
  readonly kind: 'and' | 'or' | 'not'
  readonly arguments: readonly Expression[]
}

/** IS [NOT] NULL, TRUE, FALSE, UNKNOWN. */
export interface Test extends Common {
  readonly kind: 'test'
  readonly argument: Expression
  readonly is: 'null' | 'true' | 'false'
  readonly negated: boolean
}

export interface Case extends Common {
  readonly kind: 'case'
  readonly whens: readonly { readonly condition: Expression; readonly result: Expression }[]
  readonly otherwise: Expression
}

export interface Coalesce extends Common {
  readonly kind: 'coalesce'
  readonly arguments: readonly Expression[]
}

/** GREATEST, LEAST. */
export interface MinMax extends Common {
  readonly kind: 'greatest' | 'least'
  readonly arguments: readonly Expression[]
}

export interface ArrayLiteral extends Common {
  readonly kind: 'array'
  readonly arguments: readonly Expression[]
}

/** x = ANY (array), x <> ALL (array). */
export interface ArrayTest extends Common {
  readonly kind: 'array test'
  readonly operand: Expression
  readonly array: Expression
  readonly compare: Evaluate
  readonly quantifier: 'any' | 'all'
}

export interface Subquery extends Common {
  readonly kind: 'subquery'
  readonly form: 'scalar' | 'exists' | 'any' | 'all' | 'array'
  readonly plan: PlanNode
  /** Depth of the query that it stands in: its row is what the subquery sees at that depth. */
  readonly depth: number
  /** Whether it reads rows of outer queries: then it runs once a row, else once an execution. */
  readonly correlated: boolean
  /** any, all: what the rows are compared with, and how. */
  readonly operand?: Expression
  readonly compare?: Evaluate
  /** References of the subquery to the rows of outer queries. */
  readonly outerReferences: readonly ColumnReference[]
}

/** Stands in a target list or HAVING; the planner puts its result into a slot. */
export interface AggregateCall extends Common {
  readonly kind: 'aggregate'
  readonly name: string
  readonly arguments: readonly Expression[]
  readonly filter: Expression | undefined
  readonly distinct: boolean
  readonly aggregate: Aggregate
}

/** How an aggregate is computed: a state for each group. */
export interface Aggregate {
  readonly start: () => unknown
  /** Gives the next state; called without nulls unless `acceptsNull`. */
  readonly step: (state: never, value: never) => unknown
  readonly finish: (state: never) => Value
  /** Of the states of two sets of rows, that of both; missing: there is none. */
  readonly combine?: (one: never, other: never) => unknown
  readonly acceptsNull?: boolean
}

export type Expression =
  | Constant
  | Parameter
  | ColumnReference
  | Call
  | Logical
  | Test
  | Case
  | Coalesce
  | MinMax
  | ArrayLiteral
  | ArrayTest
  | Subquery
  | AggregateCall

/** The expressions right under one, without those inside of subqueries. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'constant':
    case 'parameter':
    case 'column':
      return []
    case 'test':
      return [expression.argument]
    case 'case':
      return [...expression.whens.flatMap(when => [when.condition, when.result]), expression.otherwise]
    case 'array test':
      return [expression.operand, expression.array]
    case 'subquery':
      return expression.operand ? [expression.operand, ...expression.outerReferences] : expression.outerReferences
    case 'aggregate':
      return expression.filter ? [...expression.arguments, expression.filter] : expression.arguments
    default:
      return expression.arguments
  }
}

export function walk(expression: Expression, visit: (expression: Expression) => void): void {
  visit(expression)
  for (const child of childrenOf(expression)) walk(child, visit)
}

export function some(expression: Expression, test: (expression: Expression) => boolean): boolean {
  return test(expression) || childrenOf(expression).some(child => some(child, test))
}

/** A copy in which `replace` has put others in the place of those it gives something for. */
export function rewrite(
  expression: Expression,
  replace: (expression: Expression) => Expression | undefined,
): Expression {
  const replacement = replace(expression)
  if (replacement) return replacement
  const each = (child: Expression) => rewrite(child, replace)
  switch (expression.kind) {
    case 'constant':
    case 'parameter':
    case 'column':
      return expression
    case 'test':
      return { ...expression, argument: each(expression.argument) }
    case 'case':
      return {
        ...expression,
        whens: expression.whens.map(when => ({ condition: each(when.condition), result: each(when.result) })),
        otherwise: each(expression.otherwise),
      }
    case 'array test':
      return { ...expression, operand: each(expression.operand), array: each(expression.array) }
    case 'subquery':
      return expression.operand ? { ...expression, operand: each(expression.operand) } : expression
    default:
      return { ...expression, arguments: expression.arguments.map(each) } as Expression
  }
}

/** An aggregate in it, outside of subqueries. */
export function findAggregate(expression: Expression): Expression | undefined {
  let found: Expression | undefined
  some(expression, each => {
    if (each.kind === 'aggregate') found = each
    return each.kind === 'aggregate'
  })
  return found
}

/** Where an expression begins: of operators, the first operand. Mirrors exprLocation. */
export function placeOf(expression: Expression): number {
  const { location, kind } = expression
  if (kind === 'case' || kind === 'subquery' || kind === 'aggregate') return location
  const places = [location, ...childrenOf(expression).map(placeOf)].filter(place => place >= 0)
  return places.length === 0 ? -1 : Math.min(...places)
}

export function logical(kind: Logical['kind'], parts: readonly Expression[], location: number): Logical {
  return { kind, type: booleanType, modifier: -1, location, arguments: parts }
}

export function and(parts: readonly Expression[], location = -1): Expression {
  return parts.length === 1 ? parts[0] : logical('and', parts, location)
}
