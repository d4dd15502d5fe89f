// What libpq says of connections that cannot be made or have ended. Both engines speak through it, so that a scenario
// reads the same words whichever plays it.

import type { ServerMessage } from '../engine.ts'

/** Why a connection could not be made: the system's words, and libpq's own for connect_timeout. */
export type ConnectFailure = 'Connection refused' | 'No route to host' | 'Connection timed out' | 'timeout expired'

/** Of one host of a connection string. */
export function connectFailed(node: string, port: number | string, why: string): ServerMessage {
  return { level: 'ERROR', message: `connection to server at "${node}", port ${port} failed: ${why}` }
}

/** Of a connection that ended; libpq makes no difference between an end of file and a reset. */
export function connectionEnded(ending: 'end of file' | 'reset' | 'timed out'): ServerMessage {
  const message =
    ending === 'timed out'
      ? 'could not receive data from server: Connection timed out'
      : 'server closed the connection unexpectedly'
  return { level: 'ERROR', message }
}
