// Measures what a crash or a failover has cost, for the report: the ledger of commits by client, how far back the losses
// go, and how long it took until a commit was acknowledged again. A run without either has nothing to measure.

import type { CommitLedger, Recovery, RecoveryTime } from '../model/recovery.ts'
import type { EventKind, TraceEvent } from '../model/trace.ts'
import { Strikes } from './strikes.ts'

/** From a fault to when somebody takes writes again, or as far as the run goes. */
interface Outage {
  readonly from: number
  /** No fault began it: a server was stopped, or another one promoted. */
  readonly isPlanned: boolean
  /** The servers that had served and were gone, and those that took over. Without any it is no outage. */
  readonly nodes: Set<string | undefined>
  /** When one of them served again, or another one took writes. */
  accepted: number | undefined
  /** The longest stretch without an acknowledgement in it. */
  longest: { readonly begin: number; readonly end: number } | undefined
}

type Counts = { -readonly [K in keyof CommitLedger]: CommitLedger[K] }

export class RecoveryMeasures {
  readonly kinds: ReadonlySet<EventKind> = new Set([
    'client.connected',
    'client.acknowledged',
    'client.finished',
    'commit.lost',
    'commit.ghost',
    'fault.injected',
    'node.accepting',
    'node.refusing',
    'node.down',
    'timeline.switched',
  ] as const)
  private readonly strikes = new Strikes()
  private readonly clients = new Map<string, Counts>()
  private readonly running = new Set<string>()
  private readonly served = new Set<string | undefined>()
  private readonly outages: Outage[] = []
  private lastAcknowledged: number | undefined
  private furthest = 0

  feed(event: TraceEvent): void {
    this.strikes.feed(event)
    switch (event.kind) {
      case 'client.connected':
        this.running.add(`${event.client}[${event.index}]`)
        return
      case 'client.finished':
        this.running.delete(`${event.client}[${event.index}]`)
        return
      case 'client.acknowledged':
        this.acknowledge(event)
        return
      case 'commit.ghost':
        this.countsOf(event.client).ghosts++
        return
      case 'commit.lost':
        this.countsOf(event.client).lost++
        this.furthest = Math.max(this.furthest, (this.strikes.timeOf(event) ?? 0) - event.acknowledged)
        return
      case 'fault.injected':
        if (event.hits > 0) this.begin(event.time, false)
        return
      case 'node.accepting':
        this.accept(event)
        return
      case 'node.refusing':
      case 'node.down':
      case 'timeline.switched':
        this.interrupt(event)
    }
  }

  /** `isSettled`: it was looked which commits are there. */
  result(isSettled: boolean, endedAt: number): Recovery | undefined {
    const ledger = [...this.clients.values()]
    const isLost = ledger.some(({ lost, ghosts }) => lost + ghosts > 0)
    const hasOutage = this.outages.some(({ nodes }) => nodes.size > 0)
    if (ledger.length === 0 || !(hasOutage || isLost)) return undefined
    const time = this.worst(endedAt)
    return { ...(isSettled ? { point: { time: this.furthest, ledger } } : {}), ...(time ? { time } : {}) }
  }

  private acknowledge({ client, node, time }: TraceEvent<'client.acknowledged'>): void {
    this.countsOf(client).acknowledged++
    this.served.add(node)
    const last = this.lastAcknowledged ?? time
    this.lastAcknowledged = time
    for (const outage of this.outages) {
      if (outage.accepted !== undefined && last >= outage.accepted) continue
      const begin = Math.max(last, outage.from)
      if (outage.longest && time - begin < outage.longest.end - outage.longest.begin) continue
      outage.longest = { begin, end: time }
    }
  }

  private begin(from: number, isPlanned: boolean): void {
    this.outages.push({ from, isPlanned, nodes: new Set(), accepted: undefined, longest: undefined })
  }

  /** Where no fault is felt any more, it is planned, and begins an outage itself. */
  private interrupt({ kind, node, time }: TraceEvent): void {
    if (kind !== 'timeline.switched' && !this.served.has(node)) return
    if (this.served.size === 0) return
    if (this.outages.at(-1)?.accepted !== undefined || this.outages.length === 0) this.begin(time, true)
    const outage = this.outages.at(-1)
    if (outage && outage.accepted === undefined) outage.nodes.add(node)
  }

  private accept({ node, writable, time }: TraceEvent<'node.accepting'>): void {
    for (const outage of this.outages) {
      if (outage.nodes.has(node) || (writable && outage.nodes.size > 0)) outage.accepted ??= time
    }
  }

  private worst(endedAt: number): RecoveryTime | undefined {
    let worst: RecoveryTime | undefined
    for (const outage of this.outages) {
      const time = outage.nodes.size > 0 ? this.timeOf(outage, endedAt) : undefined
      if (time && (!worst || time.time > worst.time)) worst = time
    }
    return worst
  }

  private timeOf({ from, isPlanned, accepted, longest }: Outage, endedAt: number): RecoveryTime | undefined {
    const last = this.lastAcknowledged ?? from
    if (longest && last > (accepted ?? longest.end)) {
      return { time: longest.end - longest.begin, from: longest.begin, ended: true }
    }
    if (this.running.size === 0) return undefined
    // Whoever stops all servers for good has planned it.
    if (isPlanned && accepted === undefined) return undefined
    const begin = Math.max(last, from)
    return { time: endedAt - begin, from: begin, ended: false }
  }

  private countsOf(client: string): Counts {
    let counts = this.clients.get(client)
    if (!counts) {
      counts = { client, acknowledged: 0, lost: 0, ghosts: 0 }
      this.clients.set(client, counts)
    }
    return counts
  }
}
