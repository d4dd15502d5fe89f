// Whether somebody listens on a port of the loopback interface, seen without connecting: a connection would be a child
// process and a line in the log of a server.

import { readFileSync } from 'node:fs'

/** The state LISTEN in /proc/net/tcp. */
const listen = '0A'

/** Undefined where the operating system does not say. */
export function isListening(port: number): boolean | undefined {
  let table: string
  try {
    table = readFileSync('/proc/net/tcp', 'latin1')
  } catch {
    return undefined
  }
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').some(line => {
    const [, local, , state] = line.trim().split(/\s+/)
    return state === listen && local.endsWith(suffix)
  })
}
