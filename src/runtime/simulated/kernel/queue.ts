// What is due, ordered by (time, sequence number): two entries of one time leave in the order in which they came.

import TinyQueue from 'tinyqueue'

export interface Due {
  readonly time: number
  readonly sequence: number
  readonly target: Wakeable
  /** Tells a stale entry from a live one: the target compares it with its own. */
  readonly token: number
}

export interface Wakeable {
  due(token: number): void
}

export function dueQueue(): TinyQueue<Due> {
  return new TinyQueue<Due>([], (a, b) => a.time - b.time || a.sequence - b.sequence)
}
