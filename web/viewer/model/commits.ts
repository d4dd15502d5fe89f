// What clients were told: when each commit was acknowledged, and how long it had taken.

import type { TraceEvent } from '../../../src/model/trace.ts'
import { firstFrom } from './search.ts'

export interface Commits {
  readonly times: Float64Array
  /** In nanoseconds. */
  readonly latencies: Float64Array
}

export function commitsOf(events: readonly TraceEvent[]): Commits {
  const acknowledged = events.flatMap(event => (event.kind === 'client.acknowledged' ? [event] : []))
  return {
    times: Float64Array.from(acknowledged, ({ time }) => time),
    latencies: Float64Array.from(acknowledged, ({ latency }) => latency),
  }
}

/** For each of `bins` equal stretches: its middle in seconds, commits a second, mean and longest latency in ms. */
export function binned({ times, latencies }: Commits, from: number, to: number, bins: number) {
  const width = (to - from) / bins
  const middles: number[] = []
  const rates: number[] = []
  const means: (number | null)[] = []
  const longest: (number | null)[] = []
  let at = firstFrom(times, from)
  for (let bin = 0; bin < bins; bin++) {
    const until = from + (bin + 1) * width
    let [count, sum, most] = [0, 0, 0]
    for (; at < times.length && times[at] < until; at++) {
      count++
      sum += latencies[at]
      if (latencies[at] > most) most = latencies[at]
    }
    middles.push((from + (bin + 0.5) * width) / 1e9)
    rates.push((count / width) * 1e9)
    means.push(count === 0 ? null : sum / count / 1e6)
    longest.push(count === 0 ? null : most / 1e6)
  }
  return { middles, rates, means, longest }
}
