// One end of a TCP connection or Unix socket. Messages arrive whole, in order, after the link's latency.
//
// | fault | what the other end sees |
// |---|---|
// | the process ends | end of file, after the latency |
// | the host goes down | nothing; timed out, once something is unacknowledged for tcp_user_timeout or the keepalive probes are used up |
// | the host comes up again | reset, at the next retransmission or probe |
// | the link is cut | nothing; messages wait, and arrive at the first retransmission after it is healed |

import { millisecond, second } from '../../../model/units.ts'
import type { Timer } from '../kernel/kernel.ts'
import type { Wakeable } from '../kernel/queue.ts'
import type { Latch } from './latch.ts'
import type { Link } from './link.ts'
import type { Process } from './process.ts'

/** Why nothing more will come. */
export type Ending = 'end of file' | 'reset' | 'timed out'

export interface Message {
  /** In bytes, as the protocol would have it on the wire. */
  readonly size: number
}

/** TCP's keepalive: after so long a silence a probe, then one every interval, and the end after so many. Nanoseconds. */
export interface Keepalive {
  readonly idle: number
  readonly interval: number
  readonly count: number
}

/** How long Linux retransmits before it gives up: tcp_retries2 = 15. */
const retransmissionLimit = 924.6 * second

export class Socket {
  readonly link: Link
  /** Names of the endpoints: a node or a client. */
  readonly from: string
  readonly to: string
  peer: Socket | undefined
  ending: Ending | undefined
  /** How long something may stay unacknowledged, in nanoseconds. */
  userTimeout = retransmissionLimit
  private process: Process | undefined
  private latch: Latch | undefined
  private inbox: Message[] = []
  private taken = 0
  private closed = false
  /** The other end's host went down with this connection open. */
  private peerVanished = false
  private lastArrival = Number.NEGATIVE_INFINITY
  private readonly undelivered: { readonly message: Message | 'end of file'; readonly sentAt: number }[] = []
  private retransmission: Timer | undefined
  private lastHeard = 0

  constructor(link: Link, from: string, to: string) {
    this.link = link
    this.from = from
    this.to = to
  }

  /** The process that reads and writes here, and the latch that is set when something comes. */
  attach(process: Process, latch = process.latch): void {
    this.process?.sockets.delete(this)
    this.process = process
    this.latch = latch
    process.sockets.add(this)
    if (this.inbox.length > this.taken || this.ending) latch.set()
  }

  /** Sends; what is sent after the other end is gone is lost. `cause` goes with it. */
  send(message: Message): void {
    if (this.closed || this.ending) return
    this.transmit(message)
  }

  /** Takes the next message, if one is there. */
  take(): Message | undefined {
    if (this.taken === this.inbox.length) return undefined
    const message = this.inbox[this.taken++]
    if (this.taken < this.inbox.length) return message
    // Emptied one by one: to set the length would be a call out of compiled code.
    while (this.taken > 0) {
      this.inbox.pop()
      this.taken--
    }
    return message
  }

  /** Whether a message or the ending is there to be taken. */
  get isReadable(): boolean {
    return this.inbox.length > this.taken || this.ending !== undefined
  }

  /** Closes this end: the other one reads what was sent, then end of file. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.process?.sockets.delete(this)
    if (!this.ending) this.transmit('end of file')
  }

  /** For Host alone: this end is gone without a word. What was on its way to it stays unacknowledged. */
  vanish(): void {
    this.closed = true
    this.retransmission?.cancel()
    this.undelivered.length = 0
    this.process?.sockets.delete(this)
    const peer = this.peer
    if (!peer) return
    peer.peerVanished = true
    if (peer.lastArrival > this.link.kernel.now) peer.transmit('end of file')
  }

  /** Turns keepalive on. */
  keepAlive(keepalive: Keepalive): void {
    const kernel = this.link.kernel
    this.lastHeard = Math.max(this.lastHeard, kernel.now)
    const probe = (since: number, sent: number): void => {
      if (this.closed || this.ending) return
      if (this.lastHeard > since) return watch()
      if (this.isReachable) {
        if (this.peerVanished) return this.end('reset')
        this.lastHeard = kernel.now
        return watch()
      }
      if (sent === keepalive.count) return this.end('timed out')
      kernel.at(kernel.now + keepalive.interval, () => probe(since, sent + 1))
    }
    const watch = (): void => {
      const since = this.lastHeard
      kernel.at(since + keepalive.idle, () => probe(since, 0))
    }
    watch()
  }

  private get isReachable(): boolean {
    return this.link.peerIsUp(this.to) && !this.link.isCut(this.from) && !this.link.isCut(this.to)
  }

  private transmit(message: Message | 'end of file'): void {
    const kernel = this.link.kernel
    const sentAt = this.process?.alive ? this.process.now() : kernel.now
    if (this.undelivered.length > 0 || this.peerVanished || this.link.isCut(this.from)) {
      this.undelivered.push({ message, sentAt })
      this.retransmission ??= this.retransmitAt(sentAt, 200 * millisecond)
      return
    }
    const size = message === 'end of file' ? 0 : message.size
    // In order: a message never overtakes the one before, whatever the jitter.
    this.lastArrival = Math.max(this.lastArrival, sentAt + this.link.delay(size))
    const peer = this.peer
    const cause = this.process?.cause
    if (peer) kernel.schedule(this.lastArrival, new Delivery(peer, message, cause))
  }

  /** TCP tries again after 200 ms, and then twice as long each time, up to two minutes. */
  private retransmitAt(since: number, interval: number): Timer {
    const kernel = this.link.kernel
    return kernel.at(Math.min(kernel.now + interval, since + this.userTimeout), () => {
      this.retransmission = undefined
      if (this.peerVanished) {
        if (this.isReachable) return this.end('reset')
      } else if (!this.link.isCut(this.from)) {
        for (const { message } of this.undelivered.splice(0)) this.transmit(message)
        return
      }
      if (kernel.now >= since + this.userTimeout) this.end('timed out')
      else this.retransmission = this.retransmitAt(since, Math.min(interval * 2, 120 * second))
    })
  }

  /** For Delivery alone. */
  arrive(message: Message | 'end of file', cause: number | undefined): void {
    if (this.ending) return
    this.lastHeard = this.link.kernel.now
    if (message === 'end of file') return this.end('end of file', cause)
    if (this.closed) return
    this.inbox.push(message)
    if (cause !== undefined && this.process) this.process.cause = cause
    this.latch?.setNext(cause)
  }

  private end(ending: Ending, cause?: number): void {
    this.ending = ending
    this.retransmission?.cancel()
    this.undelivered.length = 0
    if (!this.closed) this.notify(cause)
  }

  private notify(cause: number | undefined): void {
    if (cause !== undefined && this.process) this.process.cause = cause
    this.latch?.set(cause)
  }
}

/** A message on its way. */
class Delivery implements Wakeable {
  private readonly to: Socket
  private readonly message: Message | 'end of file'
  private readonly cause: number | undefined

  constructor(to: Socket, message: Message | 'end of file', cause: number | undefined) {
    this.to = to
    this.message = message
    this.cause = cause
  }

  due(): void {
    this.to.arrive(this.message, this.cause)
  }
}
