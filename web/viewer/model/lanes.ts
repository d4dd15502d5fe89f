// The lanes of a run: one a client, one a node, and under each node one a process. A process that follows another of its
// type takes its lane. What a lane was doing stands in its segments.

import type { TraceEvent } from '../../../src/model/trace.ts'
import { ClientLanes } from './client-lanes.ts'
import { NodeLanes } from './node-lanes.ts'
import { Segments } from './segments.ts'

export interface Life {
  readonly pid: number
  readonly from: number
  /** Infinity while it lives. */
  to: number
  /** The lane of the client that it serves. */
  client?: Lane
  /** The event that ended it. */
  exit?: TraceEvent<'process.exited'>
}

export interface Lane {
  readonly kind: 'client' | 'node' | 'process'
  /** The node's name, or `clients`. */
  readonly group: string
  /** `teller[0]`, `primary`, `checkpointer`. */
  label: string
  /** Of a process: its type. */
  readonly type: string
  readonly segments: Segments
  readonly lives: Life[]
}

export function newLane(kind: Lane['kind'], group: string, label: string, type = ''): Lane {
  return { kind, group, label, type, segments: new Segments(), lives: [] }
}

/** `108 teller[1]`: its number, and whom it serves. */
export function nameOf({ pid, client }: Life): string {
  return client === undefined ? `${pid}` : `${pid} ${client.label}`
}

export interface Laid {
  readonly lanes: readonly Lane[]
  /** For each event its lane's place in `lanes`; -1 where it has none. */
  readonly laneOf: Int32Array
}

export function layLanes(events: readonly TraceEvent[]): Laid {
  const clients = new ClientLanes()
  const nodes = new Map<string, NodeLanes>()
  const homes: (Lane | undefined)[] = new Array(events.length)
  const waits = events.some(event => event.kind === 'process.waiting')
  events.forEach((event, at) => {
    const { node } = event
    if (node !== undefined && !nodes.has(node)) nodes.set(node, new NodeLanes(node, waits))
    const place = node === undefined ? undefined : nodes.get(node)!.take(event)
    homes[at] = clients.take(event) ?? place
    if (event.kind === 'client.connected' && node !== undefined) nodes.get(node)!.serve(event.backend, homes[at]!)
  })
  const lanes = [...clients.lanes, ...[...nodes.values()].flatMap(each => each.lanes)]
  for (const lane of lanes) lane.segments.seal()
  const places = new Map(lanes.map((lane, at) => [lane, at]))
  const laneOf = Int32Array.from(homes, lane => (lane === undefined ? -1 : (places.get(lane) ?? -1)))
  return { lanes, laneOf }
}
