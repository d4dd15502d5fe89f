// Free ports on loopback. They are taken from below the range that the kernel gives to outgoing connections: a server
// that is down for a while must find its port free when it comes back.

import { createServer } from 'node:net'

const first = 20000
const last = 32000

let next = first + ((process.pid * 16) % (last - first))

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < last - first; tries++) {
    // Several may ask at a time: each has its own candidate.
    const port = next
    next = next + 1 < last ? next + 1 : first
    if (await isFree(port)) return port
  }
  throw new Error('there is no free port on loopback')
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
