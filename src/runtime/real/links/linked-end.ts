// One end of a connection over a link, with what TCP under it would do. The two ends of a connection stand in this
// process, and behind each of them somebody who reads and writes: a client, or a socket of the operating system.
//
// | fault | what the other end sees |
// |---|---|
// | the connection is closed | end of file, after the latency |
// | the host goes down | nothing; timed out, once something is unacknowledged for tcp_user_timeout or the keepalive probes are used up |
// | the host comes up again | reset, at the next retransmission or probe |
// | the link is cut | nothing; data wait, and arrive at the first retransmission after it is healed |

import type { Keepalive } from '../../engine.ts'
import type { Network } from './network.ts'

/** Why nothing more will come. */
export type Ending = 'end of file' | 'reset' | 'timed out'

/** Who reads at an end. */
export interface Reader {
  /** False: it wants no more until it has called `drained`. */
  read(data: Buffer): boolean
  end(ending: Ending): void
  /** The backlog of what it sends has become small again. */
  resume(): void
}

type Item = Buffer | 'end of file' | 'reset'

/** How long Linux retransmits before it gives up (tcp_retries2 = 15), and the pauses between. Milliseconds. */
const retransmissionLimit = 924_600
const firstRetransmission = 200
const longestRetransmission = 120_000
/** What a sending end holds before its writer must wait: Linux's largest send buffer. */
const sendBuffer = 4 * 1024 * 1024

export class LinkedEnd {
  readonly from: string
  readonly to: string
  peer: LinkedEnd | undefined
  reader: Reader | undefined
  /** How long something may stay unacknowledged, in milliseconds. */
  userTimeout = retransmissionLimit
  ending: Ending | undefined
  private readonly network: Network
  private readonly finished: () => void
  private closed = false
  private vanished = false
  /** The other end's host went down with this connection open, or its reset was lost. */
  private peerVanished = false
  /** What is on its way, in order. */
  private readonly flight: { readonly item: Item; readonly due: number }[] = []
  private lastDue = 0
  private delivery: NodeJS.Timeout | undefined
  /** The peer's reader wants no more for now. */
  private isHeldUp = false
  private readonly undelivered: Item[] = []
  private backlog = 0
  private retransmission: NodeJS.Timeout | undefined
  private probing: NodeJS.Timeout | undefined
  private lastHeard = performance.now()

  /** `finished` is called when neither side of this end has anything left to do. */
  constructor(network: Network, from: string, to: string, finished: () => void) {
    this.network = network
    this.from = from
    this.to = to
    this.finished = finished
  }

  /** Sends. False: the backlog is full, and `resume` of the reader is called when it is not any more. */
  send(data: Buffer): boolean {
    if (this.closed || this.ending) return true
    this.backlog += data.length
    this.transmit(data)
    return this.backlog < sendBuffer
  }

  /** Closes this end: the other one reads what was sent, then end of file, or is reset. */
  close(how: 'end of file' | 'reset' = 'end of file'): void {
    if (this.closed) return
    this.closed = true
    this.stopProbing()
    if (!this.ending && !this.vanished) this.transmit(how)
    this.finished()
  }

  /**
   * This end is gone without a word, because its host went down. What was on its way to it stays unacknowledged; what it
   * had sent still arrives, also what the operating system has taken from it and nobody has read yet.
   */
  vanish(): void {
    this.vanished = true
    this.stopProbing()
    this.stopRetransmitting()
    const { peer } = this
    if (!peer) return
    peer.peerVanished = true
    if (peer.flight.length > 0 && !peer.ending) peer.transmit('end of file')
  }

  /** Takes this end down at once, with its timers. */
  destroy(): void {
    this.closed = true
    this.ending ??= 'reset'
    clearTimeout(this.delivery)
    this.flight.length = 0
    this.stopProbing()
    this.stopRetransmitting()
  }

  /** Nothing will come from here any more. */
  get isFinished(): boolean {
    return this.closed && this.flight.length === 0 && this.undelivered.length === 0
  }

  /** The reader has room again. */
  drained(): void {
    if (!this.peer?.isHeldUp) return
    this.peer.isHeldUp = false
    this.peer.deliver()
  }

