// What goes from one lane to another: forks, signals, connections, messages of replication, and who waits for whom.

import type { TraceEvent } from '../../../src/model/trace.ts'
import type { Laid } from './lanes.ts'

export type ArrowKind = 'fork' | 'signal' | 'client' | 'wal' | 'lock'

export interface Arrow {
  readonly kind: ArrowKind
  /** Places of lanes. */
  readonly from: number
  readonly to: number
  /** When it left and when it arrived, in nanoseconds. */
  readonly time: number
  readonly arrives: number
  /** The place of its event. */
  readonly event: number
  readonly text: string
}

/** In the order of their times. */
export function arrowsOf(events: readonly TraceEvent[], laid: Laid): readonly Arrow[] {
  const maker = new ArrowMaker(laid, new Receptions(events, laid.laneOf))
  for (const [at, event] of events.entries()) {
    const arrow = maker.take(event, at)
    if (arrow) maker.arrows.push(arrow)
  }
  return maker.arrows.sort((one, other) => one.time - other.time)
}

class ArrowMaker {
  readonly arrows: Arrow[] = []
  private readonly laid: Laid
  private readonly receptions: Receptions
  /** The lane that a node's process was seen on last, by node and pid. */
  private readonly seen = new Map<string, number>()
  /** The lanes of clients, by name. */
  private readonly clients: ReadonlyMap<string, number>
  /** The lane of the backend that serves a client's lane. */
  private readonly backends = new Map<number, number>()

  constructor(laid: Laid, receptions: Receptions) {
    this.laid = laid
    this.receptions = receptions
    this.clients = new Map(
      laid.lanes.flatMap((lane, at) => (lane.kind === 'client' ? [[lane.label, at] as const] : [])),
    )
  }

  take(event: TraceEvent, at: number): Arrow | undefined {
    const lane = this.laid.laneOf[at]
    const of = (pid: number) => this.seen.get(`${event.node} ${pid}`)
    if (event.pid !== undefined && lane >= 0) this.seen.set(`${event.node} ${event.pid}`, lane)
    const base = { event: at, time: event.time, arrives: event.time }
    switch (event.kind) {
      case 'process.started':
        return between(of(event.parent), lane, { ...base, kind: 'fork', text: `fork of ${event.type} ${event.pid}` })
      case 'signal.sent':
        return between(lane, of(event.to), { ...base, kind: 'signal', text: event.signal })
      case 'connection.opened': {
        const client = this.clients.get(event.from) ?? this.clients.get(event.from.replace(/\[0\]$/, ''))
        return between(client, lane, { ...base, kind: 'client', text: 'connects' })
      }
      case 'client.connected': {
        const backend = of(event.backend)
        if (backend !== undefined) this.backends.set(lane, backend)
        return undefined
      }
      case 'client.error':
        return this.toClient(lane, base, event.message)
      case 'lock.waited':
        return between(lane, of(event.blocker), { ...base, kind: 'lock', text: `waits for ${event.blocker}` })
      case 'wal.sent': {
        const arrival = this.receptions.arrival(event)
        const arrives = arrival?.time ?? event.time
        return between(lane, arrival?.lane, { ...base, arrives, kind: 'wal', text: 'WAL' })
      }
      case 'replication.acknowledged': {
        const from = this.receptions.laneOf(event.standby)
        return between(from, lane, { ...base, kind: 'wal', text: 'acknowledges' })
      }
      default:
        return undefined
    }
  }

  /** What a backend said before it ended is read when the client next looks. */
  private toClient(lane: number, base: Pick<Arrow, 'event' | 'time' | 'arrives'>, text: string): Arrow | undefined {
    const from = this.backends.get(lane)
    if (from === undefined) return undefined
    const life = this.laid.lanes[from].lives.findLast(each => each.from <= base.time)
    // One that went with its machine has said nothing.
    if (life?.to !== Number.POSITIVE_INFINITY && !life?.exit) return undefined
    const time = Math.min(base.time, life.to)
    return between(from, lane, { ...base, time, kind: 'client', text })
  }
}

function between(
  from: number | undefined,
  to: number | undefined,
  rest: Omit<Arrow, 'from' | 'to'>,
): Arrow | undefined {
  if (from === undefined || to === undefined || from < 0 || to < 0 || from === to) return undefined
  return { ...rest, from, to }
}

interface Reception {
  readonly time: number
  readonly lsn: number
  readonly lane: number
}

/** What each standby has received, and when. */
class Receptions {
  private readonly byNode = new Map<string, Reception[]>()
  /** How far each was asked for: what was sent arrives in order. */
  private readonly asked = new Map<string, number>()

  constructor(events: readonly TraceEvent[], laneOf: Int32Array) {
    for (const [at, event] of events.entries()) {
      if (event.kind !== 'wal.received' || event.node === undefined) continue
      const those = this.byNode.get(event.node) ?? []
      this.byNode.set(event.node, those)
      those.push({ time: event.time, lsn: event.lsn, lane: laneOf[at] })
    }
  }

  arrival({ to, lsn, time }: TraceEvent<'wal.sent'>): Reception | undefined {
    const those = this.byNode.get(to) ?? []
    let at = this.asked.get(to) ?? 0
    while (at < those.length && (those[at].lsn < lsn || those[at].time < time)) at++
    this.asked.set(to, at)
    return those[at]
  }

  laneOf(standby: string): number | undefined {
    return this.byNode.get(standby)?.[0]?.lane
  }
}
