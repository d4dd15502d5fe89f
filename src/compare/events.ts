// How often each thing happened on both engines, whatever the time; steps of a session in their order.

import { type EventCount, isDifference } from './comparison.ts'
import type { Entry } from './entry.ts'
import { addTo, onBothSides, type Pair, pairUp, tolerateLeftOver, tolerateMissed } from './pairs.ts'
import type { Rulebook } from './rule.ts'

/** Entries are of any kind but log lines. */
export function compareEvents(
  simulated: readonly Entry[],
  real: readonly Entry[],
  rulebook: Rulebook,
): readonly EventCount[] {
  const isOnBoth = onBothSides(simulated, real, rulebook)
  const leftOver = tolerateLeftOver(pairUp(simulated, real, rulebook), isOnBoth, rulebook)
  const pairs = tolerateMissed(leftOver, simulated, rulebook)
  const groups = new Map<string, Pair[]>()
  for (const pair of pairs) {
    addTo(groups, rulebook.keyOf((pair.simulated ?? pair.real)!), pair)
  }
  return [...groups.values()].map(countOf)
}

function countOf(pairs: readonly Pair[]): EventCount {
  const first = pairs[0].simulated ?? pairs[0].real!
  // What no rule tolerates tells more than what one does.
  const telling = pairs.find(isDifference) ?? pairs.find(({ tolerated }) => tolerated !== undefined) ?? pairs[0]
  const { mark, details, tolerated } = telling
  return {
    kind: first.kind,
    place: first.place,
    process: first.process,
    text: first.shape,
    simulated: pairs.filter(pair => pair.simulated !== undefined).length,
    real: pairs.filter(pair => pair.real !== undefined).length,
    mark,
    ...(details ? { details } : {}),
    ...(tolerated === undefined ? {} : { tolerated }),
  }
}
