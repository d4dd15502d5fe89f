// The loop of a run: lets the engine go on, hands each event to the monitors, the triggers and the listener, answers
// what the monitors ask, and knows when it is over.

import type { Answer, Ask, Monitors } from '../checks/index.ts'
import type { Moment, Scenario, Statement, Value } from '../model/scenario.ts'
import type { TraceEvent } from '../model/trace.ts'
import { type Budget, BudgetSpent } from './budget.ts'
import { type DeclaredClient, declareClients, declareSessions } from './clients/declarations.ts'
import { Interleaving } from './clients/interleaving.ts'
import { Ledger } from './clients/ledger.ts'
import { declareManagers, type Manager } from './clients/manager.ts'
import type { Session } from './clients/session.ts'
import { type Action, ask, defaultDatabase, type Engine, type Topology } from './engine.ts'
import { Flag } from './flag.ts'
import type { KnownMoments } from './moments.ts'
import { Nodes } from './nodes.ts'
import { settle } from './settlement.ts'
import type { Random } from './simulated/kernel/random.ts'
import type { Stage } from './stage.ts'
import { parameter, textOf } from './statement.ts'
import type { Timeline } from './timeline.ts'

export interface Parts {
  readonly scenario: Scenario
  readonly topology: Topology
  readonly engine: Engine
  readonly moments: KnownMoments
  readonly monitors: Monitors
  readonly timeline: Timeline
  /** What the engine has told and nobody has taken yet. */
  readonly told: TraceEvent[]
  readonly random: Random
  readonly budget: Budget
  readonly permutation?: Statement
  readonly listener?: (event: TraceEvent) => void
}

/** How many turns of the loop pass between two looks at the watch. */
const turnsPerLook = 1000

export class Interpreter {
  private readonly parts: Parts
  private readonly stage: Stage
  private readonly nodes: Nodes
  private readonly declared: readonly DeclaredClient[]
  private readonly managers: readonly Manager[]
  private clientsBegun = false
  private isSettled = false
  private readonly begun = new Set<Statement>()
  /** Clients that have begun or will, and permutations: when none is left the run may be over. */
  private running = 0
  private turns = 0
  /** Why the engine was stopped in the middle of its work. */
  private spent: string | undefined

  constructor(parts: Parts) {
    const { scenario, topology, engine, monitors, random } = parts
    this.parts = parts
    this.nodes = new Nodes(topology.nodes)
    const sessions = new Map<string, Session>()
    const clients = new Map<string, DeclaredClient['clients']>()
    const sessionOfStep = new Map<string, Session>()
    this.stage = {
      topology,
      ledger: new Ledger(),
      clients,
      sessions,
      sessionOfStep,
      progress: new Flag(),
      sessionOf: pid => {
        for (const [name, { connection }] of sessions) if (connection?.backend === pid) return name
        return undefined
      },
      random: random.fork(),
      tracksCommits: monitors.needs.ledger,
      now: () => engine.now(),
      timeOf: moment => parts.moments.timeOf(moment),
      wants: kind => engine.trace.wants(kind),
      tell: (kind, place, fields, cause) => engine.trace.emit(kind, place, fields, cause ?? engine.cause()),
      spawn: (name, action, cause) => engine.spawn({ name, action, ...(cause ? { cause } : {}) }),
    }
    this.declared = declareClients(scenario, this.stage)
    for (const each of this.declared) clients.set(each.clients[0].options.name, each.clients)
    this.managers = declareManagers(scenario.clients, this.stage)
    for (const session of declareSessions(scenario, this.stage)) {
      sessions.set(session.options.name, session)
      for (const step of session.options.steps.keys()) sessionOfStep.set(step, session)
    }
  }

