// All procs of a server. Mirrors procarray.c as far as membership goes; snapshots are made in transactions/.

import type { Process } from '../machine/process.ts'
import type { SettingsReader } from '../settings/settings.ts'
import { Proc } from './proc.ts'

export class ProcArray {
  /** In the order in which they came. */
  readonly procs: Proc[] = []
  private readonly pids = new Map<number, Proc>()
  private readonly freeIds: number[] = []
  private nextId = 1

  /** A new proc in the lowest free slot; it leaves when the process exits. */
  add(process: Process, backendType: string, settings: SettingsReader): Proc {
    const backendId = this.takeId()
    const proc = new Proc(process, { backendId, backendType, settings })
    this.procs.push(proc)
    this.pids.set(proc.pid, proc)
    return proc
  }

  /** One without a process, for a prepared transaction: it stays until somebody removes it. `made` by whom, and as what. */
  addPrepared(made: Process, settings: SettingsReader, virtualTransaction: string): Proc {
    const proc = new Proc(made, { backendId: -1, backendType: 'prepared transaction', settings, virtualTransaction })
    this.procs.push(proc)
    return proc
  }

  remove(proc: Proc): void {
    const index = this.procs.indexOf(proc)
    if (index < 0) return
    this.procs.splice(index, 1)
    if (proc.isPrepared) return
    this.pids.delete(proc.pid)
    this.freeIds.push(proc.backendId)
  }

  byPid(pid: number): Proc | undefined {
    return this.pids.get(pid)
  }

  private takeId(): number {
    if (this.freeIds.length === 0) return this.nextId++
    const id = Math.min(...this.freeIds)
    this.freeIds.splice(this.freeIds.indexOf(id), 1)
    return id
  }
}
