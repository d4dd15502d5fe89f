// What the parts of one expression share while it is compiled, and afterwards while it is fed: the observers that hold
// its values, the queries that it asks, and the clock. Complaints are collected; an expression that drew none is fit to run.

import type { Diagnostic, DiagnosticCode } from '../../model/diagnostic.ts'
import type { SourceFile, Span } from '../../model/source.ts'
import type { EventKind, TraceEvent } from '../../model/trace.ts'
import type { Dimension } from '../../model/vocabulary.ts'
import type { NodeQuery, Scalar } from '../monitor.ts'
import type { Scope } from '../scope.ts'
import { Presence, type SubjectThing } from '../subjects/presence.ts'
import type { Target } from '../subjects/subject.ts'

/** An element of a set, seen by its `where`. */
export type Element = Readonly<Record<string, unknown>>

export interface Compiled {
  readonly dimension: Dimension
  evaluate(element?: Element): Scalar
}

/** Something that is fed events and holds a value of the expression. */
export interface Observer {
  readonly kinds: readonly EventKind[]
  /** Fed only while the window is open; otherwise from the start of the run. */
  readonly windowed: boolean
  /** Gives whether the value may be another now. */
  feed(event: TraceEvent): boolean
  /** Sequence numbers of the events that made the value, a few of them. */
  readonly evidence?: readonly number[]
}

/** A part whose value a verdict shows. */
export interface Leaf extends Compiled {
  readonly text: string
  /** Says more than the value does: what was found, what is missing. */
  explain?(): string | undefined
}

export interface QueryCell {
  readonly query: NodeQuery
  value: Scalar
  failure: string | undefined
}

export class Context {
  readonly source: SourceFile
  readonly scope: Scope
  readonly diagnostics: Diagnostic[] = []
  readonly observers: Observer[] = []
  readonly presences = new Map<string, Presence>()
  readonly leaves: Leaf[] = []
  readonly queries: QueryCell[] = []
  ledger = false
  /** The time of the instant that is evaluated. */
  now = 0
  /** The run's end, once it is known. */
  end: number | undefined

  /** Kinds that the engine tells; undefined where any may be. */
  private readonly told: ReadonlySet<EventKind> | undefined

  constructor(source: SourceFile, scope: Scope, told?: ReadonlySet<EventKind>) {
    this.source = source
    this.scope = scope
    this.told = told
  }

  /** Complains where the engine never tells what a part of the expression is made of. */
  requireTold(kinds: readonly EventKind[], span: Span): void {
    const missing = this.told && kinds.filter(kind => !this.told!.has(kind))
    if (missing === undefined || missing.length === 0) return
    const help = `nothing tells of ${missing.join(', ')}`
    this.complain('not-modelled', span, `${this.textOf(span)} cannot be observed here`, help)
  }

  complain(code: DiagnosticCode, span: Span, message: string, help?: string): void {
    this.diagnostics.push(help === undefined ? { code, span, message } : { code, span, message, help })
  }

  textOf(span: Span): string {
    return this.source.text.slice(span.start, span.end).replaceAll(/\s+/g, ' ')
  }

  requirePresence(of: SubjectThing, target: Target): void {
    const key = `${of} ${target.name}[${target.index ?? ''}]`
    if (!this.presences.has(key)) this.presences.set(key, new Presence(of, target))
  }
}

/** Stands for a part that was complained of. */
export const broken: Compiled = { dimension: 'any', evaluate: () => null }
