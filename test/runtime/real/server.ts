// One real PostgreSQL server for a test: a data folder of its own below /tmp, on a free port of the loopback interface,
// stopped and removed by `close`. `reason` says why there is none.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const binaries = '/usr/lib/postgresql/15/bin'
const isRoot = process.getuid?.() === 0

/** Empty where a server can be started. */
export const reason = existsSync(join(binaries, 'postgres')) ? '' : `SKIPPED: no PostgreSQL 15 in ${binaries}`

export class TestServer {
  readonly port: number
  readonly folder: string
  private process: ChildProcess | undefined
  private readonly settings: readonly string[]

  private constructor(port: number, folder: string, settings: readonly string[]) {
    this.port = port
    this.folder = folder
    this.settings = settings
  }

  static async make(...settings: readonly string[]): Promise<TestServer> {
    const folder = mkdtempSync(join(tmpdir(), 'pgdrill-real-test-'))
    chmodSync(folder, 0o777)
    run(
      'initdb',
      '-D',
      join(folder, 'data'),
      '-A',
      'trust',
      '-U',
      'postgres',
      '--no-sync',
      '-E',
      'UTF8',
      '--locale',
      'C',
    )
    return new TestServer(await freePort(), folder, settings)
  }

  async start(): Promise<void> {
    const { folder, port, settings } = this
    const options = [`port=${port}`, `unix_socket_directories=${folder}`, 'listen_addresses=127.0.0.1', 'fsync=off']
    const [file, ...rest] = command('postgres', '-D', join(folder, 'data'))
    const flags = [...options, ...settings].flatMap(each => ['-c', each])
    this.process = spawn(file, [...rest, ...flags], { stdio: 'ignore', cwd: '/' })
    while (!this.isReady()) await new Promise(resolve => setTimeout(resolve, 10))
  }

  get postmaster(): number {
    return this.process!.pid!
  }

  /** SIGTERM: smart, SIGINT: fast, SIGQUIT: immediate. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' | 'SIGTERM' = 'SIGINT'): Promise<void> {
    const { process: child } = this
    if (!child) return
    const exited = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await exited
    this.process = undefined
  }

  async close(): Promise<void> {
    await this.stop('SIGQUIT')
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** A killed server leaves its file behind. */
  private isReady(): boolean {
    const file = join(this.folder, 'data', 'postmaster.pid')
    if (!existsSync(file)) return false
    const [pid, , , , , , , status] = readFileSync(file, 'utf8').split('\n')
    return Number(pid) === this.postmaster && status?.trim() === 'ready'
  }
}

/** PostgreSQL does not run as root. */
function command(program: string, ...args: readonly string[]): string[] {
  const own = [join(binaries, program), ...args]
  return isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...own] : own
}

function run(program: string, ...args: readonly string[]): void {
  const [file, ...rest] = command(program, ...args)
  execFileSync(file, rest, { stdio: 'ignore', cwd: '/' })
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
