// The simulation beside one real run, as far as the real run could do what the scenario says.

import type { EventKind } from '../model/trace.ts'
import type { ReportedRun } from '../report/index.ts'
import type { LogPhase, Mark, Round } from './comparison.ts'
import type { Entry } from './entry.ts'
import { compareEvents } from './events.ts'
import { entriesOf, ownKinds } from './identities.ts'
import { compareLogs } from './logs.ts'
import { type Extent, limitedFrom, phasesOf, shortfallsOf, skippedFrom } from './phases.ts'
import type { Rulebook } from './rule.ts'

export const limitedRule = {
  name: 'done-in-part',
  because: 'the real servers could do it in part only: what is there when the node starts again is another',
}

export interface JudgedRound {
  readonly round: Round
  readonly extents: readonly Extent[]
}

/** `observable`: the kinds that a real server can be seen to tell. */
export function compareRound(
  simulated: ReportedRun,
  real: ReportedRun,
  observable: ReadonlySet<EventKind>,
  rulebook: Rulebook,
): JudgedRound {
  const phases = phasesOf(simulated.events, real.events)
  const skipped = skippedFrom(simulated.events, real.events, phases)
  const limited = limitedFrom(simulated.events, real.events, phases)
  const kinds = new Set([...observable, ...ownKinds])
  const ours = partsOf(entriesOf(simulated.events, kinds), limited?.simulated, skipped?.simulated)
  const theirs = partsOf(entriesOf(real.events, kinds), limited?.real, skipped?.real)
  const compare = (one: readonly Entry[], other: readonly Entry[]) => ({
    logs: compareLogs(one.filter(isLog), other.filter(isLog), phases, rulebook),
    events: compareEvents(one.filter(isNoLog), other.filter(isNoLog), rulebook),
  })
  const sure = compare(ours.sure, theirs.sure)
  const unsure = compare(ours.unsure, theirs.unsure)
  return {
    round: {
      logs: [...sure.logs, ...unsure.logs.map(tolerateAll)],
      events: [...sure.events, ...unsure.events.map(tolerate)],
      shortfalls: shortfallsOf(real.events),
    },
    extents: [...(limited ? [limited] : []), ...(skipped ? [skipped] : [])],
  }
}

function isLog({ kind }: Entry): boolean {
  return kind === 'log.line'
}

function isNoLog(entry: Entry): boolean {
  return !isLog(entry)
}

/** Up to what was done in part, and from there up to what was not done at all. */
function partsOf(entries: readonly Entry[], limit = Number.POSITIVE_INFINITY, end = Number.POSITIVE_INFINITY) {
  const played = entries.filter(({ sequence }) => sequence < end)
  return {
    sure: played.filter(({ sequence }) => sequence < limit),
    unsure: played.filter(({ sequence }) => sequence >= limit),
  }
}

function tolerate<T extends { readonly mark: Mark; readonly tolerated?: string }>(row: T): T {
  return row.mark === 'same' || row.tolerated !== undefined ? row : { ...row, tolerated: limitedRule.name }
}

function tolerateAll(phase: LogPhase): LogPhase {
  return { ...phase, rows: phase.rows.map(tolerate), orders: [] }
}
