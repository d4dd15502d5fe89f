// What the interpreter knows of the nodes, from their events: which serve, which take writes, and on which timeline.

import type { TraceEvent } from '../model/trace.ts'
import type { NodeDeclaration } from './engine.ts'

interface NodeStatus {
  readonly root: string
  accepting: boolean
  writable: boolean
  timeline: number
  /** It has served, or has gone down without: nobody waits for it any more. */
  settled: boolean
}

export class Nodes {
  private readonly statuses = new Map<string, NodeStatus>()

  /** Upstreams stand before their standbys. */
  constructor(nodes: readonly NodeDeclaration[]) {
    for (const { name, upstream, settings, isRestored = false } of nodes) {
      const root = upstream === undefined ? name : this.statuses.get(upstream)!.root
      // A standby that does not serve readers never says that it accepts connections.
      const settled = isRestored || (upstream !== undefined && settings.hot_standby === 'off')
      this.statuses.set(name, { root, accepting: false, writable: false, timeline: 1, settled })
    }
  }

  /** Every node serves, or has tried to. */
  get areUp(): boolean {
    return [...this.statuses.values()].every(({ settled }) => settled)
  }

  take(event: TraceEvent): void {
    const status = event.node === undefined ? undefined : this.statuses.get(event.node)
    if (!status) return
    if (event.kind === 'node.accepting') {
      status.accepting = true
      status.writable = event.writable
      status.settled = true
    } else if (event.kind === 'node.refusing') status.accepting = false
    else if (event.kind === 'node.down') {
      status.accepting = false
      status.writable = false
      status.settled = true
    } else if (event.kind === 'timeline.switched') status.timeline = event.timeline
  }

  /** The node that takes writes now for those that descend from the same primary as this one. */
  primaryOf(node: string): string | undefined {
    const root = this.statuses.get(node)?.root
    let found: { readonly name: string; readonly timeline: number } | undefined
    for (const [name, status] of this.statuses) {
      if (status.root !== root || !status.accepting || !status.writable) continue
      if (!found || status.timeline > found.timeline) found = { name, timeline: status.timeline }
    }
    return found?.name
  }
}
