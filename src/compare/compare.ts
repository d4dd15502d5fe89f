// Compares one simulated run with the same drill on real servers, played once or several times. What the real servers
// do differently among themselves cannot be held against the simulation.

import type { EventKind } from '../model/trace.ts'
import type { ReportedRun } from '../report/index.ts'
import { compareChecks } from './checks.ts'
import {
  type BrokenOrder,
  type CheckComparison,
  type Comparison,
  type Difference,
  type EventCount,
  isDifference,
  type LogPhase,
  type LogRow,
  type Round,
  type Tolerated,
} from './comparison.ts'
import { lateRule } from './logs.ts'
import type { Shortfall } from './phases.ts'
import { compareRound, limitedRule } from './round.ts'
import { type Rule, Rulebook } from './rule.ts'
import { rules as allRules } from './rules.ts'
import { shapeOf } from './shape.ts'

export const variesRule = {
  name: 'real-servers-vary',
  because: 'some of the real runs agree with the simulation here and some do not: real servers differ among themselves',
}

export interface CompareOptions {
  /** The kinds that a real server can be seen to tell. */
  readonly observable: ReadonlySet<EventKind>
  readonly rules?: readonly Rule[]
}

/** `real`: at least one; all of the same scenario, variant and permutation as `simulated`. */
export function compareRuns(
  simulated: ReportedRun,
  real: readonly ReportedRun[],
  { observable, rules = allRules }: CompareOptions,
): Comparison {
  const rulebook = new Rulebook(rules)
  const judged = real.map(run => compareRound(simulated, run, observable, rulebook))
  const { scenario, permutation, seed } = simulated
  const checks = compareChecks(
    simulated,
    real,
    judged.map(({ extents }) => extents),
    observable,
  )
  const seen = seenIn(judged.map(({ round }) => round))
  const isStable = (difference: Difference) => difference.seen === real.length
  const isUnstable = (key: string) => seen.has(key) && !isStable(seen.get(key)!)
  const rounds = judged.map(({ round }) => settled(round, isUnstable))
  const stable = [...seen.values()].filter(isStable)
  const differences = [...checks.filter(({ result }) => result === 'differs').map(ofCheck), ...stable]
  const server = serverOf(real)
  return {
    file: scenario.source.name,
    title: scenario.title,
    postgres: scenario.postgres,
    ...(server === undefined ? {} : { server }),
    variant: scenario.variant,
    ...(permutation === undefined ? {} : { permutation }),
    seed,
    repeats: real.length,
    checks,
    rounds,
    differences,
    unstable: [...seen.values()].filter(difference => !isStable(difference)),
    tolerated: toleratedIn(rounds, rules),
    shortfalls: shortfallsIn(rounds),
    agrees: differences.length === 0,
  }
}

/** What the real server calls itself when it starts. */
function serverOf(real: readonly ReportedRun[]): string | undefined {
  for (const event of real.flatMap(run => run.events)) {
    const version = event.kind === 'log.line' && /^starting PostgreSQL (\S+)/.exec(event.message)
    if (version) return version[1]
  }
  return undefined
}

function ofCheck({ title, heldOn, real }: CheckComparison): Difference {
  return { kind: 'check', place: '', text: title, mark: 'details', seen: Math.max(heldOn, real.length - heldOn) }
}

/** Each difference once, with the number of rounds that have it; by its key. */
function seenIn(rounds: readonly Round[]): ReadonlyMap<string, Difference> {
  const all = new Map<string, Difference>()
  for (const { logs, events } of rounds) {
    const here = new Map<string, Difference>()
    for (const phase of logs) {
      for (const row of phase.rows.filter(isDifference)) here.set(keyOfRow(phase, row), ofRow(phase, row))
      for (const order of phase.orders) here.set(keyOfOrder(phase, order), ofOrder(phase, order))
    }
    for (const event of events.filter(isDifference)) here.set(keyOfEvent(event), ofEvent(event))
    for (const [key, found] of here) all.set(key, { ...found, seen: (all.get(key)?.seen ?? 0) + 1 })
  }
  return all
}

function keyOfRow({ node, after }: LogPhase, { shape, mark, simulated, real }: LogRow): string {
  return `log | ${node} | ${shapeOf(after)} | ${(simulated ?? real)!.process} | ${shape} | ${mark}`
}

function keyOfOrder({ node, after }: LogPhase, { rule }: BrokenOrder): string {
  return `order | ${node} | ${shapeOf(after)} | ${rule}`
}

function keyOfEvent({ kind, place, process, text, mark }: EventCount): string {
  return `${kind} | ${place} | ${process} | ${text} | ${mark}`
}

function ofRow({ node }: LogPhase, { mark, simulated, real }: LogRow): Difference {
  return { kind: 'log', place: node, text: (simulated ?? real)!.text, mark, seen: 0 }
}

function ofOrder({ node }: LogPhase, { text }: BrokenOrder): Difference {
  return { kind: 'order', place: node, text, mark: 'moved', seen: 0 }
}

function ofEvent({ place, process, text, mark }: EventCount): Difference {
  return { kind: 'event', place, text: `${process} ${text}`.trim(), mark, seen: 0 }
}

/** The round, with what only some rounds have tolerated. */
function settled({ logs, events, shortfalls }: Round, isUnstable: (key: string) => boolean): Round {
  const tolerate = <T extends LogRow | EventCount>(row: T, key: string): T =>
    isDifference(row) && isUnstable(key) ? { ...row, tolerated: variesRule.name } : row
  return {
    logs: logs.map(phase => ({
      ...phase,
      rows: phase.rows.map(row => tolerate(row, keyOfRow(phase, row))),
      orders: phase.orders.filter(order => !isUnstable(keyOfOrder(phase, order))),
    })),
    events: events.map(event => tolerate(event, keyOfEvent(event))),
    shortfalls,
  }
}

function toleratedIn(rounds: readonly Round[], rules: readonly Rule[]): readonly Tolerated[] {
  const rows = rounds.flatMap(({ logs, events }) => [...logs.flatMap(phase => phase.rows), ...events])
  return [...rules, lateRule, limitedRule, variesRule].flatMap(({ name, because }) => {
    const times = rows.filter(({ tolerated }) => tolerated === name).length
    return times === 0 ? [] : { rule: name, because, times }
  })
}

function shortfallsIn(rounds: readonly Round[]): readonly Shortfall[] {
  const all = new Map<string, Shortfall>()
  for (const shortfall of rounds.flatMap(round => round.shortfalls)) {
    all.set(`${shortfall.kind} ${shortfall.text} ${shortfall.reason}`, shortfall)
  }
  return [...all.values()]
}
