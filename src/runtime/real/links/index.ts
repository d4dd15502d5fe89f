// The links between endpoints of a real run: clients connect through them in this process, servers to each other
// through proxies. Leaves to the cluster that what loses its power also dies.

import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'
import type { ConnectFailure } from '../../clients/libpq-messages.ts'
import type { Keepalive, LinkDeclaration } from '../../engine.ts'
import { handshake } from './handshake.ts'
import { LinkedConnection } from './linked-connection.ts'
import { LinkedStream } from './linked-stream.ts'
import { Network } from './network.ts'
import { type NodeProxy, openProxy } from './proxy.ts'

export type { NodeProxy } from './proxy.ts'

/** Gets the port that `node` sees a connection of `from` come from. */
export type PortListener = (port: number, from: string, node: string) => void

export interface LinkConnectOptions {
  /** In milliseconds of the process. */
  readonly deadline?: number
  /** How long sent data may stay unacknowledged, in nanoseconds. */
  readonly tcpUserTimeout?: number
  readonly keepalive?: Keepalive
}

export class Links {
  private readonly network: Network
  private readonly connections = new Set<LinkedConnection>()
  private readonly proxies = new Set<NodeProxy>()
  private readonly closing = new AbortController()
  private readonly opened: PortListener

  /** `opened` is called for every connection that a server will see. */
  constructor(declared: readonly LinkDeclaration[], opened: PortListener = () => {}) {
    this.network = new Network(declared)
    this.opened = opened
    // Everything that waits here listens to it.
    setMaxListeners(0, this.closing.signal)
  }

  /** Cuts one direction: what is on its way arrives, what is sent from now on waits. */
  cut(from: string, to: string): void {
    this.network.link(from, to).cut(from)
  }

  heal(from: string, to: string): void {
    this.network.link(from, to).heal(from)
  }

  isCut(from: string, to: string): boolean {
    return this.network.link(from, to).isCut(from)
  }

  /**
   * The node's host has no power: its connections say nothing more, and are reset once it answers again. To be called
   * before its processes are killed, so that nobody hears their sockets being closed.
   */
  silence(node: string): void {
    this.network.silence(node)
    for (const connection of this.connections) connection.vanish(node)
  }

  /** The host answers again. Its connections of before stay dead. */
  unsilence(node: string): void {
    this.network.unsilence(node)
  }

  /** Connects a client to a node that listens on this port of the loopback interface. */
  async connect(
    from: string,
    node: string,
    port: number,
    options: LinkConnectOptions = {},
  ): Promise<LinkedStream | ConnectFailure> {
    const { deadline, tcpUserTimeout, keepalive } = options
    const socket = await this.handshake(from, node, port, this.closing.signal, deadline)
    if (typeof socket === 'string') return socket
    const connection = this.join(from, node, socket)
    if (tcpUserTimeout !== undefined) connection.near.userTimeout = tcpUserTimeout / 1e6
    if (keepalive) connection.near.keepAlive(keepalive)
    return new LinkedStream(connection.near)
  }

  /** Listens on a port of the loopback interface, a free one if it is 0, for connections of `from`, and hands them on to `to`'s port. */
  async proxy(from: string, to: string, targetPort: number, port = 0): Promise<NodeProxy> {
    const { network } = this
    const { signal } = this.closing
    const proxy = await openProxy({
      targetPort,
      port,
      signal,
      isReachable: () => network.isReachable(from, to),
      handshake: signal => this.handshake(from, to, targetPort, signal),
      join: (near, far) => {
        const connection = this.join(from, to, far)
        connection.attach(near, connection.near)
      },
    })
    this.proxies.add(proxy)
    return proxy
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    this.closing.abort()
    for (const connection of this.connections) connection.destroy()
    this.connections.clear()
    await Promise.all([...this.proxies].map(proxy => proxy.close()))
  }

  private handshake(
    from: string,
    to: string,
    port: number,
    signal: AbortSignal,
    deadline = Number.POSITIVE_INFINITY,
  ): Promise<Socket | ConnectFailure> {
    return handshake(this.network, { from, to, port, deadline, signal, seen: seen => this.opened(seen, from, to) })
  }

  private join(from: string, to: string, socket: Socket): LinkedConnection {
    const connection = new LinkedConnection(this.network, from, to, over => this.connections.delete(over))
    this.connections.add(connection)
    connection.attach(socket, connection.far)
    for (const end of [from, to]) if (this.network.isSilent(end)) connection.vanish(end)
    return connection
  }
}