  /** Turns keepalive on. */
  keepAlive(keepalive: Keepalive): void {
    const [idle, interval] = [keepalive.idle / 1e6, keepalive.interval / 1e6]
    const probe = (since: number, sent: number): void => {
      if (this.lastHeard > since) return watch()
      if (this.network.isReachable(this.from, this.to)) {
        if (this.peerVanished) return this.end('reset')
        this.lastHeard = performance.now()
        return watch()
      }
      if (sent === keepalive.count) return this.end('timed out')
      this.probing = later(interval, () => probe(since, sent + 1))
    }
    const watch = (): void => {
      const since = this.lastHeard
      this.probing = later(since + idle - performance.now(), () => probe(since, 0))
    }
    watch()
  }

  private transmit(item: Item): void {
    const link = this.network.link(this.from, this.to)
    const isLost = this.peerVanished || link.isCut(this.from)
    if (item === 'reset' && isLost) {
      // Nobody sends a reset again: the other end learns of it when it sends something.
      if (this.peer) this.peer.peerVanished = true
      return
    }
    // Who is gone does not try again.
    if (isLost && this.vanished) return
    if (this.undelivered.length > 0 || isLost) {
      this.undelivered.push(item)
      this.retransmission ??= this.retransmitAfter(firstRetransmission, performance.now())
      return
    }
    // In order: nothing overtakes what was sent before, whatever the jitter.
    this.lastDue = Math.max(this.lastDue, link.arrival(this.from, sizeOf(item)))
    this.flight.push({ item, due: this.lastDue })
    if (this.delivery === undefined) this.deliver()
  }

  /** TCP tries again after 200 ms, and then twice as long each time, up to two minutes. */
  private retransmitAfter(interval: number, since: number): NodeJS.Timeout {
    const until = since + this.userTimeout
    return later(Math.min(interval, until - performance.now()), () => {
      this.retransmission = undefined
      if (this.peerVanished) {
        if (this.network.isReachable(this.from, this.to)) return this.end('reset')
      } else if (!this.network.link(this.from, this.to).isCut(this.from)) {
        for (const item of this.undelivered.splice(0)) this.transmit(item)
        return
      }
      if (performance.now() >= until) return this.end('timed out')
      this.retransmission = this.retransmitAfter(Math.min(interval * 2, longestRetransmission), since)
    })
  }

  /** Hands over what is due. What is due within a timer's grain, a millisecond, is due now. */
  private deliver(): void {
    this.delivery = undefined
    while (this.flight.length > 0 && !this.isHeldUp) {
      const [{ item, due }] = this.flight
      const wait = due - performance.now()
      if (wait > 0.5) {
        this.delivery = later(wait, () => this.deliver())
        return
      }
      this.flight.shift()
      const wasFull = this.backlog >= sendBuffer
      this.backlog -= sizeOf(item)
      if (this.peer && !this.peer.arrive(item)) this.isHeldUp = true
      if (wasFull && this.backlog < sendBuffer && !this.closed) this.reader?.resume()
    }
    if (this.isFinished) this.finished()
  }

  private arrive(item: Item): boolean {
    if (this.vanished) return true
    const isData = typeof item !== 'string'
    if (this.closed || this.ending) {
      // The kernel answers data that nobody is there to read.
      if (isData && this.ending !== 'end of file') this.transmit('reset')
      return true
    }
    this.lastHeard = performance.now()
    if (isData) return this.reader?.read(item) ?? true
    this.end(item)
    return true
  }

  private end(ending: Ending): void {
    this.ending = ending
    this.stopRetransmitting()
    this.stopProbing()
    if (!this.closed) this.reader?.end(ending)
    else this.finished()
  }

  private stopRetransmitting(): void {
    clearTimeout(this.retransmission)
    this.retransmission = undefined
    this.undelivered.length = 0
  }

  private stopProbing(): void {
    clearTimeout(this.probing)
    this.probing = undefined
  }
}

function sizeOf(item: Item): number {
  return typeof item === 'string' ? 0 : item.length
}

/** The longest that a timer of Node.js takes is 2^31 - 1 ms. */
function later(wait: number, action: () => void): NodeJS.Timeout {
  return setTimeout(action, Math.min(Math.max(wait, 0), 2 ** 31 - 1))
}
