// One node of the cluster: its server, and the orders that pg_ctl gives it.

import type { Ordered, ProcessRole, Settings as SettingTexts, ShutdownMode } from '../../engine.ts'
import type { Process } from '../machine/process.ts'
import type { Signal } from '../machine/signals.ts'
import { standbySignalPath } from '../recovery/start-point.ts'
import type { Server } from '../server.ts'
import type { NodeVolumes } from './node-volumes.ts'

const shutdownSignals: Readonly<Record<ShutdownMode, Signal>> = { smart: 'TERM', fast: 'INT', immediate: 'QUIT' }

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
    if (this.postmaster) return { refused: 'pg_ctl: another server might be running' }
    this.edit(settings)
    host.comeUp()
    this.server.start(cause)
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

  /** Streams from another node from now on; through no slot, unless it is given one. */
  follow(upstream: ClusterNode, slot = '', cause?: number): Ordered {
    return this.reload({ primary_conninfo: upstream.conninfoFor(this.name), primary_slot_name: slot }, cause)
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

  /** What a standby of this name has as primary_conninfo to stream from here. */
  conninfoFor(standby: string): string {
    return `host=${this.name} port=${this.server.environment.settings.get('port')} user=postgres application_name=${standby}`
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
