// How much a run may cost before it is stopped: nothing that a person writes hangs pgdrill.

import { hour } from '../model/units.ts'

export interface Budget {
  /** How many events may be told. */
  readonly events: number
  /** How long the run may last in its own time, in nanoseconds. */
  readonly duration: number
  /** Whether the person has waited long enough, and what to say then; asked now and then. */
  readonly isSpent?: () => string | undefined
}

/** Thrown through an engine in the middle of its work when the budget is spent. */
export class BudgetSpent extends Error {}

export const defaultBudget: Budget = { events: 20_000_000, duration: 24 * 30 * hour }
