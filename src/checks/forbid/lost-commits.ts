// `forbid lost_commits`: no acknowledged commit is lost, as far as the settings promise it. What they do not promise is
// counted and told, and does not fail the check: docs/decisions/0002-lost-commits.md. A check of `client.lost` has no such mercy.

import { formatCount } from '../../model/format.ts'
import type { Scenario, Statement } from '../../model/scenario.ts'
import type { TraceEvent } from '../../model/trace.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Answer, Ask, Moments, Monitor, Needs } from '../monitor.ts'
import { isOptional } from '../optional.ts'

/** What became of a client's commits. */
interface Ledger {
  acknowledged: number
  lost: number
  ghosts: number
}

export class LostCommits implements Monitor {
  readonly needs: Needs = {
    kinds: new Set(['client.acknowledged', 'commit.lost', 'commit.ghost'] as const),
    queries: [],
    ledger: true,
  }
  readonly wakeAt = undefined
  asks: readonly Ask[] = []
  verdict: Verdict | undefined
  private readonly statement: Statement
  private readonly settings: SettingOf
  private acknowledged = 0
  private lost = 0
  private ghosts = 0
  private endedAt = 0
  /** How many were lost that were never promised, by the setting that did not promise them. */
  private readonly excused = new Map<string, number>()
  private readonly clients = new Map<string, Ledger>()
  private readonly evidence: number[] = []

  constructor(statement: Statement, scenario: Scenario) {
    this.statement = statement
    this.settings = settingsOf(scenario)
  }

  start(_moments: Moments): void {}

  pass(_time: number): void {}

  feed(event: TraceEvent): void {
    if (!this.concerns(event)) return
    if (event.kind === 'client.acknowledged') {
      this.acknowledged++
      this.ledgerOf(event.client).acknowledged++
    } else if (event.kind === 'commit.ghost') {
      this.ghosts++
      this.ledgerOf(event.client).ghosts++
    } else if (event.kind === 'commit.lost') {
      this.lost++
      this.ledgerOf(event.client).lost++
      const excuse = this.excuseFor(event)
      if (excuse !== undefined) this.excused.set(excuse, (this.excused.get(excuse) ?? 0) + 1)
      else if (this.evidence.length < 8) this.evidence.push(event.sequence)
    }
  }

  finish(time: number): void {
    this.endedAt = time
    this.asks = [{ kind: 'ledger' }]
  }

  answer(answers: ReadonlyMap<Ask, Answer>): void {
    const answer = answers.get(this.asks[0])
    this.asks = []
    if (answer !== undefined && 'failure' in answer) this.decide('undecided', answer.failure)
    else if (this.acknowledged > 0) this.conclude()
    else if (isOptional(this.statement)) this.decide('held', 'no commit was acknowledged; it is optional')
    else this.decide('undecided', 'nothing to look at: no commit was acknowledged')
  }

  private conclude(): void {
    const there = formatCount(this.acknowledged - this.lost)
    const counts = `${formatCount(this.acknowledged)} acknowledged, ${there} there${ghostsPhrase(this.ghosts)}`
    const excuses = [...this.excused].map(
      ([setting, count]) => `; ${formatCount(count)} lost that ${setting} does not promise`,
    )
    const promised = [...this.excused.values()].reduce((rest, count) => rest - count, this.lost)
    this.decide(promised === 0 ? 'held' : 'failed', counts + excuses.join('') + this.byClient())
  }

  /** "; west: 1,169 of 1,200 there; east: 60 of 60 there, 1 ghost", if there are several, and not all has gone well. */
  private byClient(): string {
    if (this.clients.size < 2 || (this.lost === 0 && this.ghosts === 0)) return ''
    const each = [...this.clients].map(([client, { acknowledged, lost, ghosts }]) => {
      const there = `${formatCount(acknowledged - lost)} of ${formatCount(acknowledged)} there`
      return `; ${client}: ${there}${ghostsPhrase(ghosts)}`
    })
    return each.join('')
  }

  private ledgerOf(client: string): Ledger {
    let ledger = this.clients.get(client)
    if (!ledger) {
      ledger = { acknowledged: 0, lost: 0, ghosts: 0 }
      this.clients.set(client, ledger)
    }
    return ledger
  }

  /** The setting that did not promise this commit to survive; undefined if all did. */
  private excuseFor(loss: TraceEvent<'commit.lost'>): string | undefined {
    if (loss.asynchronous) return 'synchronous_commit = off'
    const commit = this.settings(loss.node, 'synchronous_commit') ?? 'on'
    if (loss.asynchronous === undefined && commit === 'off') return 'synchronous_commit = off'
    if (this.settings(loss.node, 'fsync') === 'off') return 'fsync = off'
    if (loss.missing_on === undefined || loss.missing_on === loss.node) return undefined
    if (commit === 'local') return 'synchronous_commit = local'
    const standbys = this.settings(loss.node, 'synchronous_standby_names') ?? ''
    return standbys === '' ? 'an empty synchronous_standby_names' : undefined
  }

  /** Whether the event is of the client or the node that the statement names, if it names one. */
  private concerns(event: TraceEvent): boolean {
    const [of] = this.statement.parameters.of ?? []
    if (of === undefined || of.type !== 'reference') return true
    const { client, index } = event as TraceEvent<'client.acknowledged'>
    return event.node === of.name || (client === of.name && (of.index === undefined || of.index === index))
  }

  private decide(outcome: Verdict['outcome'], actual: string): void {
    const { span, parameters } = this.statement
    const of = parameters.of?.[0]?.text
    this.verdict = {
      title: of === undefined ? 'no acknowledged commit is lost' : `no acknowledged commit of ${of} is lost`,
      span,
      outcome,
      expected: of === undefined ? 'forbid lost_commits' : `forbid lost_commits of ${of}`,
      actual,
      at: this.endedAt,
      evidence: this.evidence,
    }
  }
}

function ghostsPhrase(count: number): string {
  return count === 0 ? '' : `, ${formatCount(count)} ${count === 1 ? 'ghost' : 'ghosts'}`
}

type SettingOf = (node: string | undefined, name: string) => string | undefined

/** A node's settings as the scenario declares them; of the first node where none is named. */
function settingsOf(scenario: Scenario): SettingOf {
  const nodes = scenario.cluster.filter(({ word }) => word === 'node' || word === 'standby')
  return (node, name) => {
    const declared = nodes.find(({ about }) => about[0]?.text === node) ?? nodes[0]
    const values = declared?.settings.find(setting => setting.name === name)?.values
    return values?.map(value => value.text).join(', ')
  }
}
