// Where the histories of the nodes were cut off: what stood in the WAL after such a place is gone, and its transaction
// ids are given to others. Without this a lost commit whose id was used again would pass for survived.

import type { TraceEvent } from '../../../model/trace.ts'
import type { CommitToFind } from '../../engine.ts'

interface Cut {
  readonly lsn: number
  readonly time: number
}

export class Histories {
  /** Ends of WAL that a recovery found, by node. */
  private readonly recoveries = new Map<string, Cut[]>()
  /** Where a node left the timeline of the others. */
  private readonly branches = new Map<string, Cut[]>()

  take(event: TraceEvent): void {
    if (event.node === undefined) return
    if (event.kind === 'recovery.redo_done') remember(this.recoveries, event.node, event.lsn, event.time)
    if (event.kind === 'timeline.switched') remember(this.branches, event.node, event.lsn, event.time)
  }

  /** Whether the node's history can hold this commit. */
  mayHave(node: string, { node: origin, lsn, time }: CommitToFind): boolean {
    if (lsn === undefined) return true
    if (node !== origin) return !(this.branches.get(node) ?? []).some(cut => lsn > cut.lsn)
    return !(this.recoveries.get(node) ?? []).some(cut => cut.time >= time && lsn > cut.lsn)
  }
}

function remember(cuts: Map<string, Cut[]>, node: string, lsn: number, time: number): void {
  const known = cuts.get(node)
  if (known) known.push({ lsn, time })
  else cuts.set(node, [{ lsn, time }])
}
