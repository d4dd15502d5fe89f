// `expect`: a formula over a window. The monitor opens and closes the window, evaluates where something changed, and
// decides as soon as the formula allows: language.md, "What a check means", is its specification.

import type { Formula, Scenario, Statement } from '../model/scenario.ts'
import type { EventKind, TraceEvent } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import { ObservedExpression } from './expression/observed.ts'
import type { Answer, Ask, Moments, Monitor, Needs, Trigger } from './monitor.ts'
import { isOptional } from './optional.ts'
import { compileTrigger } from './trigger.ts'
import { actualOf } from './verdict-text.ts'
import { type Window, windowOf } from './window.ts'

type State = 'waiting' | 'open' | 'closing' | 'decided'

export class Expectation implements Monitor {
  readonly needs: Needs
  asks: readonly Ask[] = []
  verdict: Verdict | undefined
  private readonly statement: Statement
  private readonly formula: Formula
  private readonly expression: ObservedExpression
  private readonly window: Window
  private readonly trigger: Trigger | undefined
  private readonly every: number | undefined
  private state: State = 'waiting'
  private openedAt = 0
  private openedBy: number | undefined
  private closedAt = 0
  private nextSample: number | undefined
  /** When a value changed last while the window was open. */
  private changedAt: number | undefined
  private changedBy: number | undefined
  /** Some instant had an answer, true or false. */
  private known = false
  /** Events that wait until an edge that looks back is known; undefined where none does. */
  private held: TraceEvent[] | undefined
  private replaying = false

  constructor(statement: Statement, scenario: Scenario) {
    this.statement = statement
    this.formula = statement.that!
    this.expression = new ObservedExpression(this.formula.expression, scenario)
    const { context } = this.expression
    this.trigger = statement.when && compileTrigger(statement.when, scenario)
    this.window = this.trigger
      ? {
          ...windowOf(statement, context.textOf.bind(context)),
          seesAll: true,
          text: `when ${context.textOf(statement.when!.span)}`,
        }
      : windowOf(statement, context.textOf.bind(context))
    const [every] = statement.parameters.every ?? []
    this.every = every !== undefined && 'number' in every ? every.number : undefined
    this.needs = {
      kinds: new Set<EventKind>([
        'label.reached',
        ...this.expression.kinds,
        ...(this.trigger?.needs.kinds ?? []),
        ...ledgerKinds,
      ]),
      queries: this.expression.context.queries.map(({ query }) => query),
      ledger: this.expression.context.ledger,
    }
  }

  get wakeAt(): number | undefined {
    if (this.held !== undefined || this.asks.length > 0 || this.trigger !== undefined) return undefined
    if (this.state === 'waiting') return this.window.opens.time
    if (this.state !== 'open') return undefined
    const closes = this.window.closes.time
    if (this.nextSample === undefined) return closes
    return closes === undefined ? this.nextSample : Math.min(closes, this.nextSample)
  }

  start(moments: Moments): void {
    const { opens, closes } = this.window
    for (const edge of [opens, closes]) edge.start(moments)
    this.trigger?.start(moments)
    if (this.lacksPast()) this.held = []
    else if (this.trigger?.fired) this.strike(0, undefined)
    else if (this.trigger === undefined && opens.time === 0) this.open(0)
  }

  feed(event: TraceEvent): void {
    if (this.state === 'decided') return
    if (this.held === undefined) {
      this.step(event)
      return
    }
    this.held.push(event)
    for (const edge of [this.window.opens, this.window.closes]) if (edge.looksBack) edge.reachedBy(event)
    if (!this.lacksPast()) this.replay()
  }

  pass(time: number): void {
    if (this.state === 'decided' || this.held !== undefined || this.trigger !== undefined) return
    const { opens, closes } = this.window
    if (this.state === 'waiting' && opens.time !== undefined && opens.time <= time) this.open(opens.time)
    if (this.state !== 'open' || this.asks.length > 0) return
    if (closes.time !== undefined && closes.time <= time) this.close(closes.time)
    else if (this.nextSample !== undefined && this.nextSample <= time) this.sample(this.nextSample)
  }

  answer(answers: ReadonlyMap<Ask, Answer>): void {
    const failures: string[] = []
    this.expression.queries.forEach((ask, at) => {
      const answer = answers.get(ask)
      if (answer === undefined) return
      const cell = this.expression.context.queries[at]
      cell.value = 'value' in answer ? answer.value : null
      cell.failure = 'failure' in answer ? answer.failure : undefined
    })
    for (const ask of this.asks) {
      const answer = answers.get(ask)
      if (ask.kind === 'ledger' && answer !== undefined && 'failure' in answer) failures.push(answer.failure)
    }
    this.asks = []
    if (this.state === 'decided') return
    if (failures.length > 0) this.decide('undecided', failures[0])
    else if (this.state === 'closing') this.conclude()
    else this.look(this.expression.context.now, undefined)
  }

  finish(time: number): void {
    if (this.state === 'decided') return
    const edges = [this.window.opens, this.window.closes]
    this.expression.context.end = time
    for (const edge of edges) edge.finish(time)
    if (this.held !== undefined && !this.lacksPast()) this.replay()
    this.pass(time)
    if (this.state !== 'waiting' && this.state !== 'open') return
    if (this.trigger !== undefined) this.nothing(`${this.window.text.slice('when '.length)} was never true`)
    else if (edges.some(edge => edge.time === undefined)) this.neverReached()
    else this.decide('undecided', `the run ended before the window ${this.state === 'open' ? 'closed' : 'opened'}`)
  }

