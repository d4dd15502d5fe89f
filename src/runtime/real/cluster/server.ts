// One real server: its folder, its postmaster, and the orders that pg_ctl gives it. It signals only processes that are
// its own: they work in its data directory.

import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { appendFileSync, chownSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ordered, Settings, ShutdownMode, SignalName } from '../../engine.ts'
import type { Binaries } from './binaries.ts'
import { configurationLines } from './configuration.ts'
import { identityOf, isAlive, type ProcessIdentity, processesIn } from './process-identity.ts'
import type { ServerUser } from './server-user.ts'

const shutdownSignals: Readonly<Record<ShutdownMode, NodeJS.Signals>> = {
  smart: 'SIGTERM',
  fast: 'SIGINT',
  immediate: 'SIGQUIT',
}

/** How a postmaster ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ServerPlace {
  readonly name: string
  /** Its part of the run's folder; the socket and the log lie here. */
  readonly folder: string
  readonly port: number
  readonly binaries: Binaries
  readonly user: ServerUser | undefined
  /** Settings that belong to pgdrill, not to the scenario: they stand on the command line, so no base backup copies them. */
  readonly ownSettings: Settings
}

export class RealServer {
  readonly place: ServerPlace
  readonly dataFolder: string
  /** Where its processes write what they log, from its first start on. */
  readonly logFile: string
  /** Called when the postmaster has ended, however it did. */
  onExit: (exit: Exit) => void = () => {}
  private child: ChildProcess | undefined
  private identity: ProcessIdentity | undefined

  constructor(place: ServerPlace) {
    this.place = place
    this.dataFolder = join(place.folder, 'data')
    this.logFile = join(place.folder, 'log')
  }

  get name(): string {
    return this.place.name
  }

  /** The postmaster's pid, if it lives. */
  get postmaster(): number | undefined {
    return this.identity && isAlive(this.identity) ? this.identity.pid : undefined
  }

  /** Runs a program to its end as the servers' user; gives what it complained of, in its own words, if it failed. */
  async runProgram(program: string, parameters: readonly string[]): Promise<string | undefined> {
    const child = this.converse(program, parameters)
    let said = ''
    child.stdout.resume()
    child.stderr.on('data', chunk => {
      said += chunk
    })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', code => resolve(code === 0 ? undefined : said.trim() || `${program} failed`))
    })
  }

  /** `own`: settings of pgdrill's for this start alone. Where it runs already, another postmaster finds that out. */
  start(settings: Settings = {}, own: Settings = {}): Ordered {
    if (this.postmaster !== undefined) {
      this.spawnPostmaster({})
      return { refused: 'pg_ctl: could not start server' }
    }
    this.configure(settings)
    const child = this.spawnPostmaster(own)
    child.once('exit', (code, signal) => {
      if (this.child !== child) return
      this.identity = undefined
      this.onExit({ code, signal })
    })
    this.child = child
    this.identity = child.pid === undefined ? undefined : identityOf(child.pid)
    return {}
  }

  /** Runs a program of the machine's as the servers' user, in the node's folder. */
  spawn(program: string, parameters: readonly string[]): ChildProcess {
    return spawn(program, parameters, { ...this.spawning(), stdio: 'ignore' }).on('error', () => {})
  }

  /** The same with its output to read. */
  converse(program: string, parameters: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    return spawn(program, parameters, { ...this.spawning(), stdio: ['ignore', 'pipe', 'pipe'] })
  }

  stop(mode: ShutdownMode): Ordered {
    return this.signalPostmaster(shutdownSignals[mode])
  }

  /** Returns when the postmaster has ended: it says that it is down a moment before. */
  async whenGone(): Promise<void> {
    while (this.postmaster !== undefined) await sleep(1)
  }

  /** A fast shutdown. Gives whether it is down within a minute. */
  async stopAndWait(): Promise<boolean> {
    this.stop('fast')
    for (const limit = performance.now() + 60_000; this.postmaster !== undefined; await sleep(5)) {
      if (performance.now() > limit) return false
    }
    return true
  }

  /** Changes the configuration file and has it read again. */
  reload(settings: Settings): Ordered {
    this.configure(settings)
    return this.signalPostmaster('SIGHUP')
  }

  /** Streams from there from now on, or as soon as it runs. */
  follow(conninfo: string): Ordered {
    const settings = { primary_conninfo: conninfo, primary_slot_name: '' }
    if (this.postmaster !== undefined) return this.reload(settings)
    this.configure(settings)
    this.write('standby.signal', '')
    return {}
  }

  promote(): Ordered {
    if (this.postmaster === undefined) return this.notRunning()
    if (!existsSync(join(this.dataFolder, 'standby.signal'))) {
      return { refused: 'pg_ctl: cannot promote server; server is not in standby mode' }
    }
    this.write('promote', '')
    return this.signalPostmaster('SIGUSR1')
  }

  /** kill(2) for one of its processes. False: it has no such process. */
  signal(pid: number, signal: SignalName): boolean {
    if (!processesIn(this.dataFolder).some(process => process.pid === pid)) return false
    return send(pid, `SIG${signal}`)
  }

  /** Kills all of its processes at once: nobody finds the time to notice that the others are gone. */
  killAll(): void {
    const { folder } = this.place
    for (let found = processesIn(folder); found.length > 0; found = processesIn(folder)) {
      for (const { pid } of found) send(pid, 'SIGSTOP')
      for (const { pid } of found) send(pid, 'SIGKILL')
    }
    // Who is killed gives its folder up a moment before it is gone, and must not be seen alive in between.
    while (this.postmaster !== undefined);
  }

  /** Appends settings to the configuration file: the last line of a name counts. */
  configure(settings: Settings): void {
    if (Object.keys(settings).length > 0)
      appendFileSync(join(this.dataFolder, 'postgresql.conf'), configurationLines(settings))
  }

  /** Writes a file of the data directory, or of a copy of it. */
  write(name: string, text: string, folder = this.dataFolder): void {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    const { user } = this.place
    if (user) chownSync(path, user.uid, user.gid)
  }

  /** The last lines of the log, for when it does not start. */
  lastWords(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-5).join('\n') : ''
  }

  /** A command of the shell that starts it again and connects to it. */
  howToReach(): string {
    const { binaries, user, folder, port } = this.place
    const start = `${join(binaries.folder, 'pg_ctl')} -D ${this.dataFolder} -o '-p ${port} -k ${folder}' start`
    return `${user ? `su ${user.name} -s /bin/sh -c "${start}"` : start} && psql -h ${folder} -p ${port} -U postgres`
  }

  private spawnPostmaster(own: Settings): ChildProcess {
    const log = openSync(this.logFile, 'a')
    const { ownSettings, binaries } = this.place
    const switches = Object.entries({ ...ownSettings, ...own }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    // A session of its own: a Ctrl-C at the terminal is for pgdrill, which then takes the servers down.
    const child = spawn(join(binaries.folder, 'postgres'), ['-D', this.dataFolder, ...switches], {
      ...this.spawning(),
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    return child.on('error', () => {})
  }

  private spawning() {
    const { user, folder } = this.place
    return {
      cwd: folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    }
  }

  private signalPostmaster(signal: NodeJS.Signals): Ordered {
    const { postmaster } = this
    return postmaster !== undefined && send(postmaster, signal) ? {} : this.notRunning()
  }

  private notRunning(): Ordered {
    return { refused: `pg_ctl: PID file "${this.dataFolder}/postmaster.pid" does not exist` }
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
