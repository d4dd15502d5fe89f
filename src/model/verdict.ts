// What a check came to: held, failed, or undecided, which counts as failed; with what was expected, what was seen, and where.

import type { Span } from './source.ts'
import type { EventKind } from './trace.ts'

export interface Verdict {
  /** The prose of the check, or the formula's text. */
  readonly title: string
  readonly span: Span
  readonly outcome: 'held' | 'failed' | 'undecided'
  /** The formula as written, with its window. */
  readonly expected: string
  /** What was observed, in a phrase: "7 within 0.06 ms". */
  readonly actual: string
  /** When it was decided, in nanoseconds. */
  readonly at?: number
  /** The kind of events that it would be decided by, where it is undecided because none was told. */
  readonly needed?: EventKind
  /** Sequence numbers of the events that decided it. */
  readonly evidence: readonly number[]
}
