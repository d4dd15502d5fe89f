// The library's public face: a scenario's text in, its runs, verdicts and reports out. Touches no terminal and no file.

import { words as checkWords, functions, properties, typeCheck } from './checks/index.ts'
import { convert as convertSource, load as loadSource, type Spelling } from './dsl/index.ts'
import type { Diagnostic } from './model/diagnostic.ts'
import type { Scenario, Statement } from './model/scenario.ts'
import type { SourceFile } from './model/source.ts'
import type { EventKind, Level, TraceEvent } from './model/trace.ts'
import type { Vocabulary } from './model/vocabulary.ts'
import { kindsNeeded, type ReportedRun } from './report/index.ts'
import {
  type Budget,
  checkPgbench,
  checkSql,
  diagnose,
  type EngineKind,
  permutationsOf,
  prepareSql,
  run,
  settingDefinitions,
  simulated,
  words,
} from './runtime/index.ts'

export { type Comparison, compareRuns, comparisonsText, fidelity } from './compare/index.ts'
export { renderDiagnostics, type Spelling, schema } from './dsl/index.ts'
export type { Diagnostic } from './model/diagnostic.ts'
export type { Scenario, Statement, Value } from './model/scenario.ts'
export type { SourceFile } from './model/source.ts'
export type { EventKind } from './model/trace.ts'
export { type Level, levels, type TraceEvent } from './model/trace.ts'
export type { Verdict } from './model/verdict.ts'
export type { SettingDefinition, Vocabulary } from './model/vocabulary.ts'
export {
  type Format,
  formats,
  plain,
  type ReportedRun,
  type ReportOptions,
  type Styles,
  serverLogKinds,
  serverLogs,
  summary,
} from './report/index.ts'
export { type Budget, changeSettings, defaultBudget, type EngineKind } from './runtime/index.ts'

/** Everything that a scenario may say. */
export const vocabulary: Vocabulary = {
  words: [...words, ...checkWords],
  settings: settingDefinitions,
  properties,
  functions,
}

export interface LoadedScenario {
  /** One a variant; missing where anything is wrong. */
  readonly scenarios?: readonly Scenario[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads a scenario and finds everything that is wrong with it, its SQL and its pgbench scripts included. */
export async function loadScenario(source: SourceFile): Promise<LoadedScenario> {
  await prepareSql()
  return loadSource(source, vocabulary, {
    checkSql,
    checkPgbench,
    checkScenario: scenario => [...typeCheck(scenario), ...diagnose(scenario, simulated)],
  })
}

/** Writes a scenario in this spelling. */
export function convertScenario(
  source: SourceFile,
  to: Spelling,
): { readonly text?: string; readonly diagnostics: readonly Diagnostic[] } {
  return convertSource(source, vocabulary, to)
}

export interface PlayOptions {
  /** What plays it; the simulation if left out. */
  readonly engine?: EngineKind
  /** The scenario's own if left out. */
  readonly seed?: number
  /** What is recorded besides what checks need. */
  readonly detail: Level
  /** Kinds that are recorded besides: what a format needs. */
  readonly wants?: readonly EventKind[]
  readonly budget?: Budget
  /** Gets every recorded event as it happens. */
  readonly listener?: (event: TraceEvent) => void
  /** Gives nanoseconds that only grow; without it the runs do not say how long they took. */
  readonly stopwatch?: () => number
}

export type Played = { readonly runs: readonly ReportedRun[] } | { readonly diagnostics: readonly Diagnostic[] }

/** The scenario on another major than its own. What that major does not know of it, `playScenario` finds. */
export function withVersion(scenario: Scenario, postgres: Scenario['postgres']): Scenario {
  return { ...scenario, postgres }
}

/** Plays one variant of a scenario: one run, or one for each permutation. */
export async function playScenario(scenario: Scenario, options: PlayOptions): Promise<Played> {
  const { engine = simulated } = options
  const diagnostics = engine.diagnose(scenario)
  if (diagnostics.length > 0) return { diagnostics }
  const permutations = permutationsOf(scenario)
  const runs: ReportedRun[] = []
  for (const permutation of permutations.length > 0 ? permutations : [undefined]) {
    const { stopwatch } = options
    const begun = stopwatch?.()
    const events: TraceEvent[] = []
    const result = await run(scenario, {
      engine,
      wants: kindsNeeded(options.detail, options.wants),
      listener: event => {
        events.push(event)
        options.listener?.(event)
      },
      ...(permutation ? { permutation } : {}),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.budget ? { budget: options.budget } : {}),
    })
    if ('diagnostics' in result) return result
    runs.push({
      scenario,
      engine: engine.name,
      events,
      ...result,
      ...(permutation ? { permutation: nameOf(permutation) } : {}),
      ...(stopwatch && begun !== undefined ? { wallClock: stopwatch() - begun } : {}),
    })
  }
  return { runs }
}

/** A permutation's label, or its steps. */
function nameOf(permutation: Statement): string {
  const [label] = permutation.parameters.as ?? []
  return label?.text ?? permutation.about.map(value => value.text).join(', ')
}
