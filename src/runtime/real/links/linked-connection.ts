// A connection over a link: its two ends, and a socket of the operating system behind one of them.

import type { Socket } from 'node:net'
import { LinkedEnd } from './linked-end.ts'
import type { Network } from './network.ts'

export class LinkedConnection {
  /** At the one who connects. */
  readonly near: LinkedEnd
  /** At the one who listens. */
  readonly far: LinkedEnd
  private readonly sockets: Socket[] = []
  private readonly over: (connection: LinkedConnection) => void

  /** `over` is called when both ends are closed and nothing is on its way. */
  constructor(network: Network, from: string, to: string, over: (connection: LinkedConnection) => void) {
    this.over = over
    const finished = (): void => this.finish()
    this.near = new LinkedEnd(network, from, to, finished)
    this.far = new LinkedEnd(network, to, from, finished)
    this.near.peer = this.far
    this.far.peer = this.near
  }

  /** Puts a socket behind an end: what it receives is sent through the link, and what arrives it is given. */
  attach(socket: Socket, end: LinkedEnd): void {
    this.sockets.push(socket)
    end.reader = {
      read: data => socket.destroyed || socket.write(data),
      end: ending => (ending === 'end of file' ? socket.end() : socket.resetAndDestroy()),
      resume: () => socket.resume(),
    }
    socket.setNoDelay(true)
    socket.on('data', data => {
      if (!end.send(data)) socket.pause()
    })
    socket.on('drain', () => end.drained())
    // PostgreSQL closes both directions at once: who has sent its end of file reads nothing any more.
    socket.on('end', () => {
      end.close()
      socket.destroy()
    })
    socket.on('error', () => end.close('reset'))
    socket.on('close', () => {
      end.close()
      end.drained()
    })
    socket.resume()
  }

  /** The ends at this endpoint are gone without a word. */
  vanish(endpoint: string): void {
    for (const end of [this.near, this.far]) if (end.from === endpoint) end.vanish()
  }

  destroy(): void {
    for (const end of [this.near, this.far]) end.destroy()
    for (const socket of this.sockets) socket.destroy()
  }

  private finish(): void {
    const { near, far } = this
    if (!near.isFinished || !far.isFinished) return
    this.destroy()
    this.over(this)
  }
}
