// Whether somebody listens on a port of the loopback interface, seen without connecting: a connection would be a child
// process and a line in the log of a server.

import { closeSync, openSync, readSync } from 'node:fs'

/** The state LISTEN in /proc/net/tcp. */
const listen = '0A'

/** Undefined where the operating system does not say. */
export function isListening(port: number): boolean | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let file: number
  try {
    file = openSync('/proc/net/tcp', 'r')
  } catch {
    return undefined
  }
  try {
    const buffer = Buffer.alloc(65_536)
    let text = ''
    // Those who listen come first; of the many that may follow nobody wants to know.
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      const lines = (text + buffer.toString('latin1', 0, size)).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const [slot, local, , state] = line.trim().split(/\s+/)
        if (slot === 'sl') continue
        if (state !== listen) return false
        if (local.endsWith(suffix)) return true
      }
    }
    return false
  } finally {
    closeSync(file)
  }
}
