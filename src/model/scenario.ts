// The scenario as a tree that knows no words: both spellings give the same one. Every node has its span.
// `dsl` builds it, `runtime` plays it, `checks` reads its formulas.

import type { SourceFile, Span } from './source.ts'

/** The closed list of prepositions, in the order in which they are printed unless a word says otherwise. */
export const prepositions = [
  'on',
  'of',
  'from',
  'to',
  'between',
  'via',
  'within',
  'with',
  'for',
  'as',
  'times',
  'every',
  'over',
] as const
export type Preposition = (typeof prepositions)[number]

/**
 * A value, read as its parameter's type demands; `text` is the source's own spelling.
 * Durations are nanoseconds, sizes bytes, bandwidths bytes per second, percentages 0 to 100.
 */
export type Value =
  | {
      readonly type: 'duration' | 'size' | 'bandwidth' | 'percent' | 'number'
      readonly number: number
      readonly text: string
      readonly span: Span
    }
  | { readonly type: 'text' | 'keyword' | 'name'; readonly text: string; readonly span: Span }
  | { readonly type: 'boolean'; readonly boolean: boolean; readonly text: string; readonly span: Span }
  | {
      readonly type: 'reference'
      readonly name: string
      readonly index?: number
      readonly random?: boolean
      readonly text: string
      readonly span: Span
    }
  | {
      readonly type: 'step'
      readonly name: string
      readonly markers: readonly string[]
      readonly text: string
      readonly span: Span
    }
  | { readonly type: 'moment'; readonly moment: Moment; readonly text: string; readonly span: Span }

/** A place in the trace. `offset` is in nanoseconds and may be negative; `random` is drawn once a run from the seed. */
export type Moment = { readonly offset: number; readonly span: Span } & (
  | { readonly from: 'start' | 'end' }
  | { readonly from: 'label'; readonly label: string; readonly done: boolean }
  | { readonly from: 'random'; readonly low: number; readonly high: number }
)

export interface Setting {
  readonly name: string
  readonly nameSpan: Span
  readonly values: readonly Value[]
}

/** SQL or a pgbench script, with its common indentation removed. */
export interface Script {
  readonly text: string
  readonly span: Span
  /** For each line of `text`, the offset in the source at which it begins. */
  readonly lineStarts: readonly number[]
}

export interface Statement {
  /** `do` for a lead with nothing but a block: its statements strike in order at that one moment. */
  readonly word: string
  readonly wordSpan: Span
  readonly span: Span
  readonly at?: Moment
  readonly when?: Expression
  readonly about: readonly Value[]
  readonly parameters: Readonly<Partial<Record<Preposition, readonly Value[]>>>
  readonly that?: Formula
  readonly settings: readonly Setting[]
  readonly body: readonly Statement[]
  readonly script?: Script
}

export type Quantifier = 'always' | 'never' | 'eventually'

export interface Formula {
  /** Missing: the expression is to be true at the window's last instant. */
  readonly quantifier?: Quantifier
  readonly expression: Expression
  readonly span: Span
  /** As the person wrote it, for the verdict. */
  readonly text: string
}

export type BinaryOperator =
  | 'or'
  | 'and'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '~'
  | '!~'
  | '~*'
  | '!~*'
  | '+'
  | '-'
  | '*'
  | '/'

export interface PathSegment {
  readonly name: string
  readonly index?: number
}

export type Expression = { readonly span: Span } & (
  | {
      readonly kind: 'literal'
      readonly dimension: 'number' | 'duration' | 'size' | 'bandwidth' | 'percent'
      readonly value: number
    }
  | { readonly kind: 'literal'; readonly dimension: 'text'; readonly value: string }
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'path'; readonly segments: readonly PathSegment[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Argument[] }
  | { readonly kind: 'unary'; readonly operator: 'not' | '-' | '+'; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly choices: readonly Expression[] }
)

export interface Argument {
  readonly expression: Expression
  readonly where?: Expression
}

/** One variant of a scenario: parameters are replaced by their values. */
export interface Scenario {
  readonly source: SourceFile
  readonly title: string
  readonly teaches: readonly string[]
  /** PostgreSQL's major version. */
  readonly postgres: 15 | 16 | 17 | 18
  readonly seed: number
  readonly ends?: Moment
  /** The parameters of this variant, in the order of their declaration. */
  readonly variant: Readonly<Record<string, string>>
  readonly cluster: readonly Statement[]
  readonly clients: readonly Statement[]
  readonly timeline: readonly Statement[]
  readonly checks: readonly Statement[]
}
