// Cost-based delay: pages that are read and dirtied cost points, and who has used up the limit takes a nap. Mirrors
// vacuum_delay_point. Where the parameters come from is the caller's: a session's settings, or what is balanced over
// the autovacuum workers.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { SettingsReader } from '../settings/settings.ts'
import type { UsageMeter } from '../shared/usage-meters.ts'

export interface CostParameters {
  /** Of a nap, in nanoseconds; 0: never one. */
  readonly delay: number
  readonly limit: number
}

export class CostDelay {
  private readonly me: Process
  private readonly meter: UsageMeter
  private readonly settings: SettingsReader
  private readonly ask: () => CostParameters
  private parameters: CostParameters
  private paid = { hits: 0, misses: 0, dirtied: 0 }

  constructor(me: Process, meter: UsageMeter, settings: SettingsReader, ask: () => CostParameters) {
    this.me = me
    this.meter = meter
    this.settings = settings
    this.ask = ask
    this.parameters = ask()
  }

  /** Stands where a page is done: looks for interrupts, and sleeps if it is time. */
  *point(): Coroutine {
    const { me } = this
    yield* me.pause()
    const { delay, limit } = this.parameters
    if (delay <= 0) return
    const balance = this.balance()
    if (balance < limit) return
    // A signal cuts the nap short.
    me.latch.reset()
    const nap = Math.floor(Math.min((delay * balance) / limit, 4 * delay))
    yield* me.waitLatch({ until: me.now() + nap, waitEvent: 'VacuumDelay' })
    const { bufferHits: hits, bufferMisses: misses, buffersDirtied: dirtied } = this.meter
    this.paid = { hits, misses, dirtied }
    this.parameters = this.ask()
    yield* me.pause()
  }

  private balance(): number {
    const { meter, settings, paid } = this
    return (
      (meter.bufferHits - paid.hits) * settings.get('vacuum_cost_page_hit') +
      (meter.bufferMisses - paid.misses) * settings.get('vacuum_cost_page_miss') +
      (meter.buffersDirtied - paid.dirtied) * settings.get('vacuum_cost_page_dirty')
    )
  }
}

/** What a session's own settings say. */
export function sessionCosts(settings: SettingsReader): CostParameters {
  return { delay: settings.get('vacuum_cost_delay'), limit: settings.get('vacuum_cost_limit') }
}
