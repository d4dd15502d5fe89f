// What clients, steps and faults of one run share: the engine's ears and clock, each other, and chance.

import type { Moment } from '../model/scenario.ts'
import type { EventKind, EventPlace, FieldsOf } from '../model/trace.ts'
import type { Client } from './clients/client.ts'
import type { Ledger } from './clients/ledger.ts'
import type { Session } from './clients/session.ts'
import type { Action, Topology } from './engine.ts'
import type { Flag } from './flag.ts'
import type { Random } from './simulated/kernel/random.ts'

export interface Stage {
  readonly topology: Topology
  readonly ledger: Ledger
  /** By name; `teller` has as many as its `times` says. */
  readonly clients: ReadonlyMap<string, readonly Client[]>
  readonly sessions: ReadonlyMap<string, Session>
  /** The session that has a step of this name. */
  readonly sessionOfStep: ReadonlyMap<string, Session>
  /** Raised whenever a step of a session finishes. */
  readonly progress: Flag
  /** For `random(teller)`. */
  readonly random: Random
  /** Whether a check wants to know which acknowledged commits are lost. */
  readonly tracksCommits: boolean
  /** The session that this backend serves, if it is a session's. */
  sessionOf(backend: number): string | undefined
  now(): number
  /** When a moment of the scenario is, in nanoseconds; undefined: nobody can know yet. */
  timeOf(moment: Moment): number | undefined
  wants(kind: EventKind): boolean
  /** Tells an event; its cause is what led to the actor that tells it, unless another is named. */
  tell<K extends EventKind>(kind: K, place: EventPlace, fields: FieldsOf<K>, cause?: number): number
  /** Begins another actor; nobody waits for it. */
  spawn(name: string, action: Action, cause?: number): void
}
