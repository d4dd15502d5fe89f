import { createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from '../../../../src/runtime/real/cluster/ports.ts'

test('those who ask at the same time get ports of their own, all free', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort))
  expect(new Set(ports).size).toBe(20)
  const servers = await Promise.all(
    ports.map(
      port =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer().once('error', reject)
          server.listen(port, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  for (const server of servers) server.close()
})
