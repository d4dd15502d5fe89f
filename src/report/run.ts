// What a report is given: one or several runs of one file, and how they are to be shown.

import type { Diagnostic } from '../model/diagnostic.ts'
import type { Recovery } from '../model/recovery.ts'
import type { Scenario } from '../model/scenario.ts'
import type { SourceFile } from '../model/source.ts'
import type { EventKind, Level, TraceEvent } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Styles } from './styles.ts'

export interface ReportedRun {
  /** The variant that was played. */
  readonly scenario: Scenario
  /** The permutation that was played, where the scenario has several: its label, or its steps. */
  readonly permutation?: string
  readonly engine: 'simulated' | 'postgres'
  readonly seed: number
  /** In order of time and sequence number. */
  readonly events: readonly TraceEvent[]
  readonly verdicts: readonly Verdict[]
  /** The virtual time at which the run ended, in nanoseconds. */
  readonly endedAt: number
  /** What a crash or a failover has cost, if there was one. */
  readonly recovery?: Recovery
  /** Events told in all, those that were not recorded included. */
  readonly eventCount: number
  /** How long playing it took on this machine, in nanoseconds; left out where output must be the same everywhere. */
  readonly wallClock?: number
}

export interface ReportOptions {
  /** pgdrill's version, for formats that other programs read. */
  readonly version: string
  /** Events of finer levels are left out. */
  readonly detail: Level
  readonly styles: Styles
  /** Columns that a line of text may take. */
  readonly width: number
  /** The viewer's page with a place for runs, as the build makes it; only html needs it. */
  readonly viewerPage?: () => string
}

export interface Format {
  /** What it shows whatever level is asked for: these kinds are recorded besides. */
  readonly needs?: readonly EventKind[]
  /** What it says of a scenario that is wrong, before the report; people are told of it anyway. */
  complain?(source: SourceFile, diagnostics: readonly Diagnostic[]): Iterable<string>
  /**
   * `text` is given the runs of one file: its variants and permutations. The others are given those of all files, and
   * make one document of them. Yields whole lines, each ending in a newline.
   */
  write(runs: readonly ReportedRun[], options: ReportOptions): Iterable<string>
}
