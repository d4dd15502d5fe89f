// Serves the playground's site to this machine alone, and lets its page speak to nobody else.

import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

export interface StudioServer {
  readonly url: string
  close(): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
}

// The engine compiles its schema and its grammar, and fetches the grammar from beside itself. The page states its own
// policy, so that it holds on every host.
const workerPolicy = "default-src 'none'; connect-src 'self'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'"

/** `port` 0: any that is free. Rejects if it is taken. */
export async function serveStudio(folder: string, port: number): Promise<StudioServer> {
  const files = new Map(readdirSync(folder).map(name => [`/${name}`, readFileSync(join(folder, name))]))
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '/').split('?')
    const name = path === '/' ? '/index.html' : path
    const file = files.get(name)
    if (!file || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(file ? 405 : 404).end()
      return
    }
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...(name === '/worker.js' ? { 'content-security-policy': workerPolicy } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : file)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