  /** One event, in its place. */
  private step(event: TraceEvent): void {
    const { opens, closes } = this.window
    if (this.state === 'closing') {
      if (isLedger(event)) this.expression.feed(event, true)
      return
    }
    if (this.state === 'waiting' && opens.time !== undefined && opens.time <= event.time && !this.trigger) {
      this.open(opens.time)
    }
    if (this.stateNow() === 'open' && closes.time !== undefined && closes.time < event.time) {
      this.close(closes.time)
      return
    }
    if (this.stateNow() === 'decided') return
    const opensHere = opens.reachedBy(event) && opens.atEvent && this.state === 'waiting'
    const closesHere = closes.reachedBy(event) && closes.atEvent
    const inside = this.state === 'open' || opensHere
    const changed = this.expression.feed(event, inside || this.window.seesAll)
    if (changed && (inside || this.window.seesAll)) {
      this.changedAt = event.time
      this.changedBy = event.sequence
    }
    if (this.trigger !== undefined) {
      this.trigger.feed(event)
      if (this.trigger.fired) this.strike(event.time, event.sequence)
      return
    }
    if (opensHere) this.open(event.time, event.sequence)
    else if (closesHere && this.state === 'waiting')
      this.decide('undecided', `${closes.name} came before the window opened`)
    else if (this.state === 'open' && changed && this.nextSample === undefined) this.look(event.time, event)
    if (closesHere && this.stateNow() === 'open') this.close(event.time)
  }

  /** Read anew: what was called since may have changed it. */
  private stateNow(): State {
    return this.state
  }

  private strike(time: number, sequence: number | undefined): void {
    this.open(time, sequence)
    if (this.stateNow() === 'open') this.close(time)
  }

  private open(time: number, sequence?: number): void {
    const { closes } = this.window
    this.state = 'open'
    this.openedAt = time
    this.openedBy = sequence
    if (closes.time !== undefined && closes.time < time) {
      this.decide('undecided', `the window closes before it opens`)
      return
    }
    if (this.every !== undefined && closes.time !== time) this.sample(time)
    else if (this.expression.queries.length === 0) this.look(time, undefined)
  }

  private sample(time: number): void {
    this.nextSample = time + this.every!
    this.expression.context.now = time
    this.asks = this.expression.queries
  }

  /** The instant after something changed. */
  private look(time: number, event: TraceEvent | undefined): void {
    const { quantifier } = this.formula
    if (quantifier === undefined || this.state !== 'open') return
    const value = this.expression.evaluate(time)
    if (value !== null) this.known = true
    const by = event?.sequence
    if (quantifier === 'eventually' && value === true) this.decide('held', this.actual(time, true), time, by)
    if (quantifier === 'always' && value !== true) this.decide('failed', this.actual(time, false), time, by)
    if (quantifier === 'never' && value === true) this.decide('failed', this.actual(time, false), time, by)
  }

  /** The window's last instant; what cannot be known from events is asked for now. */
  private close(time: number): void {
    this.state = 'closing'
    this.closedAt = time
    const { queries } = this.expression
    if (this.replaying && queries.length > 0) {
      this.decide('undecided', 'the query could not be asked: its moment was known only after it had passed')
      return
    }
    this.asks = this.needs.ledger ? [{ kind: 'ledger' }, ...queries] : queries
    if (this.asks.length === 0) this.conclude()
  }

  private conclude(): void {
    const { quantifier } = this.formula
    const time = this.closedAt
    const value = this.expression.evaluate(time)
    if (value !== null) this.known = true
    const { missing } = this.expression
    const held = quantifier === 'never' ? value !== true : value === true
    if (missing !== undefined) this.nothing(missing)
    else if (held && !this.known) this.nothing(this.expression.describe())
    else this.decide(held ? 'held' : 'failed', this.actual(time, held), time, held ? undefined : this.changedBy)
  }

  private actual(time: number, held: boolean): string {
    return actualOf({
      quantifier: this.formula.quantifier,
      held,
      values: this.expression.describe(),
      time,
      openedAt: this.openedAt,
      changedAt: this.changedAt,
      limit: this.window.limit,
      atInstant: this.window.seesAll,
    })
  }

  private neverReached(): void {
    const { opens, closes } = this.window
    const edge = opens.time === undefined ? opens : closes
    this.nothing(`${edge.name} was never reached`)
  }

  /** There was nothing to look at, which only an optional check may find. */
  private nothing(why: string): void {
    if (isOptional(this.statement)) this.decide('held', `${why}; it is optional`)
    else this.decide('undecided', `nothing to look at: ${why}`)
  }

  private decide(outcome: Verdict['outcome'], actual: string, at?: number, by?: number): void {
    const { about, span } = this.statement
    const formula = this.formula.text.replaceAll(/\s+/g, ' ')
    const evidence = [this.openedBy, ...this.expression.evidence, by].filter(sequence => sequence !== undefined)
    this.state = 'decided'
    this.asks = []
    this.held = undefined
    this.verdict = {
      title: about[0]?.text ?? formula,
      span,
      outcome,
      expected: this.window.text === '' ? formula : `${formula}, ${this.window.text}`,
      actual,
      ...(at === undefined ? {} : { at }),
      evidence: [...new Set(evidence)].sort((a, b) => a - b),
    }
  }

  private lacksPast(): boolean {
    return [this.window.opens, this.window.closes].some(edge => edge.looksBack && edge.time === undefined)
  }

  private replay(): void {
    const held = this.held ?? []
    this.held = undefined
    this.replaying = true
    if (this.window.opens.time === 0) this.open(0)
    for (const event of held) if (this.state !== 'decided') this.step(event)
    this.replaying = false
  }
}

const ledgerKinds: readonly EventKind[] = ['commit.lost', 'commit.ghost']

function isLedger(event: TraceEvent): boolean {
  return ledgerKinds.includes(event.kind)
}
