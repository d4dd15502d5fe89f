// What was observed, in a phrase: "7 within 0.06 ms (at most 100 ms)", "after 107 ms", "'lost' at 181.200 000".

import { formatMoment, formatSeconds } from '../model/format.ts'
import type { Quantifier } from '../model/scenario.ts'

export interface Observation {
  readonly quantifier: Quantifier | undefined
  readonly held: boolean
  /** The values of the formula's parts at the instant that decided. */
  readonly values: string
  /** All in nanoseconds since the start. */
  readonly time: number
  readonly openedAt: number
  /** When a value changed last within the window. */
  readonly changedAt: number | undefined
  /** The longest time that `within` allows. */
  readonly limit: number | undefined
  /** The check speaks of one instant, not of a stretch of time. */
  readonly atInstant: boolean
}

export function actualOf(seen: Observation): string {
  const { quantifier, held, values, time, openedAt, limit } = seen
  if (seen.atInstant) return values
  const since = (moment: number) => formatDuration(moment - openedAt)
  const allowed = limit === undefined ? '' : ` (at most ${formatDuration(limit)})`
  switch (quantifier) {
    case undefined:
      if (limit === undefined || seen.changedAt === undefined) return values
      return `${values} within ${since(seen.changedAt)}${allowed}`
    case 'eventually':
      if (held) return openedAt === 0 ? `at ${formatMoment(time)}` : `after ${since(time)}${allowed}`
      return `never in ${since(time)}; at the end ${values}`
    case 'always':
      return held ? `throughout ${since(time)}` : `${values} at ${formatMoment(time)}`
    case 'never':
      return held ? `at no instant of ${since(time)}` : `${values} at ${formatMoment(time)}`
  }
}

function formatDuration(nanoseconds: number): string {
  return nanoseconds === 0 ? '0 s' : formatSeconds(nanoseconds)
}
