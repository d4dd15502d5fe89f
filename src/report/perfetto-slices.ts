// What lasts, for the Perfetto report: a lane's life, what its title says it does, lock waits, checkpoints, vacuums,
// transactions and steps of clients. Slices of a lane lie beside or within each other, never across.

import type { EventKind, TraceEvent } from '../model/trace.ts'
import type { Lane } from './lanes.ts'
import { endsWait, type Told } from './messages.ts'
import type { ReportedRun } from './run.ts'

export interface Slice {
  readonly lane: Lane
  readonly name: string
  /** Nanoseconds since the start of the run. */
  readonly from: number
  readonly to: number
  readonly details: Readonly<Record<string, unknown>>
}

export const sliceKinds: readonly EventKind[] = [
  'process.titled',
  'lock.waited',
  'lock.acquired',
  'checkpoint.started',
  'checkpoint.completed',
  'vacuum.finished',
  'client.acknowledged',
]

export function slicesOf(run: ReportedRun, lanes: readonly Lane[], told: readonly Told[]): readonly Slice[] {
  const slices: Slice[] = lanes.map(lane => lifeOf(lane, run.endedAt))
  const open = new Open(slices)
  for (const { event, lane } of told) {
    if (!lane) continue
    if (event.kind === 'process.exited') open.closeAll(lane, event.time)
    else take(event, lane, open, slices)
  }
  for (const lane of lanes) open.closeAll(lane, lane.endedAt ?? run.endedAt)
  return nested(slices)
}

/** A client lives from its first event on. */
function lifeOf(lane: Lane, end: number): Slice {
  const { name, pid, startedAt, endedAt = end } = lane
  const details = { ...(pid === undefined ? {} : { pid }), ...(lane.end === undefined ? {} : { end: lane.end }) }
  return { lane, name, from: startedAt, to: endedAt, details }
}

function take(event: TraceEvent, lane: Lane, open: Open, slices: Slice[]): void {
  const { time } = event
  if (endsWait(event)) open.close(lane, 'lock', time)
  switch (event.kind) {
    case 'process.titled': {
      const state = stateOf(event.title)
      if (open.nameOf(lane, 'state') === state) return
      open.close(lane, 'state', time)
      // Who is idle shows by an empty lane.
      if (state !== '' && state !== 'idle') open.begin(lane, 'state', state, time)
      return
    }
    case 'lock.waited':
      return open.begin(lane, 'lock', `waits for ${event.mode}`, time, { target: event.target, blocker: event.blocker })
    case 'checkpoint.started':
      return open.begin(lane, 'checkpoint', `checkpoint: ${event.reason}`, time)
    case 'checkpoint.completed':
      return open.close(lane, 'checkpoint', time, { buffers: event.buffers })
    case 'vacuum.finished': {
      // A worker looks at table after table, and tells of each at its end.
      if (lane.type !== 'autovacuum worker') return
      const before = slices.findLast(slice => slice.lane === lane && slice.name.startsWith('vacuum '))
      const { removed, remaining, pages } = event
      const details = { removed, remaining, pages }
      const from = before?.to ?? lane.startedAt
      slices.push({ lane, name: `vacuum ${event.relation}`, from, to: time, details })
      return
    }
    case 'client.acknowledged': {
      const details = event.xid === undefined ? {} : { xid: event.xid }
      const from = Math.max(0, time - event.latency)
      slices.push({ lane, name: 'transaction', from, to: time, details })
      return
    }
    case 'step.started':
      return open.begin(lane, 'step', event.step, time, { sql: event.sql })
    case 'step.finished':
      open.close(lane, 'step', time)
  }
}

/** What has begun and not ended, one of a sort for each lane. */
class Open {
  private readonly begun = new Map<string, Slice>()
  private readonly slices: Slice[]

  constructor(slices: Slice[]) {
    this.slices = slices
  }

  begin(lane: Lane, sort: string, name: string, from: number, details: Slice['details'] = {}): void {
    this.close(lane, sort, from)
    this.begun.set(`${lane.number} ${sort}`, { lane, name, from, to: from, details })
  }

  nameOf(lane: Lane, sort: string): string | undefined {
    return this.begun.get(`${lane.number} ${sort}`)?.name
  }

  close(lane: Lane, sort: string, to: number, details: Slice['details'] = {}): void {
    const key = `${lane.number} ${sort}`
    const slice = this.begun.get(key)
    if (!slice) return
    this.begun.delete(key)
    this.slices.push({ ...slice, to, details: { ...slice.details, ...details } })
  }

  closeAll(lane: Lane, to: number): void {
    for (const sort of ['lock', 'state', 'checkpoint', 'step']) this.close(lane, sort, to)
  }
}

/** What `ps` shows behind the name of who it is; LSNs and files that move on are left out. */
function stateOf(title: string): string {
  const backend = /^postgres: \S+ \S+ \S+\(\d+\) (?<state>.*)$/s.exec(title)
  if (backend) return backend.groups!.state
  const moving = /\b(?<state>streaming|recovering|archiving|waiting for|last was|failed on) [0-9A-F/.]+/.exec(title)
  return moving ? moving.groups!.state : ''
}

/** By lane and time; what would reach beyond the slice around it ends, or begins, with that. */
function nested(slices: readonly Slice[]): readonly Slice[] {
  const ordered = [...slices].sort(
    (one, other) => one.lane.number - other.lane.number || one.from - other.from || other.to - one.to,
  )
  const around: Slice[] = []
  return ordered.map(slice => {
    while (
      around.length > 0 &&
      (around[around.length - 1].lane !== slice.lane || around[around.length - 1].to <= slice.from)
    ) {
      around.pop()
    }
    const to = Math.max(slice.from, Math.min(slice.to, around.at(-1)?.to ?? slice.to))
    const clipped = { ...slice, to }
    around.push(clipped)
    return clipped
  })
}
