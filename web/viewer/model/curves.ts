// Where the WAL of each node is over time: from the looks into servers, and from flushes and replays where those were told.

import type { TraceEvent } from '../../../src/model/trace.ts'
import type { Model } from './model.ts'
import { firstAfter } from './search.ts'

export interface Curve {
  readonly name: string
  readonly times: Float64Array
  /** Byte positions. */
  readonly values: Float64Array
}

const positions = ['inserted', 'written', 'flushed', 'received', 'replayed'] as const

/** Of several nodes only what is on the platter is shown: the curves would be too many. */
const own: ReadonlySet<string> = new Set(['inserted', 'written'])

/** Those that have at least two values; a curve that is the same as another of its node all the time is left out. */
export function curvesOf(model: Model): readonly Curve[] {
  return model.nodes.flatMap(node => {
    const samples = model.samples.all('wal.sampled', node)
    const shown = model.nodes.length > 1 ? positions.filter(position => !own.has(position)) : positions
    const curves = shown.flatMap(position => {
      const told = samples.filter(sample => sample[position] !== undefined)
      if (told.length < 2) return []
      const name = model.nodes.length > 1 ? `${node} ${position}` : position
      const times = Float64Array.from(told, ({ time }) => time)
      return [{ name, times, values: Float64Array.from(told, sample => positionIn(sample, position)) }]
    })
    return curves.filter((curve, at) => !curves.slice(at + 1).some(other => isSame(curve, other)))
  })
}

/** A stream that begins anew is told to have received nothing of its segment: what was replayed was received. */
function positionIn(sample: TraceEvent<'wal.sampled'>, position: (typeof positions)[number]): number {
  const value = sample[position]!
  return position === 'received' ? Math.max(value, sample.replayed ?? 0) : value
}

function isSame(one: Curve, other: Curve): boolean {
  return one.values.length === other.values.length && one.values.every((value, at) => value === other.values[at])
}

/** The curves' values at equal distances, for a chart: times in seconds first; null before a curve's first value. */
export function sampledAt(
  curves: readonly Curve[],
  from: number,
  to: number,
  bins: number,
): [number[], ...(number | null)[][]] {
  const times = Array.from({ length: bins + 1 }, (_, at) => from + ((to - from) * at) / bins)
  const values = curves.map(curve =>
    times.map(time => {
      const at = firstAfter(curve.times, time) - 1
      return at < 0 ? null : curve.values[at]
    }),
  )
  return [times.map(time => time / 1e9), ...values]
}
