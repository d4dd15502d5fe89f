// Functions and operators as the analysis sees them: a name, the types of the arguments, the type of the result.

import type { Type, Value } from './types/type.ts'

// biome-ignore lint/suspicious/noExplicitAny: each function knows the types of its own arguments; the analysis sees to it that it gets them.
export type Evaluate = (...values: any[]) => Value

export interface Callable {
  readonly name: string
  readonly parameters: readonly Type[]
  readonly returns: Type
}

/** A function or operator that depends on its arguments alone, and gives null if one of them is. */
export interface PureFunction extends Callable {
  readonly evaluate: Evaluate
  /** Takes the last parameter any number of times. */
  readonly isVariadic?: boolean
  /** Is called with nulls too. */
  readonly acceptsNull?: boolean
}

export interface Operator extends PureFunction {
  /** For a btree search: what a comparison with the indexed column on the left asks for. */
  readonly strategy?: '<' | '<=' | '=' | '>=' | '>'
}
