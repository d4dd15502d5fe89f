// Chance, from the seed alone. Each user of chance forks a stream of its own, so that one more draw here does not
// change what is drawn there. PostgreSQL and pgbench have generators of their own; only the distributions matter here.

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export class Random {
  private readonly generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.generator = xoroshiro128plus(seed)
  }

  /** A stream of its own, fixed by this one's state. */
  fork(): Random {
    return new Random(this.generator.next())
  }

  /** An integer from `low` to `high`, both included, up to 2^53 apart. */
  integer(low: number, high: number): number {
    return uniformInt(this.generator, low, high)
  }

  /** A number from 0 up to, but not including, 1. */
  fraction(): number {
    return uniformFloat64(this.generator)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]
  }
}
