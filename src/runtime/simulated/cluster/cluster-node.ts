// One node of the cluster: its server, and the orders that pg_ctl gives it.

import type { Ordered, ProcessRole, RequestOf, Settings as SettingTexts, ShutdownMode } from '../../engine.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Listener } from '../machine/host.ts'
import { listenerName } from '../machine/link.ts'
import type { Process } from '../machine/process.ts'
import type { Signal } from '../machine/signals.ts'
import { resetWal } from '../recovery/reset-wal.ts'
import { rewind } from '../recovery/rewind.ts'
import { standbySignalPath } from '../recovery/start-point.ts'
import type { Server } from '../server.ts'
import { PostgresError } from '../shared/error.ts'
import type { NodeVolumes } from './node-volumes.ts'

/** What pg_rewind moves over the network, in bytes per second. */
const copyRate = 1e9

const shutdownSignals: Readonly<Record<ShutdownMode, Signal>> = { smart: 'TERM', fast: 'INT', immediate: 'QUIT' }

/** It takes whoever connects for somebody else's. */
const stranger: Listener = { accept: socket => socket.close() }

export class ClusterNode {
  readonly name: string
  readonly server: Server
  readonly volumes: NodeVolumes

  constructor(name: string, server: Server, volumes: NodeVolumes) {
    this.name = name
    this.server = server
    this.volumes = volumes
  }

  /** The postmaster, if it lives. */
  get postmaster(): Process | undefined {
    const { postmaster } = this.server
    return postmaster?.alive ? postmaster : undefined
  }

  start(settings: SettingTexts = {}, cause?: number): Ordered {
    const { host } = this.server.environment
    if (this.postmaster) {
      this.server.startAnother(cause)
      return { refused: 'pg_ctl: could not start server' }
    }
    this.edit(settings)
    host.comeUp()
    this.server.start(cause)
    return {}
  }

  /** Another program takes what the server would listen on, or gives it back. */
  take({ door, isTaken }: RequestOf<'take'>): Ordered {
    const { host, settings } = this.server.environment
    const name = listenerName(this.name, settings.get('port'))
    const { listeners, lockedSockets } = host
    if (!host.isUp) return { refused: `the host of ${this.name} is down` }
    if (!isTaken) {
      if (door === 'socket') lockedSockets.delete(name)
      else if (listeners.get(name) === stranger) listeners.delete(name)
      return {}
    }
    if (this.postmaster) return { refused: `the ${door} of ${this.name} is its own` }
    if (door === 'port') listeners.set(name, stranger)
    else lockedSockets.set(name, host.nextStranger())
    return {}
  }

  stop(mode: ShutdownMode, cause?: number): Ordered {
    return this.signalPostmaster(shutdownSignals[mode], cause)
  }

  /** Changes the configuration file and has it read again. */
  reload(settings: SettingTexts = {}, cause?: number): Ordered {
    this.edit(settings)
    return this.signalPostmaster('HUP', cause)
  }

  promote(cause?: number): Ordered {
    if (!this.postmaster) return this.notRunning()
    const { data } = this.server.environment
    if (!data.exists(standbySignalPath)) {
      return { refused: 'pg_ctl: cannot promote server; server is not in standby mode' }
    }
    if (!data.exists('promote')) data.create('promote')
    return this.signalPostmaster('USR1', cause)
  }

  /** Streams from another node from now on, or as soon as it runs; through no slot, unless it is given one. */
  follow(upstream: ClusterNode, slot = '', cause?: number): Ordered {
    const settings = { primary_conninfo: upstream.conninfoFor(this.name), primary_slot_name: slot }
    if (this.postmaster) return this.reload(settings, cause)
    this.edit(settings)
    this.server.environment.data.install(standbySignalPath, new Uint8Array(0))
    return {}
  }

  /** Takes on the files and the settings of another node that has left this one's timeline, and will follow it. */
  *rewind(me: Process, source: ClusterNode): Coroutine<Ordered> {
    const { environment } = this.server
    if (source.server.accepting === 'nothing') {
      const port = source.server.environment.settings.get('port')
      return { refused: `pg_rewind: error: connection to server at "${source.name}", port ${port} failed` }
    }
    try {
      const insertLsn = () => source.server.shared.wal.insertLsn
      const bytes = yield* rewind(me, environment, { environment: source.server.environment, insertLsn })
      yield* me.sleep(Math.round((bytes / copyRate) * 1e9), 'BaseBackupRead')
      if (bytes > 0) this.edit(source.settingTexts())
      return this.follow(source)
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
      return { refused: `pg_rewind: error: ${error.message}` }
    }
  }

  *resetWal(me: Process, nextXid: number): Coroutine<Ordered> {
    if (this.postmaster) return { refused: 'pg_resetwal: error: lock file "postmaster.pid" exists' }
    try {
      yield* resetWal(me, this.server.environment, nextXid)
      return {}
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
      return { refused: `pg_resetwal: ${error.message}` }
    }
  }

  /** What stands in the configuration files: a copy of a server has them, too. */
  settingTexts(): SettingTexts {
    const files = this.server.environment.settings.files.settings()
    return Object.fromEntries(files.map(({ name, text }) => [name, text]))
  }

  /** Lets every command of this kind fail, or work again. */
  failCommand(command: 'archive_command' | 'restore_command', fails: boolean): Ordered {
    const { environment, shell } = this.server
    const { settings } = environment
    if (command === 'archive_command' && settings.get('archive_mode') === 'off') {
      return { refused: `archive_mode of ${this.name} is off` }
    }
    if (command === 'restore_command' && settings.get('restore_command') === '') {
      return { refused: `${this.name} has no restore_command` }
    }
    if (fails) shell.failing.add(command)
    else shell.failing.delete(command)
    return {}
  }

  /** Sends a signal to one process or to all of a role; gives those that were hit. */
  signal(
    target: { readonly role: ProcessRole } | { readonly pid: number },
    signal: Signal,
    cause?: number,
  ): readonly { readonly pid: number; readonly type: string }[] {
    const hit = this.server
      .processesAlive()
      .filter(process => ('pid' in target ? process.pid === target.pid : process.type === target.role))
    const told = hit.map(process => ({ pid: process.pid, type: process.type }))
    for (const process of hit) process.signal(signal, cause)
    return told
  }

  /**
   * What a standby of this name has as primary_conninfo to stream from here. From 17 on it names a database, as
   * pg_basebackup writes it: slots are asked for there.
   */
  conninfoFor(standby: string): string {
    const { settings, version } = this.server.environment
    const who = `host=${this.name} port=${settings.get('port')} user=postgres application_name=${standby}`
    return version >= 17 ? `${who} dbname=postgres` : who
  }

  private edit(settings: SettingTexts): void {
    this.server.environment.settings.files.edit(new Map(Object.entries(settings)))
  }

  private signalPostmaster(signal: Signal, cause?: number): Ordered {
    const { postmaster } = this
    if (!postmaster) return this.notRunning()
    postmaster.signal(signal, cause)
    return {}
  }

  private notRunning(): Ordered {
    const file = `${this.server.dataDirectory}/postmaster.pid`
    return { refused: `pg_ctl: PID file "${file}" does not exist` }
  }
}
