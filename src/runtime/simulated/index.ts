// The simulated engine: the port over a cluster of simulated servers on a virtual clock.

import type { Scenario, Setting, Statement } from '../../model/scenario.ts'
import type {
  Actor,
  CommitToFind,
  Engine,
  EngineKind,
  EngineOptions,
  Opened,
  ProbeAnswer,
  SetupDeclaration,
  Topology,
} from '../engine.ts'
import { NodeStates } from '../node-states.ts'
import { Trace } from '../trace.ts'
import { bootstrapFiles } from './catalog/bootstrap.ts'
import { Cluster } from './cluster.ts'
import { Actors } from './driver/actors.ts'
import { Histories } from './driver/histories.ts'
import { observe } from './driver/observer.ts'
import { Sampler } from './driver/sampler.ts'
import { type FailedSetup, playSetups } from './driver/setups.ts'
import { tellWaits } from './driver/waits.ts'
import { Kernel } from './kernel/kernel.ts'
import { oldestXidOf } from './recovery/initdb.ts'
import { diagnoseSettings, diagnoseTogether } from './settings/diagnose.ts'
import { diagnoseMinimal } from './settings/diagnose-minimal.ts'
import { systemViews } from './views/views.ts'

export const simulated: EngineKind = {
  name: 'simulated',

  diagnose(scenario: Scenario) {
    const { cluster, timeline, postgres } = scenario
    const nodes = cluster.filter(({ word }) => word === 'node' || word === 'standby')
    return [
      ...[...nodes, ...timeline].flatMap(settingsOf).flatMap(settings => diagnoseSettings(settings, postgres)),
      ...[...nodes, ...timeline.flatMap(each => [each, ...each.body])].flatMap(({ settings }) =>
        diagnoseTogether(settings, postgres),
      ),
      ...diagnoseMinimal(cluster),
    ]
  },

  open(topology: Topology, options: EngineOptions): Opened {
    const engine = new SimulatedEngine(topology, options)
    return engine.prepare(topology.setups) ?? { engine }
  },
}

/** PostgreSQL's settings that a statement gives, and those in it. */
function settingsOf({ word, settings, body }: Statement): Setting[][] {
  const isGiver = givers.includes(word)
  const given = settings.filter(({ name }) => !ofWords.has(name))
  return [...(isGiver ? [given] : []), ...body.flatMap(settingsOf)]
}

/** Words that give a node settings. */
const givers = ['node', 'standby', 'reload', 'restart', 'restore']

/** Settings of the words' own. Nobody but `restore` has a recovery_target_time that is no text. */
const ofWords = new Set(['optional', 'signal', 'backup_label'])

class SimulatedEngine implements Engine {
  readonly name = 'simulated'
  readonly precision = 0
  readonly trace: Trace
  private readonly kernel: Kernel
  private readonly cluster: Cluster
  private readonly actors: Actors
  private readonly histories = new Histories()
  private readonly sampler: Sampler | undefined

  constructor(topology: Topology, options: EngineOptions) {
    const kernel = new Kernel(options.seed)
    kernel.look = options.look
    const states = new NodeStates()
    this.kernel = kernel
    this.trace = new Trace(
      () => kernel.now,
      options.wants,
      event => {
        states.take(event)
        this.histories.take(event)
        this.sampler?.take(event)
        options.listener(event)
      },
    )
    this.cluster = new Cluster(topology, {
      kernel,
      trace: this.trace,
      catalogs: bootstrapFiles(topology.postgres, oldestXidOf(topology.postgres)),
      views: systemViews,
    })
    this.actors = new Actors(this.cluster, states)
    this.sampler = Sampler.of(this.cluster, this.trace, options.wants)
    tellWaits(this.cluster, this.trace, options.wants)
  }

  prepare(setups: readonly SetupDeclaration[]): FailedSetup | undefined {
    this.trace.isMuted = true
    const failed = this.cluster.prepare(() => playSetups(setups, this.actors, this.kernel))
    this.trace.isMuted = false
    return failed
  }

  now(): number {
    return this.kernel.now
  }

  cause(): number | undefined {
    return this.actors.cause
  }

  begin(): void {
    this.cluster.start()
  }

  spawn(actor: Actor): void {
    this.actors.spawn(actor)
  }

  next(until: number): 'told' | 'reached' | 'idle' {
    const { kernel, trace } = this
    const before = trace.sequence
    while (kernel.step(until)) {
      this.sampler?.pass(kernel.now)
      if (trace.sequence > before) return 'told'
    }
    if (until === Number.POSITIVE_INFINITY) return 'idle'
    kernel.run(until)
    return 'reached'
  }

  probe(node: string, database: string, sql: string): ProbeAnswer {
    return observe(this.cluster.node(node).server, database, sql)
  }

  survived(node: string, commits: readonly CommitToFind[]): readonly boolean[] | undefined {
    const { server } = this.cluster.node(node)
    if (server.accepting === 'nothing') return undefined
    return commits.map(
      commit => this.histories.mayHave(node, commit) && server.shared.transactions.statusOf(commit.xid) === 'committed',
    )
  }

  close(): void {}
}
