// Takes down what an observer tells.

import { type EventKind, eventKinds, type TraceEvent } from '../../../../src/model/trace.ts'
import type { Teller } from '../../../../src/runtime/real/teller.ts'

export interface Recorder extends Teller {
  readonly events: readonly (TraceEvent & { readonly at?: number })[]
  /** Of one kind, in their order. */
  of<K extends EventKind>(kind: K): readonly (TraceEvent<K> & { readonly at?: number })[]
}

export function recorder(...wanted: readonly EventKind[]): Recorder {
  const events: (TraceEvent & { readonly at?: number })[] = []
  const wants = (kind: EventKind) => eventKinds[kind].level === 'lifecycle' || wanted.includes(kind)
  return {
    events,
    of: kind => events.filter(event => event.kind === kind) as never,
    wants,
    tell(kind, place, fields, more = {}) {
      if (!wants(kind)) return 0
      const sequence = events.length + 1
      events.push({ time: 0, sequence, kind, ...place, ...fields, ...more } as never)
      return sequence
    },
  }
}
