// The verdicts of both engines, check by check.

import { positionOf } from '../model/source.ts'
import type { EventKind } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import type { ReportedRun } from '../report/index.ts'
import type { CheckComparison } from './comparison.ts'
import type { Extent } from './phases.ts'

/**
 * `extents`: for each of the real runs from where on it says less than the simulation, if anything. `observable`: what a
 * real server tells at all.
 */
export function compareChecks(
  simulated: ReportedRun,
  real: readonly ReportedRun[],
  extents: readonly (readonly Extent[])[],
  observable: ReadonlySet<EventKind>,
): readonly CheckComparison[] {
  const known = new Map<string, Verdict>()
  for (const verdict of [simulated, ...real].flatMap(run => run.verdicts)) {
    if (!known.has(keyOf(verdict))) known.set(keyOf(verdict), verdict)
  }
  return [...known.values()].map(verdict => {
    const ours = verdictOf(simulated, verdict)
    const theirs = real.map(run => verdictOf(run, verdict))
    const heldOn = theirs.filter(isHeld).length
    const excuses = theirs.map((each, at) => excuseOf(ours, each, extents[at], observable))
    return {
      title: verdict.title,
      line: positionOf(simulated.scenario.source, verdict.span.start).line,
      ...resultOf(ours, theirs, excuses),
      simulated: seen(ours),
      real: theirs.map(seen),
      heldOn,
    }
  })
}

type Seen = Pick<Verdict, 'outcome' | 'actual' | 'at' | 'needed'>

function keyOf({ span, title }: Verdict): string {
  return `${span.start} ${title}`
}

/** What is said only against a run, as that a fault hit nothing, is not said of the run where all is well. */
function verdictOf(run: ReportedRun, verdict: Verdict): Seen {
  return run.verdicts.find(each => keyOf(each) === keyOf(verdict)) ?? { outcome: 'held', actual: '' }
}

function isHeld({ outcome }: Seen): boolean {
  return outcome === 'held'
}

function seen({ outcome, actual }: Seen): CheckComparison['simulated'] {
  return { outcome, actual }
}

/** Why this real run need not agree. */
function excuseOf(
  ours: Seen,
  theirs: Seen,
  extents: readonly Extent[],
  observable: ReadonlySet<EventKind>,
): string | undefined {
  if (!isHeld(ours) || isHeld(theirs)) return undefined
  if (theirs.needed !== undefined && !observable.has(theirs.needed)) {
    return `it is decided by ${theirs.needed}, which a real server does not tell`
  }
  return extents.find(({ time }) => theirs.at === undefined || theirs.at >= time)?.shortfall.reason
}

function resultOf(
  ours: Seen,
  theirs: readonly Seen[],
  excuses: readonly (string | undefined)[],
): Pick<CheckComparison, 'result' | 'reason'> {
  const disagreeing = theirs.flatMap((each, at) => (isHeld(each) === isHeld(ours) ? [] : [excuses[at]]))
  if (disagreeing.length === 0) return { result: isHeld(ours) ? 'both hold' : 'both fail' }
  const [reason] = disagreeing
  return disagreeing.includes(undefined) ? { result: 'differs' } : { result: 'skipped', reason }
}
