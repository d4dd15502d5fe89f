// What a check, a trigger and a run are to each other. A monitor is fed one event at a time and never looks back; what
// it cannot learn from events it asks for. Whoever plays the run answers, on a simulated cluster as on a real one.

import type { Moment } from '../model/scenario.ts'
import type { EventKind, TraceEvent } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'

/** The first column of the first row; null is SQL's NULL, or no row. */
export type Scalar = null | boolean | number | string

export interface NodeQuery {
  readonly node: string
  readonly sql: string
  readonly database?: string
}

/** What a monitor wants to know now, of the state after the event that it was fed last. */
export type Ask =
  /** The first column of the first row, read without disturbing anything; the default database if none is named. */
  | ({ readonly kind: 'query' } & NodeQuery)
  /** Which commits are there: the runner emits commit.lost and commit.ghost events, feeds them, and then answers. */
  | { readonly kind: 'ledger' }

/** A failure says why there is no answer: the node is down, the SQL failed. A settled ledger answers null. */
export type Answer = { readonly value: Scalar } | { readonly failure: string }

export interface Needs {
  /** The kinds that are to be recorded and fed. An engine that never tells one of them must refuse the check. */
  readonly kinds: ReadonlySet<EventKind>
  /** The queries that may be asked, so that an engine can prepare them, or refuse. */
  readonly queries: readonly NodeQuery[]
  readonly ledger: boolean
}

/** What the runner knows of time. */
export interface Moments {
  /**
   * Where a moment lies, in nanoseconds since the start; undefined while nobody knows. `random` moments are drawn by
   * the runner. A label that is certain to be reached at a known time may be told before it is.
   */
  timeOf(moment: Moment): number | undefined
}

/**
 * The order of calls: `start`; `feed` for each event in order; `pass(t)` when every event up to and including time t
 * has been fed and `wakeAt` <= t; `finish` once. After each call the runner answers `asks` if there are any, before
 * anything else happens in the run.
 */
export interface Monitor {
  readonly needs: Needs
  /** The next time at which the monitor must be told that time has passed; undefined where no event brings it nearer. */
  readonly wakeAt: number | undefined
  readonly asks: readonly Ask[]
  /** Set once the check is decided. From then on events change nothing, and `wakeAt` and `asks` are empty. */
  readonly verdict: Verdict | undefined
  start(moments: Moments): void
  feed(event: TraceEvent): void
  pass(time: number): void
  answer(answers: ReadonlyMap<Ask, Answer>): void
  /** The run has ended at this time; after the last answer there is a verdict. */
  finish(time: number): void
}

/** The condition of a `when`: fired at the first instant at which it is true, the start of the run included. */
export interface Trigger {
  readonly needs: Needs
  readonly fired: boolean
  /** Sequence number of the event that made it true; undefined where it was true from the start. */
  readonly cause: number | undefined
  start(moments: Moments): void
  feed(event: TraceEvent): void
}
