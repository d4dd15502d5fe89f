// Where moments lie: times are known from the start, labels when they are reached, random ones once they are drawn.

import type { Moments } from '../checks/index.ts'
import type { Moment } from '../model/scenario.ts'
import type { Random } from './simulated/kernel/random.ts'

export class KnownMoments implements Moments {
  /** When the run ends, once that is known. */
  end: number | undefined
  private readonly random: Random
  /** By where the moment stands in the source, so that each is drawn once. */
  private readonly drawn = new Map<number, number>()
  private readonly reached = new Map<string, number>()
  /** Labels of statements whose time is known already. */
  private readonly expected = new Map<string, number>()

  constructor(random: Random) {
    this.random = random
  }

  /** That the label's statement is going to strike then. True if that is news. */
  expect(label: string, time: number): boolean {
    if (this.expected.has(label)) return false
    this.expected.set(label, time)
    return true
  }

  /** That the label has been reached. The first time counts. `precision`: so late is still on time. */
  reach(label: string, done: boolean, time: number, precision: number): void {
    const name = done ? `${label}.done` : label
    if (this.reached.has(name)) return
    const planned = done ? undefined : this.expected.get(label)
    this.reached.set(name, planned !== undefined && time - planned <= precision ? planned : time)
  }

  timeOf(moment: Moment): number | undefined {
    const base = this.baseOf(moment)
    return base === undefined ? undefined : base + moment.offset
  }

  /** Whether it has been reached, and is not merely foreseen. */
  isReached(moment: Moment): boolean {
    return moment.from !== 'label' || this.reached.has(moment.done ? `${moment.label}.done` : moment.label)
  }

  private baseOf(moment: Moment): number | undefined {
    switch (moment.from) {
      case 'start':
        return 0
      case 'end':
        return this.end
      case 'label':
        if (moment.done) return this.reached.get(`${moment.label}.done`)
        return this.reached.get(moment.label) ?? this.expected.get(moment.label)
      case 'random': {
        const at = moment.span.start
        if (!this.drawn.has(at)) this.drawn.set(at, this.random.integer(moment.low, moment.high))
        return this.drawn.get(at)
      }
    }
  }
}
