// The scenario's machines, servers and links. It makes them from the topology, prepares what a run begins with, and
// hands out the nodes; who plays on them stands above.

import { hour } from '../../model/units.ts'
import { archivedNodes } from '../archived-nodes.ts'
import type { NodeDeclaration, Ordered, RequestOf, Settings as SettingTexts, Topology } from '../engine.ts'
import { Trace } from '../trace.ts'
import { archiveDirectory, restoreCommand, withArchives } from './cluster/archives.ts'
import { restoreBackup, takeBackup } from './cluster/backups.ts'
import { ClusterNode } from './cluster/cluster-node.ts'
import { NodeVolumes } from './cluster/node-volumes.ts'
import { prepare } from './cluster/preparation.ts'
import type { Kernel } from './kernel/kernel.ts'
import type { Coroutine } from './kernel/task.ts'
import { Archive } from './machine/archive.ts'
import { Host } from './machine/host.ts'
import { type LinkOptions, Network } from './machine/link.ts'
import type { Process } from './machine/process.ts'
import { diskProfiles } from './machine/profile.ts'
import { processTypes } from './processes/index.ts'
import type { FileImage } from './recovery/initdb.ts'
import { Server } from './server.ts'
import { Settings } from './settings/settings.ts'
import { ServerLog } from './shared/log.ts'
import type { SystemView } from './sql/system-view.ts'

const defaultCpus = 2
const defaultDisk = 'nvme'
const firstPid = 100

export interface ClusterOptions {
  readonly kernel: Kernel
  readonly trace: Trace
  /** The catalogs of a fresh cluster. */
  readonly catalogs: readonly FileImage[]
  /** The system views that sessions can ask. */
  readonly views: ReadonlyMap<string, SystemView>
}

export class Cluster {
  readonly kernel: Kernel
  readonly trace: Trace
  readonly network: Network
  readonly hosts = new Map<string, Host>()
  /** Where clients run: as many CPUs as they need. Nobody is told of their processes. */
  readonly clientHost: Host
  private readonly archives = new Map<string, Archive>()
  private readonly topology: Topology
  private readonly catalogs: readonly FileImage[]
  private readonly views: ReadonlyMap<string, SystemView>
  private readonly nodes = new Map<string, ClusterNode>()
  /** What stands in the configuration file of each node when the run begins. */
  private readonly settingsOf: ReadonlyMap<string, SettingTexts>

  /** The kernel must not have run yet: what is prepared happens in the hour before time 0. */
  constructor(topology: Topology, { kernel, trace, catalogs, views }: ClusterOptions) {
    this.topology = topology
    this.kernel = kernel
    this.trace = trace
    this.catalogs = catalogs
    this.views = views
    this.network = new Network(kernel)
    for (const { name, cpus = defaultCpus, memory: size, overcommits = true } of topology.hosts) {
      const memory = size === undefined ? {} : { memory: { size, overcommits } }
      this.hosts.set(name, new Host(kernel, trace, name, { cpus, firstPid, ...memory }))
    }
    const silence = new Trace(
      () => kernel.now,
      [],
      () => {},
    )
    this.clientHost = new Host(kernel, silence, 'clients', { cpus: 1024, firstPid: 1 })
    for (const endpoint of topology.endpoints) this.network.place(endpoint, this.clientHost)
    this.settingsOf = withArchives(topology)
    for (const declaration of topology.nodes) this.add(declaration)
    for (const { name, kind, latency, isRead } of topology.archives) {
      const archive = new Archive(kind, { ...(latency === undefined ? {} : { latency }), isWriteOnly: !isRead })
      this.archives.set(name, archive)
      for (const { server } of this.nodes.values()) server.shell.mount(archiveDirectory(name), archive)
    }
    for (const { ends, ...quality } of topology.links) {
      this.network.declare(ends[0], ends[1], quality satisfies Partial<LinkOptions>)
    }
    kernel.now = -hour
  }

