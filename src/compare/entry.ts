// What is compared: an event reduced to what two runs can have in common. Which events take part and what identifies
// them is in identities.ts.

import type { EventKind } from '../model/trace.ts'

/** Compared one by one where both have them. */
export type Details = Readonly<Record<string, string>>

export interface Entry {
  readonly kind: EventKind
  /** The node, client or session that it is of; empty for pgdrill's own. */
  readonly place: string
  /** The type of the process, where it has one. */
  readonly process: string
  /** What it says, without what differs from run to run: entries with the same are the same thing told twice. */
  readonly shape: string
  /** What it says, for people. */
  readonly text: string
  readonly details: Details
  /**
   * Entries of one lane have their order: lines of one process, steps of one session. Missing where several tell at
   * once, as backends do.
   */
  readonly lane?: string
  readonly time: number
  readonly sequence: number
  /** How long the process lives that starts or ends, or what a slot has become lasts, in nanoseconds, if it ends. */
  readonly lived?: number
}
