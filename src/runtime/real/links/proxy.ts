// A port on which one node reaches another through their link. While the other one does not listen, neither does the
// proxy: who connects is refused by the operating system, as it would be there. Simpler than a network: where nothing
// gets through, who connects is accepted, hears nothing, and is reset when the handshake behind it is given up.

import { createServer, type Server, type Socket } from 'node:net'
import type { ConnectFailure } from '../../clients/libpq-messages.ts'
import { isListening } from './listening.ts'
import { pause } from './pause.ts'

export interface NodeProxy {
  /** On the loopback interface; the same as long as the proxy lives. */
  readonly port: number
  /** Connections that it made are closed with it. */
  close(): Promise<void>
}

export interface ProxyOptions {
  readonly targetPort: number
  /** Where it listens; 0: wherever the operating system says. */
  readonly port: number
  readonly signal: AbortSignal
  /** While nothing gets through, nobody can refuse either. */
  isReachable(): boolean
  handshake(signal: AbortSignal): Promise<Socket | ConnectFailure>
  /** Joins the two sockets of a connection over the link. */
  join(near: Socket, far: Socket): void
}

/** Between two looks at whether the target listens, in milliseconds. */
const lookEvery = 20

export async function openProxy(options: ProxyOptions): Promise<NodeProxy> {
  const { targetPort, signal } = options
  const closing = new AbortController()
  const over = AbortSignal.any([signal, closing.signal])
  const sockets = new Set<Socket>()
  let server = await listen(options.port, socket => accept(socket))
  const { port } = server.address() as { port: number }

  /** The kernel has accepted the connection already: what keeps it from the target can only reset it. */
  const accept = async (near: Socket): Promise<void> => {
    sockets.add(near)
    near.on('close', () => sockets.delete(near))
    near.on('error', () => {})
    // Only who reads sees that the other one has given up.
    const early: Buffer[] = []
    const keep = (data: Buffer): void => void early.push(data)
    const gone = new AbortController()
    const leave = (): void => gone.abort()
    near.on('data', keep).once('end', leave).once('close', leave).resume()
    const far = await options.handshake(AbortSignal.any([over, gone.signal]))
    near.off('data', keep).off('end', leave).off('close', leave).pause()
    if (typeof far === 'string') {
      near.resetAndDestroy()
      return
    }
    if (early.length > 0) near.unshift(Buffer.concat(early))
    options.join(near, far)
  }

  const follow = async (): Promise<void> => {
    while (!over.aborted) {
      const refuses = options.isReachable() && isListening(targetPort) === false
      if (server.listening && refuses) server.close()
      else if (!server.listening && !refuses) {
        // Somebody may have taken the port meanwhile; then the next look may find it free again.
        server = await listen(port, accept).catch(() => server)
      }
      await pause(performance.now() + lookEvery, over)
    }
    server.close()
  }
  const following = follow()

  return {
    port,
    async close() {
      closing.abort()
      for (const socket of sockets) socket.destroy()
      await following
    },
  }
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, accept)
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}
