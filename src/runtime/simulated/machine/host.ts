// A host: CPUs, volumes, and the processes that run on it, until its power or its operating system fails.

import type { Trace } from '../../trace.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { Cpus } from './cpus.ts'
import type { Latch } from './latch.ts'
import { Memory, type MemoryOptions, type SharedSegment } from './memory.ts'
import { type Main, Process } from './process.ts'
import type { ExitStatus, Signal } from './signals.ts'
import { signals } from './signals.ts'
import type { Socket } from './socket.ts'
import type { Volume } from './volume.ts'

export interface HostOptions {
  readonly cpus: number
  /** Missing: as much as anybody wants. */
  readonly memory?: MemoryOptions
  /** The pid of its first process. */
  readonly firstPid: number
}

export interface Listener {
  /** Its port is closed when it ends; missing: a program of which nothing else is played. */
  readonly process?: Process
  /** Called when a connection comes in; the listener's process takes it from there. */
  readonly accept: (socket: Socket) => void
}

export class Host {
  readonly kernel: Kernel
  readonly trace: Trace
  readonly name: string
  readonly cpus: Cpus
  readonly memory: Memory
  /** Shared memory of its servers. */
  readonly segments = new Set<SharedSegment>()
  readonly volumes: Volume[] = []
  readonly processes = new Map<number, Process>()
  /** By node and port. */
  readonly listeners = new Map<string, Listener>()
  /** Unix sockets that a program has locked of which nothing else is played: its pid, by node and port. */
  readonly lockedSockets = new Map<string, number>()
  isUp = true
  /** Counts its boots, so that peers can tell that a connection is from before. */
  boots = 1
  /** Called when a process begins or ends to wait; for who tells of it. */
  whenWaiting: ((process: Process, before: string | undefined, now: string | undefined) => void) | undefined
  /** Set whenever a process ends. */
  readonly endings = new Set<Latch>()
  private nextPid: number

  constructor(kernel: Kernel, trace: Trace, name: string, options: HostOptions) {
    this.kernel = kernel
    this.trace = trace
    this.name = name
    this.cpus = new Cpus(kernel, options.cpus)
    this.memory = new Memory(kernel, options.memory)
    this.nextPid = options.firstPid
  }

  /** Starts a process; it runs when the caller next waits. `node` names the cluster member it belongs to. */
  fork(type: string, main: Main, options: { readonly parent?: Process; readonly node?: string } = {}): Process {
    const parent = options.parent
    const process = new Process(this, this.nextPid++, type, options.node ?? parent?.place.node, main, parent)
    this.processes.set(process.pid, process)
    this.memory.forked(process, parent)
    this.trace.emit('process.started', process.place, { type, parent: parent?.pid ?? 1 }, process.cause)
    process.begin()
    return process
  }

  /** The pid of a program of which nothing else is played. */
  nextStranger(): number {
    return this.nextPid++
  }

  /** kill(2): false if there is no such process. */
  kill(pid: number, signal: Signal, cause?: number): boolean {
    const process = this.processes.get(pid)
    if (!process) return false
    process.signal(signal, cause)
    return true
  }

  /** For Process alone: closes its sockets and tells its parent. */
  processEnded(process: Process, status: ExitStatus): void {
    if (!this.processes.delete(process.pid)) return
    const ended = this.trace.emit(
      'process.exited',
      process.place,
      {
        type: process.type,
        ...('code' in status
          ? { code: status.code }
          : { signal: `signal ${signals[status.signal].number}: ${signals[status.signal].description}` }),
      },
      process.cause,
    )
    this.memory.ended(process, this.segments)
    for (const socket of [...process.sockets]) socket.close()
    for (const [name, listener] of this.listeners) if (listener.process === process) this.listeners.delete(name)
    for (const child of this.processes.values()) if (child.parent === process) child.latch.set(ended || process.cause)
    this.endings.delete(process.latch)
    for (const latch of this.endings) latch.set(ended || process.cause)
    process.whenEnded?.()
    const parent = process.parent
    if (!parent?.alive) return
    parent.exitedChildren.push({ process, status })
    parent.signal('CHLD', ended || process.cause)
  }

  /** The power goes, or the operating system stops: every process is gone, and nobody is told. */
  goDown(how: 'power' | 'system'): void {
    if (!this.isUp) return
    this.isUp = false
    const processes = [...this.processes.values()]
    this.processes.clear()
    this.listeners.clear()
    this.lockedSockets.clear()
    this.endings.clear()
    for (const process of processes) {
      process.vanish()
      for (const socket of [...process.sockets]) socket.vanish()
    }
    for (const volume of this.volumes) volume.losePageCache(how)
    this.memory.reset()
    this.segments.clear()
  }

  /** The next process gets this pid: for a run that begins after what was prepared, when no process is left. */
  restartPids(firstPid: number): void {
    if (this.processes.size > 0) throw new Error(`${this.name} has processes`)
    this.nextPid = firstPid
  }

  comeUp(): void {
    if (this.isUp) return
    this.isUp = true
    this.boots++
  }
}
