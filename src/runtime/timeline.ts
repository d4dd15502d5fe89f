// The timeline of a run: sees to it that each statement strikes at its moment or on its trigger, tells it, and keeps
// account of what struck, what missed and what never came, because a drill in which nothing happened is no drill.

import { compileTrigger, type Trigger } from '../checks/index.ts'
import type { Moment, Scenario, Statement } from '../model/scenario.ts'
import type { EventKind, TraceEvent } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Tell } from './action.ts'
import { actionOf } from './actions.ts'
import { type Action, ask } from './engine.ts'
import type { KnownMoments } from './moments.ts'
import type { Stage } from './stage.ts'
import { isOptional, parameter, textOf } from './statement.ts'

/** Words of the timeline that do nothing while the run lasts. */
const silent = new Set(['summary'])

interface Entry {
  readonly statement: Statement
  /** It stands in a permutation: without a moment of its own it strikes when that begins. */
  readonly isRemark: boolean
  readonly trigger?: Trigger
  begun: boolean
  /** The event that led to it. */
  cause?: number
  /** Why it hit nothing, or did not come to its end. */
  complaint?: string
  struck: boolean
  /** This engine can't do it: nobody will say that it is done. */
  isSkipped: boolean
}

export class Timeline {
  /** Kinds that the triggers must be fed. */
  readonly kinds = new Set<EventKind>()
  /** Statements that are striking, and what they began. */
  private active = 0
  private readonly entries: readonly Entry[]
  private readonly scenario: Scenario
  private readonly moments: KnownMoments

  /** `remarks` are the statements of the permutation that is played. */
  constructor(remarks: readonly Statement[], scenario: Scenario, moments: KnownMoments) {
    this.scenario = scenario
    this.moments = moments
    this.entries = [...scenario.timeline, ...remarks]
      .filter(({ word }) => !silent.has(word))
      .map(statement => {
        const trigger = statement.when && compileTrigger(statement.when, scenario)
        for (const kind of trigger?.needs.kinds ?? []) this.kinds.add(kind)
        const isRemark = remarks.includes(statement)
        return { statement, isRemark, begun: false, struck: false, isSkipped: false, ...(trigger ? { trigger } : {}) }
      })
    this.foretell()
  }

  /** Nothing is under way, and nothing lies ahead whose time is known. */
  get isIdle(): boolean {
    return this.active === 0
  }

  /** Whether what the moment counts from has missed, was not done in time, can't be done here, or hangs on such itself. */
  neverComes(moment: Moment): boolean {
    if (moment.from !== 'label') return false
    const entry = this.entries.find(({ statement }) => labelsOf(statement).includes(moment.label))
    if (!entry) return false
    if (entry.complaint !== undefined || (moment.done && entry.isSkipped)) return true
    const { at } = entry.statement
    return !entry.begun && at !== undefined && this.neverComes(at)
  }

  start(stage: Stage): void {
    for (const { trigger } of this.entries) trigger?.start(this.moments)
    this.schedule(stage)
  }

  /** The permutation begins. */
  beginRemarks(stage: Stage): void {
    for (const entry of this.entries) {
      if (entry.isRemark && !entry.begun && !entry.trigger && !entry.statement.at) this.begin(entry, stage)
    }
  }

  /** Feeds the triggers, and begins what has become due or has got a time. */
  take(event: TraceEvent, stage: Stage): void {
    if (event.kind === 'label.reached') this.schedule(stage)
    if (!this.kinds.has(event.kind)) return
    for (const entry of this.entries) {
      if (entry.begun || !entry.trigger) continue
      entry.trigger.feed(event)
      if (entry.trigger.fired) this.begin(entry, stage, entry.trigger.cause)
    }
  }

  /** What is to be said against the run: statements that hit nothing or never came, unless they are optional. */
  verdicts(): Verdict[] {
    return this.entries.flatMap(entry => {
      const { statement, complaint, struck } = entry
      if (isOptional(statement) || statement.body.some(isOptional)) return []
      if (complaint !== undefined) return this.verdict(statement, 'failed', complaint)
      if (struck) return []
      return this.verdict(
        statement,
        'undecided',
        statement.when ? 'its condition was never true' : 'its moment never came',
      )
    })
  }

  private verdict(statement: Statement, outcome: Verdict['outcome'], actual: string): Verdict {
    const { span } = statement
    return { title: this.titleOf(statement), span, outcome, expected: 'it strikes', actual, evidence: [] }
  }