  node(name: string): ClusterNode {
    const node = this.nodes.get(name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  get all(): ClusterNode[] {
    return [...this.nodes.values()]
  }

  /**
   * Initialises the nodes; `playSetups` plays the setups on primaries that run, and gives a failure or undefined. When
   * this returns it is time 0 and every server is shut down, unless there was a failure.
   */
  prepare<Failure>(playSetups: () => Failure | undefined): Failure | undefined {
    const { kernel } = this
    const failure = prepare(this, this.topology, this.catalogs, kernel.random.fork(), playSetups)
    if (failure !== undefined) return failure
    if (kernel.now > 0) throw new Error('preparing the cluster took more than an hour')
    kernel.run(0)
    for (const host of this.hosts.values()) host.restartPids(firstPid)
    return undefined
  }

  /** Takes a base backup of a node into an archive. */
  *backup(me: Process, { node: name, archive: to }: RequestOf<'backup'>): Coroutine<Ordered> {
    const node = this.node(name)
    if (node.server.accepting !== 'writes') return { refused: `${name} does not take writes` }
    if (archivedNodes(this.topology).get(name)?.name !== to) return { refused: `${name} does not archive to ${to}` }
    let outcome: Ordered | undefined
    const archive = this.archives.get(to)!
    // It is no process of the server's, but what it does is done on the server.
    const main = function* (worker: Process) {
      outcome = yield* takeBackup(worker, node, archive)
      me.latch.set()
    }
    this.clientHost.fork('pg_basebackup', main, { node: name })
    while (!outcome) {
      yield* me.waitLatch({ waitEvent: 'BaseBackup' })
      me.latch.reset()
    }
    return outcome
  }

  /** Makes a node from the backup in an archive, and starts it. */
  *restore(me: Process, request: RequestOf<'restore'>): Coroutine<Ordered> {
    const archive = this.archives.get(request.archive)!
    return yield* restoreBackup(me, this.node(request.node), archive, restoreCommand(request.archive), request)
  }

  /** Starts every server that has files, primaries first. */
  start(): void {
    for (const node of this.nodes.values()) {
      if (this.topology.nodes.some(({ name, isRestored }) => name === node.name && isRestored)) continue
      node.volumes.tellAll()
      node.start()
    }
  }

  /** Takes a host's power, stops its operating system dead, or gives the power back. False: it was so already. */
  power(host: string, to: 'off' | 'on' | 'crashed', cause?: number): boolean {
    const machine = this.hosts.get(host)
    if (!machine) throw new Error(`no host ${host}`)
    if (machine.isUp === (to === 'on')) return false
    if (to === 'on') {
      machine.comeUp()
      return true
    }
    const running = this.all.filter(each => each.server.environment.host === machine && each.server.isUp)
    machine.goDown(to === 'off' ? 'power' : 'system')
    for (const { server } of running) {
      server.wentDown(to === 'off' ? 'its host has no power' : 'its operating system has crashed', cause)
    }
    return true
  }

  degrade({ target }: RequestOf<'degrade'>): Ordered {
    switch (target.kind) {
      case 'volume':
        return this.node(target.node).volumes.degrade(target.volume, target.quality)
      case 'host':
        this.hosts.get(target.host)!.cpus.change(target.quality.cpus)
        this.hosts.get(target.host)!.memory.change(target.quality.memory)
        return {}
      case 'link':
        this.network.link(...target.ends).change(target.quality)
        return {}
    }
  }

  private add(declaration: NodeDeclaration): void {
    const { kernel, trace, network } = this
    const { name } = declaration
    const host = this.hosts.get(declaration.host)
    if (!host) throw new Error(`no host ${declaration.host}`)
    const disk = this.topology.hosts.find(each => each.name === declaration.host)?.disk ?? defaultDisk
    const declared = this.topology.volumes.filter(({ node }) => node === name)
    const { pages } = host.memory
    const volumes = new NodeVolumes(name, { kernel, trace, profile: diskProfiles[disk], pages }, declared)
    host.volumes.push(...volumes.all)
    network.place(name, host)
    const settings = new Settings(this.topology.postgres, new Map(Object.entries(this.settingsOf.get(name)!)))
    const server = new Server(
      {
        name,
        version: this.topology.postgres,
        settings,
        host,
        kernel,
        trace,
        network,
        data: volumes.data,
        pgWal: volumes.pgWal,
        logVolume: volumes.log,
        log: new ServerLog(trace, settings),
      },
      processTypes,
      this.views,
    )
    this.nodes.set(name, new ClusterNode(name, server, volumes))
  }
}
