// The lives that pictures draw: a lane for each process of a node, from its start to its end, and one for each client.
// A pid that a later process gets again is another lane.

import type { TraceEvent } from '../model/trace.ts'

export interface Lane {
  /** Counts from 0, in the order of appearance. */
  readonly number: number
  /** Missing: a client. */
  readonly node?: string
  readonly pid?: number
  /** The process's type, or the client's name. A backend that serves a standby becomes a walsender. */
  type: string
  /** `postmaster 100`, `teller[0]`, a session's name. */
  name: string
  /** The name of the client that a backend serves. */
  client?: string
  readonly startedAt: number
  /** Of the process: nobody tells of a client's. */
  endedAt?: number
  /** How it ended, where that is known. */
  end?: string
}

/** Follows the events in order, and says whose they are. */
export class Lanes {
  readonly all: Lane[] = []
  private readonly living = new Map<string, Lane>()
  /** A client's lane by its backend's, while they are connected, and the other way round. */
  private readonly partners = new Map<Lane, Lane>()
  private readonly sessions: ReadonlySet<string>

  constructor(events: readonly TraceEvent[]) {
    this.sessions = new Set(events.flatMap(event => ('session' in event ? [event.session] : [])))
  }

  /** The lane of who tells the event; undefined for what is nobody's, as a fault. */
  take(event: TraceEvent): Lane | undefined {
    if (event.kind === 'node.down') this.endNode(event.node, event.time)
    if ('client' in event) {
      const client = this.client(event.client, event.index, event.time)
      if (event.kind === 'client.connected') this.connect(client, this.process(event.node, event.backend))
      return client
    }
    if ('session' in event) return this.client(event.session, 0, event.time)
    if (event.node === undefined || event.pid === undefined) return undefined
    const known = event.kind === 'process.started' ? undefined : this.process(event.node, event.pid)
    const lane = known ?? this.begin(event.node, event.pid, event.process ?? 'process', event.time)
    if (event.process !== undefined && event.process !== lane.type) {
      lane.type = event.process
      lane.name = `${event.process} ${event.pid}`
    }
    if (event.kind === 'process.exited') {
      lane.endedAt = event.time
      lane.end = event.signal ?? `exit ${event.code ?? ''}`.trim()
    }
    return lane
  }

  /** The living process, or the last that had this pid. */
  process(node: string | undefined, pid: number): Lane | undefined {
    return this.living.get(`${node} ${pid}`)
  }

  /** The living process of a type that was started last. */
  ofType(node: string, type: string): Lane | undefined {
    return this.all.findLast(lane => lane.node === node && lane.type === type && lane.endedAt === undefined)
  }

  /** The backend of a client, or the client of a backend, as they were connected last. */
  partnerOf(lane: Lane): Lane | undefined {
    return this.partners.get(lane)
  }

  private connect(client: Lane, backend: Lane | undefined): void {
    if (backend === undefined) return
    this.partners.set(client, backend)
    this.partners.set(backend, client)
    backend.client = client.name
  }

  private client(name: string, index: number, time: number): Lane {
    const key = `client ${name} ${index}`
    const known = this.living.get(key)
    if (known) return known
    const shown = this.sessions.has(name) ? name : `${name}[${index}]`
    const lane = { number: this.all.length, type: name, name: shown, startedAt: time }
    return this.add(key, lane)
  }

  private begin(node: string, pid: number, type: string, startedAt: number): Lane {
    const lane = { number: this.all.length, node, pid, type, name: `${type} ${pid}`, startedAt }
    return this.add(`${node} ${pid}`, lane)
  }

  private add(key: string, lane: Lane): Lane {
    this.all.push(lane)
    this.living.set(key, lane)
    return lane
  }

  /** With the postmaster alone gone the others tell of their own end, which is later. */
  private endNode(node: string | undefined, time: number): void {
    for (const lane of this.all) if (lane.node === node) lane.endedAt ??= time
  }
}
