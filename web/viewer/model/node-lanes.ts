// The lanes of one node: itself, and its processes. A process's state comes from what ps shows of it, what it waits for,
// and the locks that it waits for.

import type { TraceEvent } from '../../../src/model/trace.ts'
import { type Lane, newLane } from './lanes.ts'
import { stateOf } from './states.ts'

/** In this order under their node; types that are not here come before backends. */
const order = [
  'postmaster',
  'startup',
  'checkpointer',
  'bgwriter',
  'walwriter',
  'walreceiver',
  'walsender',
  'archiver',
  'logger',
  'autovacuum launcher',
  'autovacuum worker',
  'parallel worker',
]

/** Their waits for messages are not told. */
const quiet = new Set(['walsender', 'walreceiver'])

interface Doing {
  lane: Lane
  type: string
  base: number
  label: string
  wait?: { readonly kind: number; readonly label: string }
  lock?: string
}

export class NodeLanes {
  private readonly own: Lane
  private readonly node: string
  /** Whether the run tells what processes wait for: if not, one that has no client is thought of as idle. */
  private readonly waits: boolean
  private readonly byType = new Map<string, Lane[]>()
  private readonly doing = new Map<number, Doing>()

  constructor(node: string, waits: boolean) {
    this.node = node
    this.waits = waits
    this.own = newLane('node', node, node)
  }

  get lanes(): Lane[] {
    const rank = (type: string) =>
      type === 'backend' ? order.length + 1 : (order.indexOf(type) + 1 || order.length + 1) - 1
    const types = [...this.byType.keys()].sort((one, other) => rank(one) - rank(other))
    return [this.own, ...types.flatMap(type => this.byType.get(type)!)]
  }

  /** Gives the lane that the event belongs to. */
  take(event: TraceEvent): Lane | undefined {
    this.takeNode(event)
    const { pid } = event
    if (pid === undefined) return this.own
    if (event.kind === 'process.started') return this.begin(event)
    const doing = this.doing.get(pid)
    if (!doing) return this.own
    if (event.process !== undefined && event.process !== doing.type) this.become(doing, pid, event)
    if (event.kind === 'process.exited') {
      doing.lane.segments.add(event.time, stateOf.absent)
      Object.assign(doing.lane.lives.at(-1)!, { to: event.time, exit: event })
      this.doing.delete(pid)
    } else if (this.change(doing, event)) this.show(doing, event.time)
    return doing.lane
  }

  /** The backend turns out to be that client's. */
  serve(backend: number, client: Lane): void {
    const life = this.doing.get(backend)?.lane.lives.at(-1)
    if (life?.pid === backend) life.client = client
  }

  private takeNode(event: TraceEvent): void {
    const { segments } = this.own
    switch (event.kind) {
      case 'node.starting':
        return segments.add(event.time, stateOf.waiting, 'starting')
      case 'recovery.started':
        return segments.add(event.time, stateOf.waiting, 'recovery: replaying WAL')
      case 'node.accepting':
        return event.writable
          ? segments.add(event.time, stateOf.running, 'accepts connections')
          : segments.add(event.time, stateOf.idle, 'standby: accepts read-only connections')
      case 'node.refusing':
        return segments.add(event.time, stateOf.stopped, `refuses connections: ${because(event.reason)}`)
      case 'node.down':
        segments.add(event.time, stateOf.absent, event.reason)
        for (const { lane } of this.doing.values()) {
          lane.segments.add(event.time, stateOf.absent)
          lane.lives.at(-1)!.to = event.time
        }
        return this.doing.clear()
    }
  }

  private begin(event: TraceEvent<'process.started'>): Lane {
    const lane = this.free(event.type)
    lane.lives.push({ pid: event.pid!, from: event.time, to: Number.POSITIVE_INFINITY })
    const doing = { lane, type: event.type, base: this.restOf(event.type), label: '' }
    this.doing.set(event.pid!, doing)
    this.show(doing, event.time)
    return lane
  }

  /** A backend whose client asks for replication turns out to be a WAL sender. */
  private become(doing: Doing, pid: number, { time, process }: TraceEvent): void {
    const life = doing.lane.lives.at(-1)!
    doing.type = process!
    if (life.pid !== pid) return
    doing.lane.segments.add(time, stateOf.absent)
    life.to = time
    doing.lane = this.free(process!)
    doing.lane.lives.push({ pid, from: time, to: Number.POSITIVE_INFINITY })
    doing.base = this.restOf(process!)
    this.show(doing, time)
  }

  private restOf(type: string): number {
    if (type === 'backend' || type === 'startup') return stateOf.running
    return this.waits && !quiet.has(type) ? stateOf.running : stateOf.idle
  }

  private free(type: string): Lane {
    const those = this.byType.get(type) ?? []
    this.byType.set(type, those)
    const free = those.find(lane => lane.lives.at(-1)!.to !== Number.POSITIVE_INFINITY)
    if (free) return free
    const lane = newLane('process', this.node, type, type)
    those.push(lane)
    return lane
  }

  /** Whether it changed what the process is doing. */
  private change(doing: Doing, event: TraceEvent): boolean {
    switch (event.kind) {
      case 'process.titled': {
        const { kind, label } = ofTitle(event.title, doing)
        doing.base = kind
        doing.label = label
        // A wait may end without the lock: the title says so.
        if (!event.title.endsWith(' waiting')) doing.lock = undefined
        return true
      }
      case 'process.waiting':
        doing.wait =
          event.wait_event === undefined ? undefined : { kind: ofWait(event.wait_event_type!), label: event.wait_event }
        return true
      case 'lock.waited':
        doing.lock = `waits for ${event.mode} on ${event.target}, held by ${event.blocker}`
        return true
      case 'lock.acquired':
        doing.lock = undefined
        return true
      default:
        return false
    }
  }

  private show({ lane, base, label, wait, lock }: Doing, time: number): void {
    if (lock !== undefined) lane.segments.add(time, stateOf.lock, lock)
    else if (wait) lane.segments.add(time, wait.kind, wait.label)
    else lane.segments.add(time, base, label)
  }
}

/** A backend's title ends in what it does: `postgres: role database client(port) UPDATE waiting`. */
function ofTitle(title: string, doing: Doing): { readonly kind: number; readonly label: string } {
  if (doing.type === 'postmaster') return { kind: doing.base, label: '' }
  if (doing.type !== 'backend') return { kind: doing.base, label: title.replace(/^postgres: /, '').trim() }
  if (/ authentication$|initializing/.test(title)) return { kind: stateOf.running, label: 'authentication' }
  const command = title.replace(/^postgres: \S+ \S+ \S+ ?/, '')
  if (command === 'idle') return { kind: stateOf.idle, label: command }
  if (command.startsWith('idle in transaction')) return { kind: stateOf.transaction, label: command }
  if (command.endsWith(' waiting')) return { kind: stateOf.lock, label: command }
  return { kind: stateOf.running, label: command }
}

function ofWait(type: string): number {
  if (type === 'Activity' || type === 'Client') return stateOf.idle
  return type === 'Lock' ? stateOf.lock : stateOf.waiting
}

/** Why innocent processes must end too is what a reader asks first. */
function because(reason: string): string {
  return reason === 'a child process crashed' ? `${reason}, shared memory may be corrupt, all others must end` : reason
}
