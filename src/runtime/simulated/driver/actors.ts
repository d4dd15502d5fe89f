// Runs the actors of a scenario: each is a process on a machine of its own that answers what the actor asks for.

import type { Action, Actor, Ordered, Request, RequestOf } from '../../engine.ts'
import type { NodeStates } from '../../node-states.ts'
import type { Cluster } from '../cluster.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Host } from '../machine/host.ts'
import type { Process } from '../machine/process.ts'
import { connect } from './connect.ts'
import type { SimulatedConnection } from './connection.ts'
import { corrupt } from './corrupt.ts'
import { execute } from './execute.ts'
import { openReceiver, type SimulatedReceiver } from './receive.ts'

export class Actors {
  /** The event that led to what the acting actor does now. */
  cause: number | undefined
  private readonly cluster: Cluster
  private readonly states: NodeStates
  private readonly host: Host

  constructor(cluster: Cluster, states: NodeStates) {
    this.cluster = cluster
    this.states = states
    this.host = cluster.clientHost
  }

  spawn(actor: Actor): void {
    this.fork(me => this.perform(me, actor.action), actor.cause)
  }

  /** A process on the actors' machine. */
  fork(main: (me: Process) => Coroutine, cause?: number): void {
    const process = this.host.fork('actor', function* (me) {
      yield* main(me)
      // Connections outlive the actor that used them last.
      me.sockets.clear()
    })
    process.cause = cause
  }

  /** Answers what an action asks for until it comes to its end. */
  *perform<Result>(me: Process, action: Action<Result>): Coroutine<Result> {
    let answer: unknown
    for (;;) {
      this.cause = me.cause
      const { value, done } = action.next(answer)
      if (done) return value
      answer = yield* this.answer(me, value)
    }
  }

  private *answer(me: Process, request: Request): Coroutine<unknown> {
    const { cluster, states } = this
    switch (request.kind) {
      case 'execute':
        return yield* execute(me, request.connection as SimulatedConnection, request.query)
      case 'sleep':
        if (request.until > me.now()) yield* me.sleep(request.until - me.now(), 'Sleep')
        return undefined
      case 'wait':
        return yield* waitFor(me, request)
      case 'state':
        while (!states.is(request.node, request.state)) {
          if (!(yield* waitFor(me, { flag: states.changed, until: request.until }))) return false
        }
        return true
      case 'connect':
        return yield* connect(me, request, cluster.node(request.node).server, cluster.network)
      case 'close':
        return close(request.connection as SimulatedConnection)
      case 'receive':
        return yield* openReceiver(me, request, cluster.node(request.node).server, cluster.network)
      case 'received':
        return yield* (request.receiver as SimulatedReceiver).next(me, request.until)
      case 'blockers':
        return blockersOf(request.connection as SimulatedConnection, cluster)
      case 'processes':
        return cluster
          .node(request.node)
          .server.processesAlive()
          .filter(({ type }) => type === request.role)
          .map(({ pid, type }) => ({ pid, type }))
      case 'signal':
        return cluster.node(request.node).signal({ pid: request.pid }, request.signal, request.cause).length > 0
      case 'isUp':
        return cluster.hosts.get(request.host)!.isUp
      case 'power':
        return cluster.power(request.host, request.to, request.cause)
      case 'isCut':
        return cluster.network.link(request.from, request.to).isCut(request.from)
      case 'link': {
        const link = cluster.network.link(request.from, request.to)
        return request.cut ? link.cut(request.from) : link.heal(request.from)
      }
      case 'fill':
        return cluster.node(request.node).volumes.fill(request)
      case 'take':
        return cluster.node(request.node).take(request)
      case 'fail':
        return cluster.node(request.node).volumes.fail(request)
      case 'degrade':
        return cluster.degrade(request)
      case 'backup':
        return yield* cluster.backup(me, request)
      case 'restore':
        return yield* cluster.restore(me, request)
      case 'rewind':
        return yield* cluster.node(request.node).rewind(me, cluster.node(request.source))
      case 'resetwal':
        return yield* cluster.node(request.node).resetWal(me, request.nextXid)
      case 'corrupt':
        return corrupt(cluster.node(request.node).server, request)
      default:
        return this.order(request)
    }
  }

  private order(request: Order): Ordered {
    const node = this.cluster.node(request.node)
    switch (request.kind) {
      case 'start':
        return node.start(request.settings, request.cause)
      case 'stop':
        return node.stop(request.mode, request.cause)
      case 'reload':
        return node.reload(request.settings, request.cause)
      case 'promote':
        return node.promote(request.cause)
      case 'archive':
        return node.failCommand(request.command, request.fails)
      case 'follow':
        return node.follow(this.cluster.node(request.upstream), undefined, request.cause)
    }
  }
}

type Order = Extract<Request, { kind: 'start' | 'stop' | 'reload' | 'promote' | 'follow' | 'archive' }>

function* waitFor(me: Process, { flag, until }: Pick<RequestOf<'wait'>, 'flag' | 'until'>): Coroutine<boolean> {
  let woken = false
  const unwatch = flag.watch(() => {
    woken = true
    me.latch.set()
  })
  while (!woken && (until === undefined || me.now() < until)) {
    me.latch.reset()
    yield* me.waitLatch({ ...(until === undefined ? {} : { until }), waitEvent: 'Flag' })
  }
  unwatch()
  return woken
}

/** Whom the connection's backend waits for, for a lock or a safe snapshot; nobody, if it is gone. */
function blockersOf({ node, proc }: SimulatedConnection, cluster: Cluster): readonly number[] {
  const { locks, procArray, transactions } = cluster.node(node).server.shared
  if (!proc || procArray.byPid(proc.pid) !== proc) return []
  const blockers = [...locks.blockersOf(proc), ...transactions.serializable.safeSnapshotBlockers(proc)]
  return blockers.map(({ pid }) => pid)
}

function close(connection: SimulatedConnection): undefined {
  connection.socket.send({ kind: 'terminate', size: 5 } as never)
  connection.socket.close()
  return undefined
}
