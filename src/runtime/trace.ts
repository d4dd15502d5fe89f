// Records the events of a run. A level that nobody asked for is never built: callers ask `wants` before they make the
// fields of anything above `lifecycle`. Times come from the engine's clock, so events are ordered by (time, sequence).

import { type EventKind, type EventPlace, eventKinds, type FieldsOf, type TraceEvent } from '../model/trace.ts'

export type Listener = (event: TraceEvent) => void

export class Trace {
  private readonly clock: () => number
  private readonly wanted: ReadonlySet<EventKind>
  private readonly listener: Listener
  /** The sequence number of the last event: how many there were. */
  sequence = 0
  /** While this is set nothing is recorded: what happens does not belong to the run. */
  isMuted = false

  /** `wanted`: kinds that are recorded besides those of the level lifecycle. `listener` gets each event as it happens. */
  constructor(clock: () => number, wanted: Iterable<EventKind>, listener: Listener) {
    this.clock = clock
    this.listener = listener
    const kinds = Object.keys(eventKinds) as EventKind[]
    this.wanted = new Set([...kinds.filter(kind => eventKinds[kind].level === 'lifecycle'), ...wanted])
  }

  wants(kind: EventKind): boolean {
    return !this.isMuted && this.wanted.has(kind)
  }

  /** Gives the event's sequence number, for those that it leads to; 0 if nobody wants it. */
  emit<K extends EventKind>(kind: K, place: EventPlace, fields: FieldsOf<K>, cause?: number): number {
    if (this.isMuted || !this.wanted.has(kind)) return 0
    const sequence = ++this.sequence
    const event = { time: this.clock(), sequence, kind, ...place, ...fields, ...(cause ? { cause } : {}) }
    this.listener(event as unknown as TraceEvent)
    return sequence
  }
}
