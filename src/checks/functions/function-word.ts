// What a function of the expression language is: its definition, and how it compiles a call.

import type { Expression } from '../../model/scenario.ts'
import type { TraceEvent } from '../../model/trace.ts'
import type { Dimension, FunctionDefinition } from '../../model/vocabulary.ts'
import type { Compiler } from '../expression/compile.ts'
import type { Compiled } from '../expression/context.ts'
import type { CompiledSet } from '../expression/set.ts'

export type Call = Extract<Expression, { kind: 'call' }>

export interface CompiledCall extends Compiled {
  /** Says more than the value does: what was found, what is missing. */
  explain?(): string | undefined
}

export interface FunctionWord {
  readonly definition: FunctionDefinition
  compile(call: Call, compiler: Compiler): CompiledCall
}

/** A few of the events that made a value: the newest ones. */
export class Evidence {
  readonly sequences: number[] = []

  add(event: TraceEvent): void {
    if (this.sequences.push(event.sequence) > 8) this.sequences.shift()
  }
}

/** Observes one set, and tells of each element. */
export function observeSet(compiler: Compiler, set: CompiledSet, onElement: (event: TraceEvent) => void): void {
  const evidence = new Evidence()
  compiler.context.observers.push({
    kinds: set.kinds,
    windowed: true,
    evidence: evidence.sequences,
    feed(event) {
      if (!set.contains(event)) return false
      onElement(event)
      evidence.add(event)
      return true
    },
  })
}

/** A set of events; complains of sets of things, which can only be counted. */
export function eventSetOf(call: Call, at: number, compiler: Compiler): CompiledSet | undefined {
  const set = compiler.set(call.arguments[at], call)
  if (set?.state === undefined) return set
  const { span } = call.arguments[at].expression
  compiler.context.complain('wrong-type', span, `${set.text} can only be counted`, `count(${set.text})`)
  return undefined
}

/** The field that a call names, with its dimension; complains if elements have none of that name or it is no number. */
export function numericFieldOf(
  call: Call,
  at: number,
  set: CompiledSet,
  compiler: Compiler,
): { readonly name: string; readonly dimension: Dimension } | undefined {
  const { expression } = call.arguments[at]
  const name = expression.kind === 'path' && expression.segments.length === 1 ? expression.segments[0].name : undefined
  if (name === undefined || !Object.hasOwn(set.fields, name)) {
    const help = `there are ${Object.keys(set.fields).join(', ')}`
    compiler.context.complain('unknown-subject', expression.span, `${call.name} needs a field of ${set.text}`, help)
    return undefined
  }
  const dimension = set.fields[name]
  if (dimension === 'text' || dimension === 'thing' || dimension === 'boolean') {
    compiler.context.complain('wrong-type', expression.span, `${call.name} needs numbers, ${name} is none`)
    return undefined
  }
  return { name, dimension }
}
