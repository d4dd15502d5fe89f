// The lanes of clients and sessions: connected or not, waiting for an answer or not.

import type { TraceEvent } from '../../../src/model/trace.ts'
import { type Lane, newLane } from './lanes.ts'
import { stateOf } from './states.ts'

export class ClientLanes {
  private readonly byName = new Map<string, Lane>()
  /** Who a backend serves, by node and pid. */
  private readonly served = new Map<string, Lane>()

  /** In the order of their names' first mention; loops of one client together. */
  get lanes(): Lane[] {
    const clients = new Map<string, Lane[]>()
    for (const lane of this.byName.values()) clients.set(lane.type, [...(clients.get(lane.type) ?? []), lane])
    // One that is alone needs no number.
    for (const lanes of clients.values()) if (lanes.length === 1) lanes[0].label = lanes[0].type
    return [...clients.values()].flat()
  }

  /** Gives the lane that the event belongs to, if it is a client's. */
  take(event: TraceEvent): Lane | undefined {
    switch (event.kind) {
      case 'client.connected': {
        const lane = this.lane(event)
        lane.segments.add(event.time, stateOf.idle)
        this.served.set(`${event.node} ${event.backend}`, lane)
        return lane
      }
      case 'client.began': {
        const lane = this.lane(event)
        lane.segments.add(event.time, stateOf.running, 'transaction')
        return lane
      }
      case 'client.acknowledged': {
        const lane = this.lane(event)
        lane.segments.add(event.time - event.latency, stateOf.running, 'transaction')
        lane.segments.add(event.time, stateOf.idle)
        return lane
      }
      case 'client.error':
        // Afterwards it begins again, or has no connection.
        if (event.level === 'ERROR') {
          const gone = event.sqlstate === undefined || /^(57P|08)/.test(event.sqlstate)
          this.lane(event).segments.add(event.time, gone ? stateOf.absent : stateOf.idle)
        }
        return this.lane(event)
      case 'commit.lost':
      case 'commit.ghost':
        return this.lane(event)
      case 'client.finished':
        this.lane(event).segments.add(event.time, stateOf.absent)
        return this.lane(event)
      case 'step.started':
        return this.change(event, stateOf.running, event.sql.trim().replaceAll(/\s+/g, ' '))
      case 'step.waited':
        return this.change(event, stateOf.lock, event.blocker === undefined ? 'waits' : `waits for ${event.blocker}`)
      case 'step.finished':
        return this.change(event, stateOf.idle)
      case 'step.notice':
        return this.lane(event)
      case 'process.exited': {
        // Its connection ends with its backend; whoever waits for an answer sees that only later.
        const lane = this.served.get(`${event.node} ${event.pid}`)
        this.served.delete(`${event.node} ${event.pid}`)
        if (lane?.segments.kinds.at(-1) === stateOf.idle) lane.segments.add(event.time, stateOf.absent)
        return undefined
      }
      default:
        return undefined
    }
  }

  private change(event: TraceEvent & { readonly session: string }, kind: number, label?: string): Lane {
    const lane = this.lane(event)
    lane.segments.add(event.time, kind, label)
    return lane
  }

  private lane(event: { readonly client: string; readonly index: number } | { readonly session: string }): Lane {
    const client = 'client' in event ? event.client : event.session
    const index = 'client' in event ? event.index : 0
    const name = `${client}[${index}]`
    const known = this.byName.get(name)
    if (known) return known
    const lane = newLane('client', 'clients', name, client)
    this.byName.set(name, lane)
    return lane
  }
}
