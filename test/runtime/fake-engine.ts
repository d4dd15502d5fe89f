// An engine without PostgreSQL: it answers requests from a script of the test, on a virtual clock. It shows that the
// interpreter knows nothing of the simulation.

import type {
  Action,
  Actor,
  Connection,
  Engine,
  EngineKind,
  EngineOptions,
  Executed,
  Opened,
  Query,
  Request,
  Topology,
} from '../../src/runtime/engine.ts'
import { Trace } from '../../src/runtime/trace.ts'

export interface FakeBehaviour {
  /** How long a query takes, in nanoseconds; undefined: it never answers by itself. */
  readonly latency?: number
  execute?(query: Query, connection: Connection, engine: FakeEngine): Partial<Executed> | 'hangs'
  blockers?(connection: Connection, engine: FakeEngine): readonly number[]
  survived?(xid: number): boolean
  probe?(sql: string): null | number | string | boolean
  /** Nodes that never come up. */
  readonly dead?: readonly string[]
}

export class FakeEngine implements Engine {
  readonly name = 'simulated'
  readonly precision = 0
  readonly trace: Trace
  /** Every request, in order. */
  readonly requests: Request[] = []
  private time = 0
  private sequence = 0
  private backends = 100
  private readonly queue: { at: number; sequence: number; action: () => void }[] = []
  private readonly hanging = new Map<Connection, (executed: Partial<Executed>) => void>()
  private readonly states = new Map<string, boolean>()
  private readonly topology: Topology
  private readonly behaviour: FakeBehaviour

  constructor(topology: Topology, options: EngineOptions, behaviour: FakeBehaviour) {
    this.topology = topology
    this.behaviour = behaviour
    this.trace = new Trace(() => this.time, options.wants, options.listener)
  }

  now(): number {
    return this.time
  }

  cause(): number | undefined {
    return undefined
  }

  begin(): void {
    this.topology.nodes.forEach(({ name, upstream }, index) => {
      if (this.behaviour.dead?.includes(name)) return
      this.at(1_000_000 * (index + 1), () => this.comeUp(name, upstream === undefined))
    })
  }

  private comeUp(node: string, writable: boolean): void {
    this.states.set(node, writable)
    this.trace.emit('node.accepting', { node }, { writable })
  }

  spawn(actor: Actor): void {
    this.at(this.time, () => this.drive(actor.action, undefined))
  }

  next(until: number): 'told' | 'reached' | 'idle' {
    const before = this.trace.sequence
    for (;;) {
      if (this.trace.sequence > before) return 'told'
      this.queue.sort((a, b) => a.at - b.at || a.sequence - b.sequence)
      const due = this.queue[0]
      if (!due || due.at > until) {
        if (until === Number.POSITIVE_INFINITY) return 'idle'
        this.time = until
        return 'reached'
      }
      this.queue.shift()
      this.time = due.at
      due.action()
    }
  }

  probe(_node: string, _database: string, sql: string) {
    return { value: this.behaviour.probe?.(sql) ?? null }
  }

  survived(_node: string, commits: readonly { readonly xid: number }[]) {
    return commits.map(({ xid }) => this.behaviour.survived?.(xid) ?? true)
  }

  close(): void {}

  /** Lets a query that hangs come to its end. */
  release(connection: Connection, executed: Partial<Executed> = {}): void {
    this.hanging.get(connection)?.(executed)
    this.hanging.delete(connection)
  }

  at(time: number, action: () => void): void {
    this.queue.push({ at: time, sequence: ++this.sequence, action })
  }

  private drive(action: Action, answer: unknown): void {
    const { value, done } = action.next(answer)
    if (done) return
    this.requests.push(value)
    this.handle(value, answer => this.drive(action, answer))
  }

  private handle(request: Request, answer: (answer: unknown) => void): void {
    const later = (delay: number, value: unknown) => this.at(this.time + delay, () => answer(value))
    const latency = this.behaviour.latency ?? 1_000_000
    switch (request.kind) {
      case 'connect': {
        const writable = this.states.get(request.node)
        if (writable === undefined) return later(1000, { failure: { level: 'ERROR', message: 'Connection refused' } })
        const connection = {
          node: request.node,
          backend: this.backends++,
          inHotStandby: !writable,
          defaultTransactionReadOnly: false,
        }
        return later(1000, { connection })
      }
      case 'execute': {
        const given = this.behaviour.execute?.(request.query, request.connection, this) ?? {}
        const whole = (executed: Partial<Executed>) => ({ results: [], notices: [], status: 'I', ...executed })
        if (given !== 'hangs') return later(latency, whole(given))
        this.hanging.set(request.connection, executed => later(2 * latency, whole(executed)))
        return
      }
      case 'sleep':
        return later(Math.max(0, request.until - this.time), undefined)
      case 'wait': {
        let answered = false
        const once = (woken: boolean) => {
          if (answered) return
          answered = true
          unwatch()
          later(0, woken)
        }
        const unwatch = request.flag.watch(() => once(true))
        if (request.until !== undefined) this.at(request.until, () => once(false))
        return
      }
      case 'state':
        return later(5_000_000, !this.behaviour.dead?.includes(request.node))
      case 'blockers':
        return later(0, this.behaviour.blockers?.(request.connection, this) ?? [])
      case 'processes':
        return later(0, request.role === 'checkpointer' ? [{ pid: 7, type: 'checkpointer' }] : [])
      case 'signal':
        return later(0, true)
      case 'isUp':
        return later(0, true)
      case 'isCut':
        return later(0, false)
      case 'start':
      case 'stop':
      case 'reload':
      case 'promote':
      case 'follow':
        if (request.kind === 'promote') this.comeUp(request.node, true)
        return later(0, this.behaviour.dead?.includes(request.node) ? { refused: 'it is dead' } : {})
      default:
        return later(0, undefined)
    }
  }
}

/** `opened` gets the engine of each run. */
export function fakeKind(behaviour: FakeBehaviour = {}, opened?: (engine: FakeEngine) => void): EngineKind {
  return {
    name: 'simulated',
    diagnose: () => [],
    open(topology, options): Opened {
      const engine = new FakeEngine(topology, options, behaviour)
      opened?.(engine)
      return { engine }
    },
  }
}
