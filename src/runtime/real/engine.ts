// The engine over real servers: the port over a cluster of PostgreSQL servers on this machine, on the wall clock.

import { millisecond } from '../../model/units.ts'
import type {
  Actor,
  CommitToFind,
  Engine,
  EngineOptions,
  Opened,
  ProbeAnswer,
  SetupDeclaration,
  SetupFailure,
  Topology,
} from '../engine.ts'
import { NodeStates } from '../node-states.ts'
import { Trace } from '../trace.ts'
import { Actors } from './actors.ts'
import { WallClock } from './clock.ts'
import type { Binaries } from './cluster/binaries.ts'
import { Cluster } from './cluster/cluster.ts'
import { prepare } from './cluster/preparation.ts'
import { RunFolder } from './cluster/run-folder.ts'
import type { ServerUser } from './cluster/server-user.ts'
import { guard } from './guard.ts'
import { Links } from './links/index.ts'
import { Names } from './names.ts'
import { Observers } from './observers.ts'
import { Powers } from './power.ts'
import { survivors } from './survivors.ts'
import type { Teller } from './teller.ts'

/** How often somebody who waits long is asked whether it is long enough, in milliseconds. */
const lookEvery = 250

export interface RealParts {
  readonly binaries: Binaries
  readonly user: ServerUser | undefined
  /** The run's folder is to be kept: called when it is over, with commands that start its servers and reach them. */
  readonly keep?: (commands: readonly string[]) => void
}

export class RealEngine implements Engine {
  readonly name = 'postgres'
  readonly precision = 100 * millisecond
  readonly trace: Trace
  private readonly clock = new WallClock()
  private readonly folder: RunFolder
  private readonly release: () => void
  private readonly links: Links
  private readonly names = new Names()
  private readonly states = new NodeStates()
  private readonly options: EngineOptions
  private readonly parts: RealParts
  private cluster!: Cluster
  private observers!: Observers
  private actors!: Actors
  /** The number of the last event that `next` has spoken of. */
  private told = 0
  private wake: () => void = () => {}

  private constructor(topology: Topology, options: EngineOptions, parts: RealParts) {
    this.options = options
    this.parts = parts
    this.folder = new RunFolder(parts.user)
    this.release = guard(() => this.folder.remove())
    this.links = new Links(topology.links, (port, from) => this.names.client(port, from))
    this.trace = new Trace(
      () => this.clock.timeOfTelling(),
      options.wants,
      event => {
        this.states.take(event)
        options.listener(event)
        this.wake()
      },
    )
  }

  /** Makes the cluster and plays its setups; everything is taken down again if that fails. */
  static async open(topology: Topology, options: EngineOptions, parts: RealParts): Promise<Opened> {
    const engine = new RealEngine(topology, options, parts)
    try {
      const failed = await engine.prepare(topology)
      if (!failed) return { engine }
      await engine.close()
      return failed
    } catch (error) {
      await engine.close()
      throw error
    }
  }

  private async prepare(topology: Topology) {
    const { clock, links, names, states, trace, folder, options } = this
    const { user, binaries } = this.parts
    const stampsCommits = options.wants.has('commit.lost')
    const cluster = await Cluster.make({ topology, folder, user, binaries, links, names, stampsCommits })
    this.cluster = cluster
    const teller: Teller = {
      wants: kind => trace.wants(kind),
      tell: (kind, place, fields, { at, cause } = {}) => {
        const emit = () => trace.emit(kind, place, fields, cause)
        return at === undefined ? emit() : clock.at(at, emit)
      },
    }
    trace.isMuted = true
    this.observers = new Observers(cluster, topology, teller, names)
    const powers = new Powers(cluster, this.observers, teller)
    this.actors = new Actors({ cluster, links, states, clock, observers: this.observers, powers, teller })
    const failed = await prepare(cluster, topology, () => this.playSetups(topology.setups))
    trace.isMuted = false
    return failed
  }

  private async playSetups(
    setups: readonly SetupDeclaration[],
  ): Promise<{ readonly setup: SetupDeclaration; readonly failure: SetupFailure } | undefined> {
    for (const setup of setups) {
      const failure = await this.actors.perform(setup.action())
      if (failure) return { setup, failure }
    }
    return undefined
  }

  now(): number {
    return this.clock.now()
  }

  cause(): number | undefined {
    return this.actors.cause
  }

  begin(): void {
    this.clock.begin()
    this.observers.begin()
    for (const { kind, node, text, reason } of this.cluster.volumes.shortfalls) {
      this.trace.emit(kind, { node }, { text, reason })
    }
    for (const { server } of this.cluster.begun) server.start()
  }

  spawn(actor: Actor): void {
    this.actors.spawn(actor)
  }

  async next(until: number): Promise<'told' | 'reached' | 'idle'> {
    for (;;) {
      if (this.actors.fault) throw this.actors.fault.error
      if (this.isFresh()) return 'told'
      this.options.look()
      if (this.clock.now() >= until) {
        await this.observers.lookAtAll()
        return this.isFresh() ? 'told' : 'reached'
      }
      await this.somethingOr(Math.min(lookEvery, this.clock.until(until)))
    }
  }

  async probe(node: string, database: string, sql: string): Promise<ProbeAnswer> {
    const answer = await this.cluster.node(node).own.query(sql, database)
    return 'failure' in answer ? answer : { value: answer.rows[0]?.[0] ?? null }
  }

  survived(node: string, commits: readonly CommitToFind[]): Promise<readonly boolean[] | undefined> {
    return survivors(this.cluster.node(node).own, commits, this.clock)
  }

  async close(): Promise<void> {
    this.actors?.close()
    this.observers?.close()
    await this.cluster?.close(this.parts.keep !== undefined)
    await this.links.close()
    if (this.parts.keep) {
      this.folder.keep()
      this.parts.keep(this.cluster.all.map(({ server }) => server.howToReach()))
    } else this.folder.remove()
    this.release()
  }

  /** Whether anything was told since `next` last spoke. */
  private isFresh(): boolean {
    if (this.trace.sequence === this.told) return false
    this.told = this.trace.sequence
    return true
  }

  /** Returns when something is told, or after so many milliseconds. */
  private somethingOr(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => done(), milliseconds)
      const done = () => {
        clearTimeout(timer)
        this.wake = () => {}
        resolve()
      }
      this.wake = done
      this.actors.onFault = done
    })
  }
}
