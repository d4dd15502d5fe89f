// How a subject of an expression is derived from events: a property by a small reducer, a set by a membership test.
// Each subject says which kinds can change it, so that nothing is fed in vain.

import type { EventKind, TraceEvent } from '../../model/trace.ts'
import type { PropertyDefinition } from '../../model/vocabulary.ts'
import type { Scalar } from '../monitor.ts'

/** What the path names: `teller[3].lost` is index 3 of teller; `wild` holds what stood where the definition has `*`. */
export interface Target {
  readonly name: string
  readonly index?: number
  readonly wild: readonly string[]
}

export interface Reducer {
  feed(event: TraceEvent): void
  /** The value at this time, in nanoseconds since the start. */
  value(now: number): Scalar
}

export interface PropertySubject {
  readonly definition: PropertyDefinition
  readonly kinds: readonly EventKind[]
  /** The value counts only once the runner has looked which commits are there. */
  readonly ledger: boolean
  reducer(target: Target): Reducer
}

/** A set of events, seen through the window. */
export interface EventSetSubject {
  readonly definition: PropertyDefinition
  /** All kinds of which an element can be; missing where `where` narrows them. */
  readonly kinds?: readonly EventKind[]
  contains(event: TraceEvent, target: Target): boolean
}

/** A set of things that are there at the instant. */
export interface StateSetSubject {
  readonly definition: PropertyDefinition
  readonly kinds: readonly EventKind[]
  table(target: Target): StateTable
}

export interface StateTable {
  feed(event: TraceEvent): void
  elements(): Iterable<Readonly<Record<string, unknown>>>
}

/** What each kind of event makes of the value so far. */
export type Steps = { readonly [K in EventKind]?: (event: TraceEvent<K>, value: Scalar, target: Target) => Scalar }

export type Concerns = (event: TraceEvent, target: Target) => boolean

/** A property that follows events one by one. */
export function following(
  definition: PropertyDefinition,
  concerns: Concerns,
  steps: Steps,
  options: { readonly initial?: Scalar; readonly ledger?: boolean } = {},
): PropertySubject {
  const byKind = steps as Readonly<Record<string, (event: TraceEvent, value: Scalar, target: Target) => Scalar>>
  return {
    definition,
    kinds: Object.keys(steps) as EventKind[],
    ledger: options.ledger ?? false,
    reducer(target) {
      let value: Scalar = options.initial ?? null
      return {
        feed(event) {
          const step = byKind[event.kind]
          if (step !== undefined && concerns(event, target)) value = step(event, value, target)
        },
        value: () => value,
      }
    },
  }
}
