// A link between two endpoints (nodes, clients), and the network that has one for every pair.

import type { Kernel } from '../kernel/kernel.ts'
import type { Random } from '../kernel/random.ts'
import type { Host } from './host.ts'
import { localLatency } from './profile.ts'
import { Socket } from './socket.ts'

/** Durations are nanoseconds, bandwidth bytes per second, loss a fraction. */
export interface LinkOptions {
  readonly latency: number
  readonly jitter: number
  readonly loss: number
  readonly bandwidth: number
}

const defaults: LinkOptions = { latency: localLatency, jitter: 0, loss: 0, bandwidth: Number.POSITIVE_INFINITY }

/** A lost packet is sent again after TCP's shortest retransmission timeout. */
const retransmissionTimeout = 200_000_000

export class Link {
  readonly kernel: Kernel
  /** As it was declared. */
  private readonly declared: LinkOptions
  private options: LinkOptions
  private readonly network: Network
  private readonly random: Random
  /** Directions that are cut, as `from` names. */
  private readonly cutFrom = new Set<string>()

  constructor(network: Network, options: LinkOptions) {
    this.network = network
    this.kernel = network.kernel
    this.declared = options
    this.options = options
    this.random = network.kernel.random.fork()
  }

  /** What is missing is as it was declared. */
  change(options: Partial<LinkOptions>): void {
    this.options = { ...this.declared, ...options }
  }

  /** How long so many bytes take, one way. */
  delay(size: number): number {
    const { latency, jitter, loss, bandwidth } = this.options
    let delay = latency + Math.round((size / bandwidth) * 1e9)
    if (jitter > 0) delay += this.random.integer(0, jitter)
    while (loss > 0 && this.random.fraction() < loss) delay += retransmissionTimeout
    return delay
  }

  isCut(from: string): boolean {
    return this.cutFrom.has(from)
  }

  cut(from: string): void {
    this.cutFrom.add(from)
  }

  heal(from: string): void {
    this.cutFrom.delete(from)
  }

  peerIsUp(endpoint: string): boolean {
    return this.network.hostOf(endpoint)?.isUp ?? true
  }
}

export class Network {
  readonly kernel: Kernel
  private readonly hosts = new Map<string, Host>()
  private readonly links = new Map<string, Link>()

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  /** Gives an endpoint (a node or a client) its host. */
  place(endpoint: string, host: Host): void {
    this.hosts.set(endpoint, host)
  }

  hostOf(endpoint: string): Host | undefined {
    return this.hosts.get(endpoint)
  }

  /** Declares a link; pairs without one get the default when first used. */
  declare(a: string, b: string, options: Partial<LinkOptions>): Link {
    const link = new Link(this, { ...defaults, ...options })
    this.links.set(pair(a, b), link)
    return link
  }

  link(a: string, b: string): Link {
    return this.links.get(pair(a, b)) ?? this.declare(a, b, {})
  }

  /**
   * Connects, one round trip before it is known: gives the client's end, 'refused' if nobody listens there, or
   * undefined if nothing answers (the host is down or the link is cut).
   */
  connect(from: string, to: string, port: number): Socket | 'refused' | undefined {
    const host = this.hosts.get(to)
    const link = this.link(from, to)
    if (!host?.isUp || link.isCut(from) || link.isCut(to)) return undefined
    const listener = host.listeners.get(listenerName(to, port))
    if (!listener) return 'refused'
    const near = new Socket(link, from, to)
    const far = new Socket(link, to, from)
    near.peer = far
    far.peer = near
    listener.accept(far)
    return near
  }
}

export function listenerName(node: string, port: number): string {
  return `${node}:${port}`
}

function pair(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
