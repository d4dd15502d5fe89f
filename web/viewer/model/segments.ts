// What one lane was doing over time: segments that follow one another, and sums that answer in no time how a stretch was
// spent, however many segments it has.

import { firstAfter } from './search.ts'
import { states } from './states.ts'

export class Segments {
  /** When each segment begins, in nanoseconds; it lasts until the next one. */
  readonly starts: number[] = []
  /** Places in `states`. */
  readonly kinds: number[] = []
  /** What is said of it: the command, the wait event. */
  readonly labels: string[] = []
  /** For each state, how long it lasted in all before the segment. */
  private sums: Float64Array[] = []

  /** Times only grow. */
  add(time: number, kind: number, label = ''): void {
    const last = this.starts.length - 1
    if (last >= 0 && this.kinds[last] === kind && this.labels[last] === label) return
    if (last >= 0 && this.starts[last] >= time) {
      this.kinds[last] = kind
      this.labels[last] = label
      return
    }
    this.starts.push(time)
    this.kinds.push(kind)
    this.labels.push(label)
  }

  /** Nothing more will be added. */
  seal(): this {
    const { starts, kinds } = this
    this.sums = states.map(() => new Float64Array(starts.length + 1))
    for (let at = 0; at + 1 < starts.length; at++) {
      for (const sum of this.sums) sum[at + 1] = sum[at]
      this.sums[kinds[at]][at + 1] += starts[at + 1] - starts[at]
    }
    return this
  }

  /** The segment that holds this moment; -1 before the first. */
  at(time: number): number {
    return firstAfter(this.starts, time) - 1
  }

  endOf(at: number): number {
    return this.starts[at + 1] ?? Number.POSITIVE_INFINITY
  }

  /** How long each state lasted between two moments, in nanoseconds, into `into`. */
  spent(from: number, to: number, into: Float64Array): Float64Array {
    const [first, last] = [this.at(from), this.at(to)]
    for (let kind = 0; kind < states.length; kind++) {
      into[kind] = this.before(kind, to, last) - this.before(kind, from, first)
    }
    return into
  }

  private before(kind: number, time: number, at: number): number {
    if (at < 0) return 0
    return this.sums[kind][at] + (this.kinds[at] === kind ? time - this.starts[at] : 0)
  }
}
