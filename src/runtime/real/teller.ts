// How what watches real servers and drives their clients tells of it: the engine's trace, with two things more.

import type { EventKind, EventPlace, FieldsOf } from '../../model/trace.ts'

export interface More {
  /** When it was, in milliseconds since 1970, where what is observed says so; otherwise it is now. */
  readonly at?: number
  /** The event that led to it. */
  readonly cause?: number
}

export interface Teller {
  wants(kind: EventKind): boolean
  /** Gives the event's number, as the cause of what follows; 0 if nobody wants it. */
  tell<K extends EventKind>(kind: K, place: EventPlace, fields: FieldsOf<K>, more?: More): number
}
