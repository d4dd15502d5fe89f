// Plays a hand-made trace to the checks of a scenario, as a runner would: every event in order, time that passes,
// questions answered at once.

import { compileCheck, functions, Monitors, properties, typeCheck, words } from '../../src/checks/index.ts'
import type { Answer, Ask, Moments } from '../../src/checks/monitor.ts'
import { load, renderDiagnostics } from '../../src/dsl/index.ts'
import type { Moment, Scenario } from '../../src/model/scenario.ts'
import type { EventKind, TraceEvent } from '../../src/model/trace.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import type { SettingDefinition, Vocabulary } from '../../src/model/vocabulary.ts'
import { words as runtimeWords } from '../../src/runtime/words/index.ts'
import { Story } from '../report/story.ts'

function setting(name: string): SettingDefinition {
  return { name, type: 'string', context: 'user', boot: '', summary: '' }
}

const vocabulary: Vocabulary = {
  words: [...runtimeWords, ...words],
  settings: ['synchronous_commit', 'synchronous_standby_names', 'fsync'].map(setting),
  properties,
  functions,
}

/** What every scenario of these tests declares; the checks come behind it. */
const head = `drill "a test"
postgres 17
node primary
standby s1 of primary
client teller times 8 on primary $$ select 1 $$
client writer on primary $$ select 1 $$
session anna on primary {
  step a1 $$ select 1 $$
  step a2 $$ select 2 $$
}
session bert on primary {
  step b1 $$ select 1 $$
}
at 5s kill backend of teller[0] with KILL as crash
at 7s run on primary as later $$ select 1 $$
ends 10s
`

export function scenarioOf(checks: string, declared = head): Scenario {
  const source = { name: 'test.drill', text: declared + checks }
  const { scenarios, diagnostics } = load(source, vocabulary)
  if (scenarios === undefined) throw new Error(renderDiagnostics(source, diagnostics))
  return scenarios[0]
}

/** The complaints about types, each with the text that it points at. */
export function complaintsOf(checks: string, told?: ReadonlySet<EventKind>): readonly string[] {
  const scenario = scenarioOf(checks)
  return typeCheck(scenario, told).map(({ code, span, message }) => {
    return `${code}: ${message} [${scenario.source.text.slice(span.start, span.end)}]`
  })
}

export interface Playing {
  readonly endsAt?: number
  /** Answers a query at a time, in seconds. */
  readonly query?: (sql: string, seconds: number, database?: string) => Answer
  /** What the runner finds when it looks which commits are there. */
  readonly ledger?: (story: Story, seconds: number) => void
  readonly ledgerFailure?: string
  /** Moments that are known beforehand, in seconds. */
  readonly known?: (moment: Moment) => number | undefined
  readonly declared?: string
}

/** The checks' verdicts; times are seconds. */
export function play(checks: string, tell: (story: Story) => void, playing: Playing = {}): readonly Verdict[] {
  const scenario = scenarioOf(checks, playing.declared)
  const complaints = typeCheck(scenario)
  if (complaints.length > 0) throw new Error(renderDiagnostics(scenario.source, complaints))
  const monitors = new Monitors(scenario.checks.map(check => compileCheck(check, scenario)))
  const story = new Story()
  tell(story)
  const told = [...story.events].sort((a, b) => a.time - b.time)
  const player = new Player(monitors, story, playing)
  const moments: Moments = {
    timeOf(moment) {
      const seconds = playing.known?.(moment)
      return seconds === undefined ? undefined : seconds * 1e9
    },
  }
  monitors.start(moments)
  player.answer(0)
  for (const event of told) {
    player.passUntil(event.time, false)
    player.feed(event)
  }
  const end = (playing.endsAt ?? 10) * 1e9
  player.passUntil(end, true)
  monitors.finish(end)
  player.answer(end)
  return monitors.verdicts
}

/** The one verdict of a scenario with one check, as "held: 7 within 1 ms". */
export function verdictOf(checks: string, tell: (story: Story) => void, playing: Playing = {}): string {
  const [verdict, ...others] = play(checks, tell, playing)
  if (others.length > 0) throw new Error('more than one check')
  return `${verdict.outcome}: ${verdict.actual}`
}

class Player {
  private readonly monitors: Monitors
  private readonly story: Story
  private readonly playing: Playing

  constructor(monitors: Monitors, story: Story, playing: Playing) {
    this.monitors = monitors
    this.story = story
    this.playing = playing
  }

  feed(event: TraceEvent): void {
    if (this.monitors.needs.kinds.has(event.kind)) this.monitors.feed(event)
    this.answer(event.time)
  }

  passUntil(time: number, included: boolean): void {
    for (
      let at = this.monitors.wakeAt;
      at !== undefined && (included ? at <= time : at < time);
      at = this.monitors.wakeAt
    ) {
      this.monitors.pass(at)
      this.answer(at)
    }
  }

  answer(time: number): void {
    for (let asks = this.monitors.asks; asks.length > 0; asks = this.monitors.asks) {
      const answers = new Map<Ask, Answer>()
      for (const ask of asks) answers.set(ask, this.answerOf(ask, time))
      this.monitors.answer(answers)
    }
  }

  private answerOf(ask: Ask, time: number): Answer {
    if (ask.kind === 'query')
      return this.playing.query?.(ask.sql, time / 1e9, ask.database) ?? { failure: 'nobody answers' }
    if (this.playing.ledgerFailure !== undefined) return { failure: this.playing.ledgerFailure }
    const before = this.story.events.length
    this.playing.ledger?.(this.story, time / 1e9)
    for (const event of this.story.events.slice(before)) this.monitors.feed(event)
    return { value: null }
  }
}

/** The words that tests use most. */
export function connect(story: Story, seconds = 0.1): void {
  story.tell(0, 'primary postmaster 100', 'node.starting', { version: '17' })
  for (const [client, index] of [
    ['teller', 0],
    ['teller', 1],
    ['writer', 0],
  ] as const) {
    story.tell(seconds, 'primary', 'client.connected', { client, index, backend: 110 + index, again: false })
  }
}

export function reach(story: Story, seconds: number, label: string, done = false): void {
  story.tell(seconds, '', 'label.reached', { label, done })
}

export function acknowledge(story: Story, seconds: number, index = 0, client = 'teller'): void {
  story.tell(seconds, 'primary', 'client.acknowledged', { client, index, latency: 1_000_000 })
}

export function warn(story: Story, seconds: number, index: number, message = 'crash of another server process'): void {
  story.tell(seconds, 'primary', 'client.error', { client: 'teller', index, level: 'WARNING', message })
}
