// An expression that is fed events: routes each to the observers that it can change, and evaluates at the instant.

import type { Expression, Scenario } from '../../model/scenario.ts'
import type { EventKind, TraceEvent } from '../../model/trace.ts'
import type { Ask, Scalar } from '../monitor.ts'
import { scopeOf } from '../scope.ts'
import type { Presence } from '../subjects/presence.ts'
import { formatValue, truthOf } from '../values.ts'
import { compileExpression } from './compile.ts'
import { type Compiled, Context, type Observer } from './context.ts'

export class ObservedExpression {
  readonly context: Context
  readonly kinds: ReadonlySet<EventKind>
  /** The same objects each time, so that answers find them. */
  readonly queries: readonly Ask[]
  private readonly compiled: Compiled
  private readonly presences: readonly Presence[]
  private readonly byKind = new Map<EventKind, Observer[]>()

  constructor(expression: Expression, scenario: Scenario) {
    this.context = new Context(scenario.source, scopeOf(scenario))
    this.compiled = compileExpression(expression, this.context)
    this.presences = [...this.context.presences.values()]
    const { observers, queries } = this.context
    for (const observer of observers) {
      for (const kind of observer.kinds) {
        const listeners = this.byKind.get(kind)
        if (listeners) listeners.push(observer)
        else this.byKind.set(kind, [observer])
      }
    }
    this.kinds = new Set([...this.byKind.keys(), ...this.presences.flatMap(presence => presence.kinds)])
    this.queries = queries.map(({ query }) => ({ kind: 'query', ...query }))
  }

  /** Gives whether the value may be another now. `open`: the window is open, so sets see the event. */
  feed(event: TraceEvent, open: boolean): boolean {
    for (const presence of this.presences) presence.feed(event)
    let changed = false
    for (const observer of this.byKind.get(event.kind) ?? []) {
      if ((open || !observer.windowed) && observer.feed(event)) changed = true
    }
    this.context.now = event.time
    return changed
  }

  evaluate(time: number): boolean | null {
    this.context.now = time
    return truthOf(this.compiled.evaluate())
  }

  /** What was never there, in a phrase; undefined if everything was. */
  get missing(): string | undefined {
    return this.presences.find(presence => !presence.seen)?.phrase
  }

  /** The values of the parts, as they are now. */
  describe(): string {
    const parts = this.context.leaves.map(leaf => {
      const explained = leaf.explain?.()
      if (explained !== undefined) return explained
      const value: Scalar = leaf.evaluate()
      const text = formatValue(value, leaf.dimension)
      return this.context.leaves.length === 1 && typeof value !== 'boolean' && value !== null
        ? text
        : `${leaf.text} is ${text}`
    })
    return [...new Set(parts)].join(', ')
  }

  get evidence(): readonly number[] {
    return this.context.observers.flatMap(observer => observer.evidence ?? [])
  }
}
