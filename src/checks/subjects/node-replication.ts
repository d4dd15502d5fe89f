// How far a standby is behind, from what its upstream says of it. The upstream is the node that heard from it last.

import type { TraceEvent } from '../../model/trace.ts'
import type { PropertySubject, Reducer, Target } from './subject.ts'

/** Where the WAL of each node ends, and which of them this standby reports to. */
class Upstream implements Reducer {
  protected readonly target: Target
  protected upstream: string | undefined
  protected replayed = 0
  private readonly flushed = new Map<string, number>()

  constructor(target: Target) {
    this.target = target
  }

  feed(event: TraceEvent): void {
    if (event.node === undefined) return
    if (event.kind === 'wal.flushed' || event.kind === 'wal.received') this.flushed.set(event.node, event.lsn)
    else if (event.kind === 'replication.acknowledged' && event.standby === this.target.name) {
      this.upstream = event.node
      this.replayed = event.replayed
    }
  }

  value(_now: number): number | null {
    if (this.upstream === undefined) return null
    return Math.max(0, (this.flushed.get(this.upstream) ?? this.replayed) - this.replayed)
  }
}

/** As pg_stat_replication.replay_lag: from the flush of some WAL here to the word that it is replayed there. */
class ReplayLag extends Upstream {
  private lag: number | null = null
  private readonly marks: { node: string; lsn: number; time: number }[] = []

  override feed(event: TraceEvent): void {
    super.feed(event)
    if (event.node === undefined) return
    if (event.kind === 'wal.flushed' || event.kind === 'wal.received') {
      if (event.node !== this.target.name) this.marks.push({ node: event.node, lsn: event.lsn, time: event.time })
    } else if (event.kind === 'replication.acknowledged' && event.standby === this.target.name) {
      while (this.marks.length > 0 && (this.marks[0].node !== this.upstream || this.marks[0].lsn <= this.replayed)) {
        const mark = this.marks.shift()!
        if (mark.node === this.upstream) this.lag = event.time - mark.time
      }
    }
  }

  override value(): number | null {
    return this.lag
  }
}

const kinds = ['wal.flushed', 'wal.received', 'replication.acknowledged'] as const

export const nodeReplication: readonly PropertySubject[] = [
  {
    definition: {
      of: 'node',
      name: 'lag',
      summary: 'WAL that its upstream has flushed and that it has not replayed',
      dimension: 'size',
    },
    kinds,
    ledger: false,
    reducer: target => new Upstream(target),
  },
  {
    definition: {
      of: 'node',
      name: 'replay_lag',
      summary: 'the time from the flush of WAL upstream to the word that it is replayed, as pg_stat_replication has it',
      dimension: 'duration',
    },
    kinds,
    ledger: false,
    reducer: target => new ReplayLag(target),
  },
]
