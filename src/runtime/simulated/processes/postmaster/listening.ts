// Where a server is connected to: its TCP port and its Unix socket. Either may be another program's already; then there
// is no server. Clients of scenarios come to the port: nothing passes through the socket. Mirrors StreamServerPort and
// CreateSocketLockFile.

import { listenerName } from '../../machine/link.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import type { Server } from '../../server.ts'

const address = '0.0.0.0'

export function listenOnPort(me: Process, server: Server, connections: Socket[]): void {
  const { log, settings, host, name } = server.environment
  const port = settings.get('port')
  if (host.listeners.has(listenerName(name, port))) {
    log.log(me, `could not bind IPv4 address "${address}": Address already in use`, {
      sqlstate: 'XX000',
      hint: `Is another postmaster already running on port ${port}? If not, wait a few seconds and retry.`,
    })
    log.report(me, { level: 'WARNING', sqlstate: '01000', message: `could not create listen socket for "${address}"` })
    log.report(me, { level: 'FATAL', sqlstate: 'XX000', message: 'could not create any TCP/IP sockets' })
    return giveUp(me, server)
  }
  log.log(me, `listening on IPv4 address "${address}", port ${port}`)
  host.listeners.set(listenerName(name, port), {
    process: me,
    accept: socket => {
      socket.attach(me)
      connections.push(socket)
      me.latch.set()
    },
  })
}

export function listenOnSocket(me: Process, server: Server): void {
  const { log, settings, host, name } = server.environment
  const port = settings.get('port')
  const path = `${settings.get('unix_socket_directories')}/.s.PGSQL.${port}`
  const owner = host.lockedSockets.get(listenerName(name, port))
  if (owner !== undefined) {
    log.report(me, {
      level: 'FATAL',
      sqlstate: 'F0001',
      message: `lock file "${path}.lock" already exists`,
      hint: `Is another postmaster (PID ${owner}) using socket file "${path}"?`,
    })
    return giveUp(me, server)
  }
  log.log(me, `listening on Unix socket "${path}"`)
}

function giveUp(me: Process, server: Server): never {
  server.wentDown('its postmaster has ended', server.environment.log.log(me, 'database system is shut down'))
  return me.exit(1)
}
