// Looks at all servers now and then, and whenever one of them logs.

import { type FSWatcher, watch } from 'node:fs'
import { constants } from 'node:os'
import type { Topology } from '../engine.ts'
import type { Cluster, ClusterNode } from './cluster/cluster.ts'
import type { Exit } from './cluster/server.ts'
import type { Names } from './names.ts'
import { NodeObserver } from './observation/node-observer.ts'
import { ViewObserver } from './observation/view-observer.ts'
import type { Teller } from './teller.ts'

/** In milliseconds. */
const lookEvery = 10
const askEvery = 100

export class Observers {
  private readonly cluster: Cluster
  private readonly topology: Topology
  private readonly teller: Teller
  private readonly names: Names
  private readonly nodes = new Map<string, NodeObserver>()
  private readonly views: ViewObserver[] = []
  private readonly watchers: FSWatcher[] = []
  private readonly timers: NodeJS.Timeout[] = []
  private asking: Promise<void> | undefined

  constructor(cluster: Cluster, topology: Topology, teller: Teller, names: Names) {
    this.cluster = cluster
    this.topology = topology
    this.teller = teller
    this.names = names
  }

  of(node: string): NodeObserver {
    return this.nodes.get(node)!
  }

  /** What happens from now on is told. */
  begin(): void {
    for (const node of this.cluster.all) this.observe(node)
    this.timers.push(setInterval(() => this.lookAtNodes(), lookEvery))
    if (this.views.length > 0) this.timers.push(setInterval(() => void this.ask(), askEvery))
  }

  /** Tells what has happened on the node until now, once anything is told. */
  look(node: string): void {
    this.nodes.get(node)?.look()
  }

  /** Everything that has happened until now is told when this is done. */
  async lookAtAll(): Promise<void> {
    this.lookAtNodes()
    await this.ask()
  }

  close(): void {
    for (const timer of this.timers) clearInterval(timer)
    for (const watcher of this.watchers) watcher.close()
  }

  private observe({ server, own }: ClusterNode): void {
    const { name, logFile, dataFolder, place } = server
    const { postgres: version } = this.topology
    const node = { name, version, logFile, dataFolder, postmaster: () => server.postmaster, isObserver: () => false }
    const observer = new NodeObserver(node, this.teller, this.names)
    this.nodes.set(name, observer)
    server.onExit = exit => observer.lost('its postmaster has ended', endingOf(exit))
    const watcher = watch(place.folder, (_event, file) => {
      if (file === 'log') observer.look()
    })
    watcher.on('error', () => {})
    this.watchers.push(watcher)
    const view = new ViewObserver(node, this.teller, async sql => {
      const answer = await own.query(sql)
      return 'rows' in answer ? answer.rows : undefined
    })
    if (view.isNeeded || this.replicates) this.views.push(view)
  }

  /**
   * Any node may get a standby: one that follows it, declared as one or restored. Logical slots are made as a scenario
   * goes.
   */
  private get replicates(): boolean {
    const { nodes, slots } = this.topology
    const mayFollow = ({ upstream, isRestored }: (typeof nodes)[number]) => upstream !== undefined || isRestored
    const decodes = ({ settings }: (typeof nodes)[number]) => settings.wal_level !== undefined
    return slots.length > 0 || nodes.some(node => mayFollow(node) || decodes(node))
  }

  private lookAtNodes(): void {
    for (const observer of this.nodes.values()) observer.look()
  }

  /** One question at a time. */
  private ask(): Promise<void> {
    this.asking ??= Promise.all(this.views.map(view => view.look())).then(() => {
      this.asking = undefined
    })
    return this.asking
  }
}

/** As the postmaster words it of its children. */
function endingOf({ code, signal }: Exit): { readonly code?: number; readonly signal?: string } {
  if (signal === null) return code === null ? {} : { code }
  return { signal: `signal ${constants.signals[signal]}: ${descriptions[signal] ?? signal}` }
}

const descriptions: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'Killed',
  SIGSEGV: 'Segmentation fault',
  SIGABRT: 'Aborted',
}
