// Opening a connection over a link: TCP's handshake with its retries, as Linux does it. The simulated engine's
// driver/connect.ts has the same table of faults.

import { connect as connectSocket, type Socket } from 'node:net'
import type { ConnectFailure } from '../../clients/libpq-messages.ts'
import type { Network } from './network.ts'
import { pause } from './pause.ts'

/** When Linux sends SYN again, and when it gives up (tcp_syn_retries = 6). Milliseconds. */
const retries = [1000, 3000, 7000, 15_000, 31_000, 63_000, 127_000]
/** Three ARP probes a second apart. */
const neighbourLimit = 3000
/** What a SYN and its answer have in bytes. */
const segment = 60

export interface HandshakeOptions {
  readonly from: string
  readonly to: string
  /** On the loopback interface. */
  readonly port: number
  /** In milliseconds of the process. */
  readonly deadline: number
  /** Gets the port that the one who listens sees, as soon as that one can see it. */
  seen(port: number): void
  /** Ends it at once. */
  readonly signal: AbortSignal
}

/** Gives the socket, or what the system says of why there is none. */
export async function handshake(network: Network, options: HandshakeOptions): Promise<Socket | ConnectFailure> {
  const { from, to, port, deadline, signal } = options
  const begun = performance.now()
  for (const retry of retries) {
    if (network.isReachable(from, to)) {
      const opened = await open(port, deadline, signal)
      if (typeof opened !== 'string' && opened.localPort !== undefined) options.seen(opened.localPort)
      const [there, back] = [network.link(from, to).arrival(from, segment), network.link(to, from).arrival(to, segment)]
      await pause(there + back - performance.now(), signal)
      if (!signal.aborted || typeof opened === 'string') return opened
      opened.destroy()
      return 'timeout expired'
    }
    const link = network.link(from, to)
    const isDown = network.isSilent(to) && !link.isCut(from) && !link.isCut(to)
    const waited = isDown ? Math.min(retry, neighbourLimit) : retry
    await pause(Math.min(begun + waited, deadline), signal)
    if (signal.aborted || begun + waited >= deadline) return 'timeout expired'
    if (isDown && waited === neighbourLimit) return 'No route to host'
  }
  return 'Connection timed out'
}

function open(port: number, deadline: number, signal: AbortSignal): Promise<Socket | ConnectFailure> {
  return new Promise(resolve => {
    const socket = connectSocket({ port, host: '127.0.0.1' })
    // Nothing may be read before somebody is there to read it.
    socket.pause()
    const stop = new AbortController()
    const fail = (failure: ConnectFailure): void => {
      stop.abort()
      socket.destroy()
      resolve(failure)
    }
    socket.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ECONNREFUSED' ? 'Connection refused' : 'Connection timed out'),
    )
    socket.once('connect', () => {
      stop.abort()
      resolve(socket)
    })
    pause(deadline, AbortSignal.any([signal, stop.signal])).then(() => {
      if (socket.connecting) fail('timeout expired')
    })
  })
}
