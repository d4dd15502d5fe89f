// What comparing comes to, as plain data that other programs may read. Times are nanoseconds since the start of the run.

import type { Verdict } from '../model/verdict.ts'
import type { Shortfall } from './phases.ts'

/** One check of the scenario, on both engines. */
export interface CheckComparison {
  readonly title: string
  /** Line in the scenario's file, from 1. */
  readonly line: number
  readonly result: 'both hold' | 'both fail' | 'differs' | 'skipped'
  readonly simulated: { readonly outcome: Verdict['outcome']; readonly actual: string }
  /** One a repeat. */
  readonly real: readonly { readonly outcome: Verdict['outcome']; readonly actual: string }[]
  /** On how many of the repeats it held. */
  readonly heldOn: number
  /** Why it is skipped. */
  readonly reason?: string
}

/** same: both have it · only …: one has it · moved: out of its order · details: the same line with other details. */
export type Mark = 'same' | 'only simulated' | 'only real' | 'moved' | 'details'

export interface Cell {
  readonly time: number
  readonly process: string
  readonly text: string
}

/** One line of a server's log, beside the same line of the other's. */
export interface LogRow {
  readonly mark: Mark
  /** What it says without what differs from run to run. */
  readonly shape: string
  readonly simulated?: Cell
  readonly real?: Cell
  /** Where the mark is `details`: which, and what each side has. */
  readonly details?: readonly DetailDifference[]
  /** The rule that tolerates it; a row that differs without one is a difference. */
  readonly tolerated?: string
}

export interface DetailDifference {
  readonly name: string
  readonly simulated?: string
  readonly real?: string
}

/** The logs of one node from one fault or order to the next. */
export interface LogPhase {
  readonly node: string
  /** The fault or order that began it; empty for the start. */
  readonly after: string
  readonly rows: readonly LogRow[]
  /** Guaranteed orders across processes that differ. */
  readonly orders: readonly BrokenOrder[]
}

export interface BrokenOrder {
  readonly rule: string
  /** The line that stands elsewhere. */
  readonly text: string
  /** The line of the same order before it, on each side; empty where it is the first. */
  readonly simulatedAfter: string
  readonly realAfter: string
}

/** How often something happened on a node, to a client or in a session. */
export interface EventCount {
  readonly kind: string
  readonly place: string
  readonly process: string
  readonly text: string
  readonly simulated: number
  readonly real: number
  readonly mark: Mark
  readonly details?: readonly DetailDifference[]
  readonly tolerated?: string
}

/** The simulation beside one real run. */
export interface Round {
  readonly logs: readonly LogPhase[]
  readonly events: readonly EventCount[]
  readonly shortfalls: readonly Shortfall[]
}

export interface Difference {
  readonly kind: 'check' | 'log' | 'order' | 'event'
  /** The node, client or session; empty for checks. */
  readonly place: string
  readonly text: string
  readonly mark: Mark
  /** In how many repeats it was seen. */
  readonly seen: number
}

export interface Tolerated {
  readonly rule: string
  readonly because: string
  readonly times: number
}

export interface Comparison {
  readonly file: string
  readonly title: string
  /** The major that both engines played. */
  readonly postgres: number
  /** What the real server calls itself: 15.18. Missing if it never said. */
  readonly server?: string
  readonly variant: Readonly<Record<string, string>>
  readonly permutation?: string
  readonly seed: number
  /** How often it was played on real servers. */
  readonly repeats: number
  readonly checks: readonly CheckComparison[]
  /** One a repeat. */
  readonly rounds: readonly Round[]
  readonly differences: readonly Difference[]
  /** Seen in some repeats and not in others: real servers differ there among themselves. */
  readonly unstable: readonly Difference[]
  readonly tolerated: readonly Tolerated[]
  readonly shortfalls: readonly Shortfall[]
  readonly agrees: boolean
}

/** Whether the two runs differ here, and no rule lets them. */
export function isDifference({ mark, tolerated }: { readonly mark: Mark; readonly tolerated?: string }): boolean {
  return mark !== 'same' && tolerated === undefined
}
