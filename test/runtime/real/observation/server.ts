// A real PostgreSQL 15 of the tests' own: made in a folder that is removed, on a Unix socket and a port on loopback.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, chownSync, closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { logLinePrefix } from '../../../../src/runtime/real/observation/stderr-log.ts'

const binaries = '/usr/lib/postgresql/15/bin'

export const isInstalled = existsSync(join(binaries, 'postgres'))
/** Put behind a test's title, so that nobody misses what was left out. */
export const unlessInstalled = isInstalled ? '' : `: SKIPPED, there is no PostgreSQL 15 in ${binaries}`

/** PostgreSQL refuses to run as root. */
const asPostgres = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : []

function command(program: string, args: readonly string[]): [string, string[]] {
  const [first, ...rest] = [...asPostgres, join(binaries, program), ...args]
  return [first, rest]
}

export function run(program: string, ...args: string[]): string {
  return execFileSync(...command(program, args), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' })
}

export class RealServer {
  readonly folder: string
  readonly dataFolder: string
  readonly logFile: string
  port = 0
  private process: ChildProcess | undefined
  ended: { readonly code: number | null; readonly signal: string | null } | undefined

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'pgdrill-test-'))
    chmodSync(this.folder, 0o755)
    this.dataFolder = join(this.folder, 'data')
    this.logFile = join(this.folder, 'log')
    if (asPostgres.length > 0) {
      const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
      chownSync(this.folder, id('-u'), id('-g'))
    }
  }

  async initialise(settings: string): Promise<void> {
    run('initdb', '-D', this.dataFolder, '-U', 'postgres', '-A', 'trust', '--no-sync', '--no-locale', '-E', 'UTF8')
    this.configure(settings)
    await this.choosePort()
  }

  async choosePort(): Promise<void> {
    this.port = await freePort()
  }

  configure(settings: string): void {
    appendFileSync(join(this.dataFolder, 'postgresql.conf'), `${settings}\n`)
  }

  get postmaster(): number | undefined {
    return this.ended ? undefined : this.process?.pid
  }

  start(): void {
    const log = openSync(this.logFile, 'a')
    const settings = {
      log_line_prefix: logLinePrefix,
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: this.folder,
      fsync: 'off',
      timezone: 'UTC',
      log_timezone: 'UTC',
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(...command('postgres', ['-D', this.dataFolder, ...args]), {
      stdio: ['ignore', log, log],
      cwd: '/',
    })
    closeSync(log)
    this.ended = undefined
    this.process = child
    child.once('exit', (code, signal) => {
      this.ended = { code, signal }
    })
  }

  signal(signal: NodeJS.Signals): void {
    if (this.postmaster !== undefined) process.kill(this.postmaster, signal)
  }

  async connect(where: 'tcp' | 'socket' = 'tcp', named: (port: number) => void = () => {}): Promise<pg.Client> {
    const client = new pg.Client({
      host: where === 'tcp' ? '127.0.0.1' : this.folder,
      port: this.port,
      user: 'postgres',
      database: 'postgres',
      application_name: where === 'tcp' ? 'drill' : 'observer',
    })
    client.on('error', () => {})
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    if (where === 'tcp') stream.once('connect', () => named(stream.localPort!))
    await client.connect()
    return client
  }

  async close(): Promise<void> {
    this.signal('SIGQUIT')
    await until(() => this.ended !== undefined || this.process === undefined)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function until(holds: () => boolean, limit = 15_000): Promise<void> {
  const begun = performance.now()
  while (!holds()) {
    if (performance.now() - begun > limit) throw new Error(`waited in vain for ${holds}`)
    await sleep(10)
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
