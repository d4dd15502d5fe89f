// Hosts without power. The processes of a host can be killed all at once, and its peers left without a word; what
// cannot be taken on a machine that goes on running is the page cache. So a host that comes back still has what it wrote
// and never flushed, and that is said.

import type { Cluster } from './cluster/cluster.ts'
import type { Observers } from './observers.ts'
import type { Teller } from './teller.ts'

const reasons = { off: 'its host has no power', crashed: 'its operating system has crashed' } as const

export class Powers {
  private readonly cluster: Cluster
  private readonly observers: Observers
  private readonly teller: Teller
  /** Hosts that should have lost their page cache. */
  private readonly spared = new Set<string>()

  constructor(cluster: Cluster, observers: Observers, teller: Teller) {
    this.cluster = cluster
    this.observers = observers
    this.teller = teller
  }

  set(host: string, to: 'off' | 'on' | 'crashed'): void {
    if (to === 'on') return this.cluster.bringUp(host)
    this.spared.add(host)
    const here = this.cluster.all.filter(({ server }) => this.cluster.hostOf(server.name) === host)
    for (const { server } of here) this.observers.of(server.name).look()
    for (const { server } of this.cluster.takeDown(host)) this.observers.of(server.name).vanished(reasons[to])
  }

  /** A server is started: its host boots first where it must. */
  beforeStart(node: string, cause?: number): void {
    const host = this.cluster.hostOf(node)
    if (!this.cluster.isUp(host)) this.cluster.bringUp(host)
    if (!this.spared.delete(host)) return
    const reason = 'the machine under it went on running, so what was written and never flushed is still there'
    this.teller.tell(
      'action.limited',
      { node },
      { text: `${host} lost its power, not its page cache`, reason },
      { cause },
    )
  }
}
