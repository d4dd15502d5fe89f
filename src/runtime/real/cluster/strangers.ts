// Programs that are where a server would listen: one that has its port, and one whose pid stands in the lock file of its
// Unix socket. They work in the node's folder, and go with it.

import type { ChildProcess } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Ordered, RequestOf } from '../../engine.ts'
import type { RealServer } from './server.ts'

export class Strangers {
  private readonly onPorts = new Map<string, Server>()
  private readonly onSockets = new Map<string, ChildProcess>()

  async take({ node, door, isTaken }: RequestOf<'take'>, server: RealServer): Promise<Ordered> {
    if (!isTaken) return door === 'port' ? this.leavePort(node) : this.leaveSocket(node, server)
    if (server.postmaster !== undefined) return { refused: `the ${door} of ${node} is its own` }
    return door === 'port' ? this.takePort(node, server.place.port) : this.takeSocket(node, server)
  }

  close(): void {
    for (const node of [...this.onPorts.keys()]) this.leavePort(node)
    for (const stranger of this.onSockets.values()) stranger.kill()
    this.onSockets.clear()
  }

  private takePort(node: string, port: number): Promise<Ordered> {
    const stranger = createServer(socket => {
      socket.on('error', () => {})
      // What it never read would reset the connection, where a program that has nothing to say just ends it.
      socket.resume()
      socket.end()
    })
    return new Promise((resolve, reject) => {
      stranger.once('error', reject)
      stranger.listen(port, '127.0.0.1', () => {
        this.onPorts.set(node, stranger)
        resolve({})
      })
    })
  }

  private leavePort(node: string): Ordered {
    this.onPorts.get(node)?.close()
    this.onPorts.delete(node)
    return {}
  }

  private takeSocket(node: string, server: RealServer): Ordered {
    const stranger = server.spawn('sleep', ['infinity'])
    this.onSockets.set(node, stranger)
    const { folder, port } = server.place
    // As a postmaster of another data directory would write it.
    const lines = [stranger.pid, join(folder, 'other'), 0, port, folder]
    writeFileSync(lockFileOf(server), lines.map(line => `${line}\n`).join(''))
    return {}
  }

  private leaveSocket(node: string, server: RealServer): Ordered {
    this.onSockets.get(node)?.kill()
    this.onSockets.delete(node)
    rmSync(lockFileOf(server), { force: true })
    return {}
  }
}

function lockFileOf({ place }: RealServer): string {
  return join(place.folder, `.s.PGSQL.${place.port}.lock`)
}
