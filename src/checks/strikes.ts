// The faults of a run and the ends of its servers: which of them took a commit that is lost.

import type { TraceEvent } from '../model/trace.ts'

interface Strike {
  readonly sequence: number
  readonly time: number
  readonly node: string | undefined
}

export class Strikes {
  private readonly faults: Strike[] = []
  private readonly ends: Strike[] = []

  feed({ kind, sequence, time, node }: TraceEvent): void {
    if (kind === 'node.down') this.ends.push({ sequence, time, node })
    else if (kind === 'fault.injected') this.faults.push({ sequence, time, node })
  }

  /**
   * The time of the event which the loss names as its cause; else of the last fault before the loss was seen that struck
   * the node of the commit, or no node in particular; else, where none came after the commit, of the end of its node: who
   * stops a server at once has lost it no less.
   */
  timeOf(loss: TraceEvent<'commit.lost'>): number | undefined {
    const named = this.faults.find(fault => fault.sequence === loss.cause)
    if (named) return named.time
    const here = (node: string | undefined) => node === undefined || loss.node === undefined || node === loss.node
    const struck = (each: Strike) => here(each.node) && each.time >= loss.acknowledged
    return (this.faults.findLast(struck) ?? this.ends.findLast(struck))?.time
  }
}
