import { afterEach, describe, expect, it } from 'vitest'
import Studio from '../../src/commands/studio.ts'
import { type StudioServer, serveStudio } from '../../src/commands/support/studio-server.ts'
import { folderWith, runCommand } from './harness.ts'

const site = { 'index.html': '<!doctype html>', 'worker.js': '1', 'libpg-query.wasm': '\0asm' }

describe('the server of the playground', () => {
  let server: StudioServer | undefined
  afterEach(() => server?.close())

  it('serves the files of its folder, and no others', async () => {
    const folder = folderWith(site)
    server = await serveStudio(folder, 0)
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const get = (path: string, method = 'GET') => fetch(server!.url + path, { method })
    expect(await (await get('')).text()).toBe('<!doctype html>')
    expect((await get('libpg-query.wasm')).headers.get('content-type')).toBe('application/wasm')
    // What climbs out of the folder names no file; what the client has resolved before is the page itself.
    for (const path of ['nothing', '..%2fpackage.json', '..%2f..%2fetc%2fpasswd', 'worker.js/..%2fpackage.json']) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
    expect((await get('', 'POST')).status).toBe(405)
  })

  it('lets the worker fetch from its own host alone', async () => {
    server = await serveStudio(folderWith(site), 0)
    const policy = (await fetch(`${server.url}worker.js`)).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; connect-src 'self';")
  })

  it('rejects a port that is taken', async () => {
    const folder = folderWith(site)
    server = await serveStudio(folder, 0)
    await expect(serveStudio(folder, Number(new URL(server.url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

it('a site is written or served, not both', async () => {
  const { status, error } = await runCommand(Studio, '--out', 'somewhere', '--port', '5000')
  expect(status).toBe(2)
  expect(error).toContain('--out')
})