  /**
   * Gives the time at which the run ended, why if it was stopped before its end, and whether it was looked which commits
   * are there.
   */
  async play(): Promise<{ readonly endedAt: number; readonly stopped?: string; readonly isSettled: boolean }> {
    const { engine, monitors, timeline, moments } = this.parts
    this.findEnd()
    engine.begin()
    monitors.start(moments)
    await this.answer()
    timeline.start(this.stage)
    this.beginClients()
    const stopped = await this.loop()
    const endedAt = engine.now()
    moments.end = endedAt
    monitors.finish(endedAt)
    await this.answer()
    return { endedAt, isSettled: this.isSettled, ...(stopped === undefined ? {} : { stopped }) }
  }

  private async loop(): Promise<string | undefined> {
    const { monitors, moments, budget } = this.parts
    for (;;) {
      const until = Math.min(moments.end ?? budget.duration, monitors.wakeAt ?? Number.POSITIVE_INFINITY)
      const outcome = await this.next(until)
      await this.takeAll()
      const stopped = this.spent ?? this.overBudget() ?? this.hopeless()
      if (stopped !== undefined) return stopped
      if (outcome === 'told') {
        // Who has just finished may have told more than was taken.
        if (this.parts.told.length === 0 && this.isOver()) return undefined
        continue
      }
      if (outcome === 'reached') monitors.pass(until)
      await this.answer()
      if (moments.end !== undefined ? until >= moments.end : this.isOver()) return undefined
      if (until >= budget.duration) return `it was stopped after ${until / 1e9} s of its own time`
      if (outcome === 'idle' && monitors.wakeAt === undefined) {
        return moments.end === undefined && this.waitsForEnd()
          ? 'nothing happens any more, and its end is not known'
          : undefined
      }
    }
  }

  private async next(until: number): Promise<'told' | 'reached' | 'idle'> {
    try {
      return await this.parts.engine.next(until)
    } catch (error) {
      if (!(error instanceof BudgetSpent)) throw error
      this.spent = error.message
      return 'told'
    }
  }

  private overBudget(): string | undefined {
    const { budget, engine } = this.parts
    if (engine.trace.sequence > budget.events) return `it was stopped after ${engine.trace.sequence} events`
    return ++this.turns % turnsPerLook === 0 ? budget.isSpent?.() : undefined
  }

  private async takeAll(): Promise<void> {
    const { told } = this.parts
    for (let at = 0; at < told.length; at++) await this.take(told[at])
    told.length = 0
  }

  private async take(event: TraceEvent): Promise<void> {
    const { moments, timeline, monitors, listener } = this.parts
    listener?.(event)
    this.nodes.take(event)
    if (event.kind === 'label.reached') {
      moments.reach(event.label, event.done, event.time, this.parts.engine.precision)
      this.findEnd()
    }
    monitors.feed(event)
    if (monitors.asks.length > 0) await this.answer()
    timeline.take(event, this.stage)
    if (!this.clientsBegun || event.kind === 'label.reached') this.beginClients()
  }

  /** Answers what the monitors ask, until they ask nothing more. */
  private async answer(): Promise<void> {
    const { monitors } = this.parts
    while (monitors.asks.length > 0) {
      const answers = new Map<Ask, Answer>()
      for (const each of monitors.asks) answers.set(each, await this.answerTo(each))
      monitors.answer(answers)
    }
  }

  private async answerTo(question: Ask): Promise<Answer> {
    const { engine, told, monitors, listener } = this.parts
    if (this.spent !== undefined) return { failure: 'the run was stopped in the middle of something' }
    if (question.kind === 'query')
      return engine.probe(question.node, question.database ?? defaultDatabase, question.sql)
    const before = told.length
    const answer = await settle(this.stage.ledger, this.nodes, engine)
    if ('value' in answer) this.isSettled = true
    // What the settlement tells belongs to the answer; what else came meanwhile has its turn later.
    const later = told.splice(before).filter(event => {
      if (!isOfSettlement(event)) return true
      listener?.(event)
      monitors.feed(event)
      return false
    })
    told.push(...later)
    return answer
  }

