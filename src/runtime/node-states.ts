// In what state each node is, as its events tell: for actors that wait for it, as pg_ctl does.

import type { TraceEvent } from '../model/trace.ts'
import type { NodeState } from './engine.ts'
import { Flag } from './flag.ts'

export class NodeStates {
  /** Raised whenever the state of a node changes. */
  readonly changed = new Flag()
  private readonly states = new Map<string, 'down' | 'starting' | 'reading' | 'writing'>()
  /** Nodes whose replay is held: that may be told before they serve readers, or after. */
  private readonly paused = new Set<string>()

  take(event: TraceEvent): void {
    if (event.node === undefined) return
    if (event.kind === 'node.starting' || event.kind === 'node.refusing') this.become(event.node, 'starting')
    else if (event.kind === 'node.down') this.become(event.node, 'down')
    else if (event.kind === 'node.accepting') this.become(event.node, event.writable ? 'writing' : 'reading')
    else if (event.kind === 'recovery.paused') {
      this.paused.add(event.node)
      this.changed.raise()
    }
  }

  is(node: string, state: NodeState): boolean {
    const now = this.states.get(node) ?? 'down'
    if (state === 'down') return now === 'down'
    if (state === 'paused') return now === 'reading' && this.paused.has(node)
    return state === 'writable' ? now === 'writing' : now === 'writing' || now === 'reading'
  }

  private become(node: string, state: 'down' | 'starting' | 'reading' | 'writing'): void {
    if (state !== 'reading') this.paused.delete(node)
    this.states.set(node, state)
    this.changed.raise()
  }
}
