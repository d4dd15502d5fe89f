// The link of two endpoints: how good it is, and which of its directions are cut. Knows nothing of connections.

import type { LinkDeclaration } from '../../engine.ts'

/** A lost packet is sent again after TCP's shortest retransmission timeout, and then twice as long each time. */
const retransmissionTimeout = 200

export class Link {
  private readonly latency: number
  private readonly jitter: number
  private readonly loss: number
  /** Bytes per millisecond. */
  private readonly bandwidth: number
  /** Directions that are cut, as `from` names. */
  private readonly cutFrom = new Set<string>()
  /** Until when each direction is busy with what was sent before. */
  private readonly busyUntil = new Map<string, number>()

  constructor({ latency = 0, jitter = 0, loss = 0, bandwidth }: Partial<LinkDeclaration>) {
    this.latency = latency / 1e6
    this.jitter = jitter / 1e6
    this.loss = loss
    this.bandwidth = bandwidth === undefined ? Number.POSITIVE_INFINITY : bandwidth / 1e3
  }

  /** When so many bytes that are sent now are there, in milliseconds of the process. */
  arrival(from: string, size: number): number {
    const now = performance.now()
    const sent = Math.max(now, this.busyUntil.get(from) ?? 0) + size / this.bandwidth
    if (this.bandwidth !== Number.POSITIVE_INFINITY) this.busyUntil.set(from, sent)
    let arrival = sent + this.latency + Math.random() * this.jitter
    let timeout = retransmissionTimeout
    while (this.loss > 0 && Math.random() < this.loss) {
      arrival += timeout
      timeout *= 2
    }
    return arrival
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
}
