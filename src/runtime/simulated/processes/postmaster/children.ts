// The postmaster's children: who they are, and how they are forked and signalled. Mirrors BackendList and the pid
// variables of postmaster.c.

import { microsecond } from '../../../../model/units.ts'
import type { Process } from '../../machine/process.ts'
import type { Signal } from '../../machine/signals.ts'
import type { Socket } from '../../machine/socket.ts'
import type { Admission, AuxiliaryType, Server } from '../../server.ts'
import type { BackgroundWorker, BackgroundWorkerType } from '../../shared/background-workers.ts'
import { versionFacts } from '../../shared/versions.ts'

/** fork(2) of a process that has its shared memory mapped. */
const forkCost = 250 * microsecond

export interface Child {
  readonly process: Process
  readonly type: 'backend' | BackgroundWorkerType | AuxiliaryType
  /** Of a background worker: what the log calls it. */
  readonly name?: string
  /** It will refuse its client and end; it never touches shared memory. */
  readonly isDeadEnd: boolean
}

export class Children {
  private readonly server: Server
  private readonly me: Process
  /** In the order in which they were forked. */
  private readonly children = new Map<number, Child>()
  /** It is not told to end with the others, and nobody waits for its end. */
  logger: Process | undefined

  constructor(server: Server, me: Process) {
    this.server = server
    this.me = me
  }

  get all(): Child[] {
    return [...this.children.values()]
  }

  find(type: Child['type']): Child | undefined {
    for (const child of this.children.values()) if (child.type === type) return child
    return undefined
  }

  has(type: AuxiliaryType): boolean {
    return this.find(type) !== undefined
  }

  /** Those that are sessions of clients and have not been refused. */
  get sessions(): Child[] {
    return this.all.filter(child => child.type === 'backend' && !child.isDeadEnd && !this.isWalSender(child))
  }

  get walSenders(): Child[] {
    return this.all.filter(child => this.isWalSender(child))
  }

  private isWalSender(child: Child): boolean {
    return child.process.type === 'walsender'
  }

  forkAuxiliary(type: AuxiliaryType): void {
    const { environment, types } = this.server
    this.me.charge(forkCost)
    const main = types.auxiliaries[type]
    const process = environment.host.fork(type, me => main(me, this.server), { parent: this.me })
    this.children.set(process.pid, { process, type, isDeadEnd: false })
  }

  /** Undefined: there is no memory for it. */
  forkBackgroundWorker(worker: BackgroundWorker): Process | undefined {
    const { environment, types } = this.server
    this.me.charge(forkCost)
    if (!environment.host.memory.allowsFork(this.me)) {
      const what = versionFacts(environment.version).workerInForkFailure
      environment.log.log(this.me, `could not fork ${what} process: Cannot allocate memory`)
      return undefined
    }
    const { type, name } = worker.request
    const main = types.backgroundWorkers[type]
    const process = environment.host.fork(type, me => main(me, this.server, worker), { parent: this.me })
    this.children.set(process.pid, { process, type, name, isDeadEnd: false })
    return process
  }

  /** The one with this pid. */
  byPid(pid: number): Child | undefined {
    return this.children.get(pid)
  }

  forkLogger(): void {
    const { environment, types } = this.server
    this.me.charge(forkCost)
    this.logger = environment.host.fork('logger', me => types.auxiliaries.logger(me, this.server), { parent: this.me })
  }

  forkBackend(client: Socket, admission: Admission): void {
    const { environment, types } = this.server
    this.me.charge(forkCost)
    if (!environment.host.memory.allowsFork(this.me)) return this.tellNoFork(client)
    const main = types.backend
    const process = environment.host.fork('backend', me => main(me, this.server, client, admission), {
      parent: this.me,
    })
    client.attach(process)
    this.children.set(process.pid, { process, type: 'backend', isDeadEnd: admission.refusal !== undefined })
  }

  /** The client is told without the protocol: there is no process that could speak it. */
  private tellNoFork(client: Socket): void {
    const message = 'could not fork new process for connection: Cannot allocate memory'
    this.server.environment.log.log(this.me, message)
    client.send({
      kind: 'error',
      level: 'ERROR',
      sqlstate: '',
      message,
      isBare: true,
      size: message.length + 2,
    } as never)
    client.close()
  }

  remove(pid: number): Child | undefined {
    const child = this.children.get(pid)
    this.children.delete(pid)
    return child
  }

  signalLogger(signal: Signal): void {
    this.logger?.signal(signal, this.me.cause)
  }

  signal(child: Child | undefined, signal: Signal, cause = this.me.cause): void {
    if (!child) return
    const sent = this.server.environment.trace.emit(
      'signal.sent',
      this.me.place,
      { signal: `SIG${signal}`, to: child.process.pid, type: child.process.type },
      cause,
    )
    child.process.signal(signal, sent || cause)
  }

  signalAll(signal: Signal, children: readonly Child[] = this.all): void {
    // A child that ends at once gives the postmaster another cause, in the middle of the loop.
    const { cause } = this.me
    for (const child of children) this.signal(child, signal, cause)
  }
}
