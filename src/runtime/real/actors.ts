// Runs the actors of a scenario: each is a loop that asks its action what it wants, and answers when the real servers do.

import type { Action, Actor, Connection, Ordered, Request, RequestOf, ResponseOf } from '../engine.ts'
import type { NodeStates } from '../node-states.ts'
import { connect } from './clients/connect.ts'
import { close, type RealConnection } from './clients/connection.ts'
import { execute } from './clients/execute.ts'
import type { WallClock } from './clock.ts'
import type { Cluster } from './cluster/cluster.ts'
import { damageWal } from './cluster/damaged-wal.ts'
import type { RealReceiver } from './cluster/receiver.ts'
import type { Links } from './links/index.ts'
import { toldPort } from './names.ts'
import { notPlayed } from './not-played.ts'
import type { Observers } from './observers.ts'
import type { Powers } from './power.ts'
import type { Teller } from './teller.ts'

export interface Stand {
  readonly cluster: Cluster
  readonly links: Links
  readonly states: NodeStates
  readonly clock: WallClock
  readonly observers: Observers
  readonly powers: Powers
  readonly teller: Teller
}

export class Actors {
  /** The event that led to what the acting actor does now. */
  cause: number | undefined
  private readonly stand: Stand
  private isOver = false
  private readonly timers = new Set<NodeJS.Timeout>()
  /** What an action threw: a fault of pgdrill's own. */
  fault: { readonly error: unknown } | undefined
  onFault: () => void = () => {}

  constructor(stand: Stand) {
    this.stand = stand
  }

  spawn({ action, cause }: Actor): void {
    this.perform(action, cause).catch(error => {
      this.fault ??= { error }
      this.onFault()
    })
  }

  /** Answers what an action asks for until it comes to its end; never, if the run is over before. */
  async perform<Result>(action: Action<Result>, cause?: number): Promise<Result> {
    let answer: unknown
    for (;;) {
      this.cause = cause
      const { value, done } = action.next(answer)
      if (done) return value
      answer = await this.answer(value)
      if (this.isOver) return new Promise(() => {})
    }
  }

  close(): void {
    this.isOver = true
    for (const timer of this.timers) clearTimeout(timer)
  }

  private async answer(request: Request): Promise<unknown> {
    const { cluster, links, states, observers, powers, teller, clock } = this.stand
    switch (request.kind) {
      case 'execute': {
        const { connection, query } = request
        return execute(connection as RealConnection, await cluster.reaching(connection.node, query))
      }
      case 'sleep':
        return this.sleep(clock.until(request.until))
      case 'wait':
        return this.waitFor(request)
      case 'state':
        while (!states.is(request.node, request.state)) {
          if (!(await this.waitFor({ flag: states.changed, until: request.until }))) return false
        }
        return true
      case 'connect':
        return this.connect(request)
      case 'close':
        return close(request.connection as RealConnection)
      case 'receive':
        return cluster.receive(request)
      case 'received':
        return this.received(request)
      case 'blockers':
        return this.blockersOf(request.connection)
      case 'processes':
        return observers.of(request.node).processes(request.role)
      case 'signal': {
        const { node, pid, signal, cause } = request
        const type = observers.of(node).typeOf(pid)
        const sent = cluster.node(node).server.signal(pid, signal)
        if (sent)
          teller.tell(
            'signal.sent',
            { node },
            { signal: `SIG${signal}`, to: pid, type },
            cause === undefined ? {} : { cause },
          )
        return sent
      }
      case 'isUp':
        return cluster.isUp(request.host)
      case 'power':
        return powers.set(request.host, request.to)
      case 'isCut':
        return links.isCut(request.from, request.to)
      case 'link':
        return request.cut ? links.cut(request.from, request.to) : links.heal(request.from, request.to)
      case 'fill':
        return cluster.volumes.fill(request)
      case 'take':
        return cluster.strangers.take(request, cluster.node(request.node).server)
      case 'backup':
        return cluster.backup(request)
      case 'restore': {
        const { targetTime: time } = request
        const target = time === undefined ? undefined : timestampOf(clock.epochOf(time))
        return cluster.restore(request, target === undefined ? {} : { recovery_target_time: target })
      }
      case 'rewind':
        return cluster.rewind(request)
      case 'resetwal':
        return cluster.resetWal(request)
      case 'corrupt':
        return damageWal(cluster.node(request.node).server, request)
      case 'fail':
      case 'degrade':
        return { skipped: notPlayed[request.kind] } satisfies Ordered
      default:
        return this.order(request)
    }
  }

  /** A session may be over before the next look at its server: its backend is seen while it waits for a first query. */
  private async connect(request: RequestOf<'connect'>): ReturnType<typeof connect> {
    const { cluster, links, observers } = this.stand
    const { port } = cluster.node(request.node).server.place
    const answer = await connect(request, links, { port, shownPort: toldPort })
    if ('connection' in answer) observers.look(request.node)
    return answer
  }

  private async received({ receiver, until }: RequestOf<'received'>): Promise<ResponseOf<'received'>> {
    const reading = receiver as RealReceiver
    const interrupt =
      until === undefined ? undefined : this.later(() => reading.interrupt(), this.stand.clock.until(until))
    const next = await reading.next()
    if (interrupt) this.cancel(interrupt)
    return next
  }

  private async order(request: Order): Promise<Ordered> {
    const { cluster, powers, states } = this.stand
    const { server } = cluster.node(request.node)
    switch (request.kind) {
      case 'start':
        powers.beforeStart(request.node, request.cause)
        if (states.is(request.node, 'down')) await server.whenGone()
        return server.start(request.settings)
      case 'stop':
        return server.stop(request.mode)
      case 'reload':
        return server.reload(request.settings)
      case 'promote':
        return server.promote()
      case 'archive':
        return cluster.archives.fail(request)
      case 'follow': {
        const conninfo = await cluster.conninfo(request.node, request.upstream)
        return server.follow(conninfo)
      }
    }
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise(resolve => this.later(resolve, milliseconds))
  }

  private waitFor({ flag, until }: Pick<RequestOf<'wait'>, 'flag' | 'until'>): Promise<boolean> {
    return new Promise(resolve => {
      const wake = () => {
        unwatch()
        if (timer) this.cancel(timer)
        resolve(true)
      }
      const unwatch = flag.watch(wake)
      const giveUp = () => {
        unwatch()
        resolve(false)
      }
      const timer = until === undefined ? undefined : this.later(giveUp, this.stand.clock.until(until))
    })
  }

  /** Whom the connection's backend waits for; nobody, if it is gone. */
  private async blockersOf({ node, backend }: Connection): Promise<readonly number[]> {
    const answer = await this.stand.cluster
      .node(node)
      .own.query(`select unnest(pg_blocking_pids(${backend}) || pg_safe_snapshot_blocking_pids(${backend}))`)
    return 'failure' in answer ? [] : answer.rows.map(([pid]) => Number(pid))
  }

  private later(run: () => void, milliseconds: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      run()
    }, milliseconds)
    this.timers.add(timer)
    return timer
  }

  private cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer)
    this.timers.delete(timer)
  }
}

type Order = Extract<Request, { kind: 'start' | 'stop' | 'reload' | 'promote' | 'follow' | 'archive' }>

/** Milliseconds since 1970 as a setting has a moment: names of zones, Z among them, are not known there. */
function timestampOf(epoch: number): string {
  return new Date(epoch).toISOString().replace('T', ' ').replace('Z', '+00')
}
