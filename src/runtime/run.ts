// Plays a scenario on an engine, whichever it is: the door of the runtime. One call is one run of one variant; of a
// scenario with permutations each is a run of its own, on a fresh cluster.

import { compileCheck, Monitors, RecoveryMeasures } from '../checks/index.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Recovery } from '../model/recovery.ts'
import type { Scenario, Statement } from '../model/scenario.ts'
import type { EventKind, TraceEvent } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import { type Budget, BudgetSpent, defaultBudget } from './budget.ts'
import type { EngineKind, EngineOptions, Opened, Topology } from './engine.ts'
import { Interpreter } from './interpreter.ts'
import { KnownMoments } from './moments.ts'
import { Random } from './simulated/kernel/random.ts'
import { Timeline } from './timeline.ts'
import { topologyOf } from './topology.ts'

export interface RunOptions {
  readonly engine: EngineKind
  /** The scenario's own if left out. */
  readonly seed?: number
  /** One of `permutationsOf`, where there are any. */
  readonly permutation?: Statement
  /** Kinds that are recorded besides those of the level lifecycle, and what checks and triggers need. */
  readonly wants?: Iterable<EventKind>
  /** Gets every recorded event as it happens. */
  readonly listener?: (event: TraceEvent) => void
  readonly budget?: Budget
}

export type RunResult =
  /** The setup failed: the scenario is wrong. */
  | { readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly verdicts: readonly Verdict[]
      readonly seed: number
      /** Nanoseconds since the start of the run. */
      readonly endedAt: number
      readonly eventCount: number
      /** Of a run with a crash or a failover. */
      readonly recovery?: Recovery
    }

/** The permutations of a scenario: each is a run. */
export function permutationsOf(scenario: Scenario): readonly Statement[] {
  return scenario.clients.filter(({ word }) => word === 'permutation')
}

export async function run(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const { engine: kind, permutation, listener, budget = defaultBudget } = options
  const seed = options.seed ?? scenario.seed
  const random = new Random(seed)
  const moments = new KnownMoments(random.fork())
  const body = permutation?.body ?? []
  const isCheck = ({ word }: Statement) => word === 'expect' || word === 'forbid'
  const checks = [...scenario.checks, ...body.filter(isCheck)]
  const monitors = new Monitors(checks.map(statement => compileCheck(statement, scenario)))
  const remarks = body.filter(statement => !isCheck(statement))
  const timeline = new Timeline(remarks, scenario, moments)
  const measures = new RecoveryMeasures()

  const topology = topologyOf(scenario)
  const told: TraceEvent[] = []
  const opened = await open(kind, topology, {
    seed: random.integer(0, 0x7fffffff),
    wants: new Set([...monitors.needs.kinds, ...timeline.kinds, ...measures.kinds, ...(options.wants ?? [])]),
    listener: event => told.push(event),
    look() {
      const spent = budget.isSpent?.()
      if (spent !== undefined) throw new BudgetSpent(spent)
    },
  })
  if ('failure' in opened) return { diagnostics: [setupDiagnostic(opened.failure)] }
  const { engine } = opened
  try {
    const interpreter = new Interpreter({
      scenario,
      topology,
      engine,
      moments,
      monitors,
      timeline,
      told,
      random,
      budget,
      ...(permutation ? { permutation } : {}),
      listener: event => {
        measures.feed(event)
        listener?.(event)
      },
    })
    const { endedAt, stopped, isSettled } = await interpreter.play()
    const recovery = measures.result(isSettled, endedAt)
    const verdicts = [...monitors.verdicts, ...timeline.verdicts(), ...stoppedVerdict(stopped, endedAt)]
    return { verdicts, seed, endedAt, eventCount: engine.trace.sequence, ...(recovery ? { recovery } : {}) }
  } finally {
    await engine.close()
  }
}

/** A setup that costs too much is a failed one. */
async function open(kind: EngineKind, topology: Topology, options: EngineOptions): Promise<Opened> {
  try {
    return await kind.open(topology, options)
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error
    const [setup] = topology.setups
    return {
      setup,
      failure: { message: { level: 'ERROR', message: error.message }, at: setup?.span ?? { start: 0, end: 0 } },
    }
  }
}

function setupDiagnostic({
  message,
  at,
}: {
  readonly message: {
    readonly level: string
    readonly message: string
    readonly hint?: string
    readonly detail?: string
  }
  readonly at: { readonly start: number; readonly end: number }
}): Diagnostic {
  const help = message.hint ?? message.detail
  return {
    code: 'sql',
    span: at,
    message: `the setup failed: ${message.level}: ${message.message}`,
    ...(help ? { help } : {}),
  }
}

function stoppedVerdict(stopped: string | undefined, at: number): Verdict[] {
  if (stopped === undefined) return []
  return [
    {
      title: 'the run comes to its end',
      span: { start: 0, end: 0 },
      outcome: 'failed',
      expected: 'it ends by itself, or when `ends` says so',
      actual: stopped,
      at,
      evidence: [],
    },
  ]
}