  // The end

  /** Takes the end of the run from the scenario, once it is known. */
  private findEnd(): void {
    const { scenario, moments } = this.parts
    if (scenario.ends && moments.isReached(scenario.ends)) moments.end ??= moments.timeOf(scenario.ends)
  }

  private waitsForEnd(): boolean {
    return this.parts.scenario.ends !== undefined
  }

  /** Why the end will never come: it hangs on something that failed. */
  private hopeless(): string | undefined {
    const { scenario, moments, timeline } = this.parts
    const { ends } = scenario
    if (moments.end !== undefined || ends?.from !== 'label' || !timeline.neverComes(ends)) return undefined
    return `its end hangs on ${ends.label}, which did not come`
  }

  /** Without `ends` a run is over when every client and session is, and nothing is under way. */
  private isOver(): boolean {
    const { moments, timeline, monitors } = this.parts
    if (this.waitsForEnd() || moments.end !== undefined) return false
    return this.clientsBegun && this.running === 0 && timeline.isIdle && monitors.wakeAt === undefined
  }

  // The clients

  /** Begins the clients whose time is known, and the others when the cluster serves. */
  private beginClients(): void {
    const first = !this.clientsBegun && this.nodes.areUp
    if (first) this.clientsBegun = true
    for (const { statement, clients } of this.declared) {
      const from = momentOf(parameter(statement, 'from'))
      const isDue = from ? this.parts.moments.isReached(from) : this.clientsBegun
      if (this.begun.has(statement) || !isDue) continue
      this.begun.add(statement)
      const at = from && this.parts.moments.timeOf(from)
      for (const client of clients) {
        this.running++
        this.stage.spawn(client.options.endpoint, this.runClient(client.run(), at))
      }
    }
    // Nobody waits for them at the end of the run.
    if (first) for (const manager of this.managers) this.stage.spawn(manager.name, manager.run())
    this.setStops()
    const { permutation } = this.parts
    if (!first || !permutation) return
    this.running++
    this.stage.spawn('permutation', this.playPermutation(permutation))
  }

  private *runClient(action: Action, at: number | undefined): Action {
    if (at !== undefined && at > this.stage.now()) yield* ask({ kind: 'sleep', until: at })
    yield* action
    this.running--
  }

  /** `to` may hang on a label: the clients learn it when it is reached. */
  private setStops(): void {
    for (const { statement, clients } of this.declared) {
      const to = momentOf(parameter(statement, 'to'))
      if (!to || !this.parts.moments.isReached(to)) continue
      const time = this.parts.moments.timeOf(to)
      if (time !== undefined) for (const client of clients) client.stopAt = time
    }
  }

  /** Setups in the order of the sessions, the steps, teardowns. */
  private *playPermutation(permutation: Statement): Action {
    const label = textOf(parameter(permutation, 'as'))
    if (label !== undefined) this.stage.tell('label.reached', {}, { label, done: false })
    this.parts.timeline.beginRemarks(this.stage)
    const order = permutation.about.flatMap(value =>
      value.type === 'step' ? { name: value.name, markers: value.markers } : [],
    )
    const taking = new Set(order.map(({ name }) => this.stage.sessionOfStep.get(name)!))
    const sessions = [...this.stage.sessions.values()].filter(session => taking.has(session))
    let ready = true
    for (const session of sessions) ready = (yield* session.open()) && ready
    if (ready) yield* new Interleaving(this.stage).play(order)
    for (const session of sessions) yield* session.close()
    if (label !== undefined) this.stage.tell('label.reached', {}, { label, done: true })
    this.running--
  }
}

function isOfSettlement({ kind }: TraceEvent): boolean {
  return kind === 'commit.lost' || kind === 'commit.ghost'
}

function momentOf(value: Value | undefined): Moment | undefined {
  return value?.type === 'moment' ? value.moment : undefined
}
