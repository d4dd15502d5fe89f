// All functions by name: those that depend on their arguments alone, those of the session, aggregates, and those that
// give rows.

import type { Callable, PureFunction } from '../../catalog/callable.ts'
import { pureFunctions } from '../../catalog/functions/functions.ts'
import type { Type, Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Execution } from '../expressions/execution.ts'
import type { Aggregate, SessionEvaluate, WaitingEvaluate } from '../expressions/expression.ts'

/** A function that asks the server or the session. */
export interface SessionFunction extends Callable {
  readonly session?: SessionEvaluate
  readonly wait?: WaitingEvaluate
  readonly acceptsNull?: boolean
  readonly isVolatile?: boolean
  readonly isVariadic?: boolean
  /** The first major that has it. */
  readonly since?: number
}

export interface AggregateFunction extends Callable {
  readonly aggregate: Aggregate
}

/** Gives rows of one column. */
export interface RowFunction extends Callable {
  // biome-ignore lint/suspicious/noExplicitAny: each function knows the types of its own arguments.
  readonly rows: (execution: Execution, ...values: any[]) => Generator<Value>
}

/** Gives rows of several columns, and may wait for them; is called with nulls too. */
export interface TableFunction extends Callable {
  readonly columns: readonly { readonly name: string; readonly type: Type }[]
  readonly isVariadic?: boolean
  /** The first major that has it; missing: all have. */
  readonly since?: number
  // biome-ignore lint/suspicious/noExplicitAny: each function knows the types of its own arguments.
  readonly table: (execution: Execution, ...values: any[]) => Coroutine<Value[][]>
}

export type ScalarFunction = PureFunction | SessionFunction

export class FunctionRegistry {
  private readonly scalars = new Map<string, ScalarFunction[]>()
  private readonly aggregates = new Map<string, AggregateFunction[]>()
  private readonly rowFunctions = new Map<string, RowFunction[]>()
  private readonly tableFunctions = new Map<string, TableFunction[]>()

  constructor(functions: {
    readonly session: readonly SessionFunction[]
    readonly aggregates: readonly AggregateFunction[]
    readonly rows: readonly RowFunction[]
    readonly tables: readonly TableFunction[]
  }) {
    for (const each of [...pureFunctions, ...functions.session]) append(this.scalars, each)
    for (const each of functions.aggregates) append(this.aggregates, each)
    for (const each of functions.rows) append(this.rowFunctions, each)
    for (const each of functions.tables) append(this.tableFunctions, each)
  }

  has(name: string): boolean {
    const kinds = [this.scalars, this.aggregates, this.rowFunctions, this.tableFunctions]
    return kinds.some(kind => kind.has(name))
  }

  /** Those that this major has. */
  scalarsNamed(name: string, version: number): readonly ScalarFunction[] {
    const all = this.scalars.get(name) ?? []
    return all.filter(each => !('since' in each) || version >= (each.since ?? 0))
  }

  aggregatesNamed(name: string): readonly AggregateFunction[] {
    return this.aggregates.get(name) ?? []
  }

  /** As a server of this major has them. */
  tableFunctionsNamed(name: string, version: number): readonly TableFunction[] {
    return (this.tableFunctions.get(name) ?? []).filter(({ since = 0 }) => since <= version)
  }

  rowFunctionsNamed(name: string): readonly RowFunction[] {
    return this.rowFunctions.get(name) ?? []
  }
}

function append<F extends Callable>(map: Map<string, F[]>, each: F): void {
  const list = map.get(each.name)
  if (list) list.push(each)
  else map.set(each.name, [each])
}
