// Cuts two runs into phases by what pgdrill did to them: each fault and each order begins one, if both runs have it. One
// early difference then does not shift all that follows. What a real run says it could not do ends the comparison, or
// limits it; that is found here too.

import type { TraceEvent } from '../model/trace.ts'
import { align } from './align.ts'
import { shapeOf } from './shape.ts'

export interface Phase {
  /** The fault or order that began it; empty for the start. */
  readonly after: string
  /** Sequence numbers of the first event of the phase, of the simulated and the real run. */
  readonly simulated: number
  readonly real: number
  /** When it began on the real servers. */
  readonly time: number
}

/** What could not be done as the scenario has it. */
export interface Shortfall {
  readonly kind: 'skipped' | 'limited'
  readonly text: string
  readonly reason: string
}

/** From here on, in sequence numbers, what is told says nothing any more, or says less. */
export interface Extent {
  readonly shortfall: Shortfall
  readonly simulated: number
  readonly real: number
  /** When, on the real servers. */
  readonly time: number
}

type Mark = TraceEvent<'fault.injected' | 'order.given'>

export function phasesOf(simulated: readonly TraceEvent[], real: readonly TraceEvent[]): readonly Phase[] {
  const [ours, theirs] = [marksOf(simulated), marksOf(real)]
  const pairs = align(
    ours.map(({ text }) => shapeOf(text)),
    theirs.map(({ text }) => shapeOf(text)),
  )
  const start: Phase = { after: '', simulated: 0, real: 0, time: 0 }
  return [
    start,
    ...pairs.map(([i, j]) => ({
      after: ours[i].text,
      simulated: ours[i].sequence,
      real: theirs[j].sequence,
      time: theirs[j].time,
    })),
  ]
}

function marksOf(events: readonly TraceEvent[]): readonly Mark[] {
  return events.filter((event): event is Mark => event.kind === 'fault.injected' || event.kind === 'order.given')
}

/** In the order of the run. */
export function shortfallsOf(real: readonly TraceEvent[]): readonly Shortfall[] {
  return real.flatMap(event => {
    if (event.kind === 'action.skipped') return { kind: 'skipped', text: event.text, reason: event.reason } as const
    if (event.kind === 'action.limited') return { kind: 'limited', text: event.text, reason: event.reason } as const
    return []
  })
}

/** From the first thing that was skipped on the two runs are different drills. */
export function skippedFrom(
  simulated: readonly TraceEvent[],
  real: readonly TraceEvent[],
  phases: readonly Phase[],
): Extent | undefined {
  const skipped = real.find(event => event.kind === 'action.skipped')
  if (skipped === undefined) return undefined
  const at = phases.findLastIndex(phase => phase.real <= skipped.sequence)
  const [phase, next] = [phases[at], phases[at + 1]]
  // The simulation did it: the order that began this phase, or a mark that the real run lacks.
  const done =
    phase.after === skipped.text
      ? undefined
      : marksOf(simulated).find(
          ({ sequence }) => sequence > phase.simulated && (next === undefined || sequence < next.simulated),
        )
  const shortfall = { kind: 'skipped', text: skipped.text, reason: skipped.reason } as const
  // An order may have been given on both before one could not do it: then its label is reached on both.
  const labels = real.filter(event => event.kind === 'label.reached' && event.sequence < skipped.sequence)
  const isOfBoth = (event: TraceEvent) =>
    event.kind === 'label.reached' &&
    labels.some(each => each.kind === event.kind && each.label === event.label && each.done === event.done)
  const first = simulated.find(event => event.sequence > phase.simulated && !isOfBoth(event))
  const from = done?.sequence ?? first?.sequence ?? phase.simulated + 1
  return { shortfall, simulated: from, real: skipped.sequence, time: skipped.time }
}

/** What was done in part shows when the node starts again. */
export function limitedFrom(
  simulated: readonly TraceEvent[],
  real: readonly TraceEvent[],
  phases: readonly Phase[],
): Extent | undefined {
  for (const limited of real) {
    if (limited.kind !== 'action.limited') continue
    const starts = (event: TraceEvent, after: number) =>
      event.kind === 'node.starting' &&
      event.sequence > after &&
      (limited.node === undefined || event.node === limited.node)
    const restart = real.find(event => starts(event, limited.sequence))
    if (restart === undefined) continue
    const phase = phases.findLast(each => each.real <= limited.sequence)!
    const ours = simulated.find(event => starts(event, phase.simulated))
    const shortfall = { kind: 'limited', text: limited.text, reason: limited.reason } as const
    return {
      shortfall,
      simulated: ours?.sequence ?? Number.POSITIVE_INFINITY,
      real: restart.sequence,
      time: restart.time,
    }
  }
  return undefined
}