  /** The first line of the statement as it was written. */
  private titleOf({ span }: Statement): string {
    return this.scenario.source.text.slice(span.start, span.end).split('\n')[0].trim()
  }

  /** Labels of statements whose time is known before the run begins, those that hang on others included. */
  private foretell(): void {
    for (let found = true; found; ) {
      found = false
      for (const { statement } of this.entries) {
        const time = statement.at && this.moments.timeOf(statement.at)
        if (time === undefined) continue
        for (const label of labelsOf(statement)) found = this.moments.expect(label, time) || found
      }
    }
  }

  /** Begins an actor for each statement whose moment is now known for certain. */
  private schedule(stage: Stage): void {
    for (const entry of this.entries) {
      const { begun, statement, trigger, isRemark } = entry
      if (begun) continue
      if (trigger) {
        if (trigger.fired) this.begin(entry, stage, trigger.cause)
      } else if (!statement.at) {
        if (!isRemark) this.begin(entry, stage)
      } else if (this.moments.isReached(statement.at)) this.begin(entry, stage)
    }
  }

  private begin(entry: Entry, stage: Stage, cause?: number): void {
    const { at } = entry.statement
    const time = at && this.moments.timeOf(at)
    // `end` is known from the start, or the statement strikes when the run is over: never.
    if (at && time === undefined) return
    entry.begun = true
    this.active++
    stage.spawn('timeline', this.strikeAt(entry, stage, time), cause)
  }

  private *strikeAt(entry: Entry, stage: Stage, time: number | undefined): Action {
    if (time !== undefined && time > stage.now()) yield* ask({ kind: 'sleep', until: time })
    const { statement } = entry
    for (const each of statement.word === 'do' ? statement.body : [statement]) yield* this.strike(entry, each, stage)
    entry.struck = true
    this.active--
  }

  private *strike(entry: Entry, statement: Statement, stage: Stage): Action {
    const tell = tellerOf(statement, stage)
    const struck = yield* actionOf(statement.word).strike(statement, stage, tell)
    if (struck.skipped !== undefined) {
      entry.isSkipped ||= !struck.rest
      stage.tell('action.skipped', {}, { text: this.titleOf(statement), reason: struck.skipped })
    }
    if (struck.missed === undefined) tell.reached()
    else this.complain(entry, statement, `it hit nothing: ${struck.missed}`, stage)
    if (!struck.rest) return
    this.active++
    stage.spawn('timeline', this.finish(entry, statement, struck.rest, stage))
  }

  private *finish(entry: Entry, statement: Statement, rest: Action<boolean | string>, stage: Stage): Action {
    const done = yield* rest
    this.active--
    if (done === true) reachLabel(statement, true, stage)
    else if (typeof done === 'string') this.complain(entry, statement, `it failed: ${done}`, stage)
    else this.complain(entry, statement, 'it struck, and was not done in time', stage)
  }

  private complain(entry: Entry, statement: Statement, reason: string, stage: Stage): void {
    entry.complaint ??= reason
    stage.tell('action.missed', {}, { text: this.titleOf(statement), reason })
  }
}

function labelsOf(statement: Statement): string[] {
  return [statement, ...statement.body].flatMap(each => textOf(parameter(each, 'as')) ?? [])
}

/** Tells for one statement; reaches its label once. */
function tellerOf(statement: Statement, stage: Stage): Tell {
  const label = textOf(parameter(statement, 'as'))
  const labelled = label === undefined ? {} : { label }
  const place = (node: string | undefined) => (node === undefined ? {} : { node })
  let isReached = false
  const reached = (cause?: number) => {
    if (!isReached) reachLabel(statement, false, stage, cause)
    isReached = true
  }
  return {
    fault: (text, hits, node) => stage.tell('fault.injected', place(node), { text, hits, ...labelled }),
    order(text, node) {
      const cause = stage.tell('order.given', place(node), { text, ...labelled })
      reached(cause)
      return cause
    },
    reached,
    undone: (text, node) => stage.tell('fault.undone', place(node), { text }),
  }
}

function reachLabel(statement: Statement, done: boolean, stage: Stage, cause?: number): void {
  const label = textOf(parameter(statement, 'as'))
  if (label !== undefined) stage.tell('label.reached', {}, { label, done }, cause)
}
