// One server on one host, for tests of its processes: its log as text, in PostgreSQL's manner.

import type { TraceEvent } from '../../../../src/model/trace.ts'
import { bootstrapFiles } from '../../../../src/runtime/simulated/catalog/bootstrap.ts'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import { Random } from '../../../../src/runtime/simulated/kernel/random.ts'
import { Host } from '../../../../src/runtime/simulated/machine/host.ts'
import { Network } from '../../../../src/runtime/simulated/machine/link.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { diskProfiles } from '../../../../src/runtime/simulated/machine/profile.ts'
import type { Socket } from '../../../../src/runtime/simulated/machine/socket.ts'
import { Volume } from '../../../../src/runtime/simulated/machine/volume.ts'
import { processTypes } from '../../../../src/runtime/simulated/processes/index.ts'
import { installCluster } from '../../../../src/runtime/simulated/recovery/initdb.ts'
import { Server } from '../../../../src/runtime/simulated/server.ts'
import { Settings } from '../../../../src/runtime/simulated/settings/settings.ts'
import type { ServerEnvironment } from '../../../../src/runtime/simulated/shared/environment.ts'
import { ServerLog } from '../../../../src/runtime/simulated/shared/log.ts'
import type { BackendMessage, FrontendMessage } from '../../../../src/runtime/simulated/shared/protocol.ts'
import { Trace } from '../../../../src/runtime/trace.ts'

export class Play {
  private readonly hosts: Host[] = []
  readonly kernel = new Kernel(7)
  readonly events: TraceEvent[] = []
  readonly trace = new Trace(
    () => this.kernel.now,
    ['checkpoint.started', 'checkpoint.completed', 'connection.opened'],
    event => this.events.push(event),
  )
  readonly network = new Network(this.kernel)

  server(name: string, version: 15 | 16 | 17 | 18, settings: Record<string, string> = {}): Server {
    const host = new Host(this.kernel, this.trace, name, { cpus: 2, firstPid: 100 })
    this.hosts.push(host)
    const volume = new Volume(this.kernel, diskProfiles.nvme)
    host.volumes.push(volume)
    this.network.place(name, host)
    const values = new Settings(version, new Map(Object.entries(settings)))
    const environment: ServerEnvironment = {
      name,
      version,
      settings: values,
      host,
      kernel: this.kernel,
      trace: this.trace,
      network: this.network,
      data: volume,
      pgWal: volume,
      logVolume: volume,
      log: new ServerLog(this.trace, values),
    }
    return new Server(environment, processTypes, new Map())
  }

  primary(version: 15 | 16 | 17 | 18, settings: Record<string, string> = {}): Server {
    const server = this.server('primary', version, settings)
    installCluster(server.environment, new Random(1), bootstrapFiles(version, 716))
    return server
  }

  processes(type: string): Process[] {
    return this.hosts.flatMap(host => [...host.processes.values()].filter(process => process.type === type))
  }

  until(time: number): void {
    this.kernel.run(time)
  }

  /** Types of the processes that were started since `from`, in order. */
  forks(from = 0): string[] {
    return this.events.flatMap(event =>
      event.kind === 'process.started' && event.node !== undefined && event.sequence > from && event.type !== 'backend'
        ? [event.type]
        : [],
    )
  }

  /** Lines of the log since `from` (a sequence number), with pids as [type]. */
  log(node = 'primary', from = 0): string[] {
    const lines: string[] = []
    for (const event of this.events) {
      if (event.kind !== 'log.line' || event.node !== node || event.sequence <= from) continue
      lines.push(`[${event.process}] ${event.level}: ${event.message}`)
      if (event.detail) lines.push(`[${event.process}] DETAIL: ${event.detail}`)
      if (event.hint) lines.push(`[${event.process}] HINT: ${event.hint}`)
      if (event.statement) lines.push(`[${event.process}] STATEMENT: ${event.statement}`)
    }
    return lines
  }
}

/** A client on a host of its own that keeps what it is told. */
export class Client {
  readonly messages: BackendMessage[] = []
  socket: Socket | undefined
  readonly process: Process
  ending: string | undefined

  constructor(
    play: Play,
    node: string,
    port = 5432,
    packet: Partial<Extract<FrontendMessage, { kind: 'startup' }>> = {},
  ) {
    const host = new Host(play.kernel, play.trace, `client of ${node}`, { cpus: 1, firstPid: 9000 })
    const self = this
    this.process = host.fork('client', function* (me) {
      const socket = play.network.connect('client', node, port)
      if (socket === undefined || socket === 'refused') {
        self.ending = 'refused'
        return
      }
      self.socket = socket
      socket.attach(me)
      const startup: FrontendMessage = {
        kind: 'startup',
        user: 'postgres',
        database: 'postgres',
        applicationName: 'test',
        options: {},
        size: 80,
        ...packet,
      }
      socket.send(startup)
      for (;;) {
        for (let message = socket.take(); message; message = socket.take())
          self.messages.push(message as BackendMessage)
        if (socket.ending) {
          self.ending = socket.ending
          return
        }
        yield* me.waitLatch({ waitEvent: 'Test' })
        me.latch.reset()
      }
    })
  }
}
