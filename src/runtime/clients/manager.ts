// A failover manager, as Patroni and its kin are at heart: it asks the primary again and again whether it serves, and
// after so many questions without an answer it promotes the standby that has received most WAL; the others are told to
// follow. What it knows it knows by its own connections: a primary that only it cannot reach lives on, unless it fences
// it first.

import type { Statement } from '../../model/scenario.ts'
import { type Action, ask, defaultDatabase, defaultKeepalive, type ServerMessage } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { numberOf, parameter, setting, textOf } from '../statement.ts'
import { reaches } from '../steps/patience.ts'
import { type ConnectionString, connect } from './connect.ts'

const received = "select pg_wal_lsn_diff(coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0')"

export class Manager {
  readonly name: string
  private readonly stage: Stage
  private readonly every: number
  private readonly timeout: number
  private readonly limit: number
  private readonly fences: boolean
  private label: string | undefined
  private primary: string
  private candidates: readonly string[]

  constructor(statement: Statement, stage: Stage) {
    this.stage = stage
    this.name = textOf(statement.about[0])!
    this.primary = textOf(parameter(statement, 'of'))!
    this.candidates = statement.parameters.to!.map(value => textOf(value)!)
    this.every = numberOf(parameter(statement, 'every'))!
    this.timeout = numberOf(setting(statement, 'timeout')) ?? this.every
    this.limit = numberOf(parameter(statement, 'times')) ?? 3
    this.fences = textOf(setting(statement, 'fence')) === 'power'
    this.label = textOf(parameter(statement, 'as'))
  }

  /** Until there is nobody left to promote. */
  *run(): Action {
    let failures = 0
    let next = this.stage.now()
    while (this.candidates.length > 0) {
      const answer = yield* this.query(this.primary, 'select 1', 'primary')
      failures = answer === undefined ? failures + 1 : 0
      if (failures >= this.limit && (yield* this.failOver(failures))) failures = 0
      next = Math.max(next + this.every, this.stage.now())
      yield* ask({ kind: 'sleep', until: next })
    }
  }

  /** False: nobody could be promoted, so it goes on asking. */
  private *failOver(failures: number): Action<boolean> {
    if ((yield* this.mostAdvanced()) === undefined) return false
    const old = this.primary
    const count = failures === 1 ? '1 question' : `${failures} questions`
    const cause = this.tell(old, `${this.name}: no answer from ${old} to ${count}, it counts as lost`)
    if (this.label !== undefined) this.stage.tell('label.reached', {}, { label: this.label, done: false }, cause)
    if (this.fences) yield* this.fence(old)
    // An old primary that lived may have sent them more until now.
    const chosen = yield* this.mostAdvanced()
    if (chosen === undefined) return false
    const { refused } = yield* ask({ kind: 'promote', node: chosen, cause: this.tell(chosen, `promote ${chosen}`) })
    if (refused !== undefined || !(yield* reaches(chosen, 'writable', this.stage))) return false
    this.primary = chosen
    this.candidates = this.candidates.filter(node => node !== chosen)
    for (const node of this.candidates) {
      yield* ask({ kind: 'follow', node, upstream: chosen, cause: this.tell(node, `${node} follows ${chosen}`) })
    }
    if (this.label !== undefined) this.stage.tell('label.reached', {}, { label: this.label, done: true })
    this.label = undefined
    return true
  }

  private *fence(node: string): Action {
    const { host } = this.stage.topology.nodes.find(({ name }) => name === node)!
    if (!(yield* ask({ kind: 'isUp', host }))) return
    yield* ask({ kind: 'power', host, to: 'off', cause: this.tell(node, `cut power of ${node}, to be sure of it`) })
  }

  private *mostAdvanced(): Action<string | undefined> {
    let best: { readonly node: string; readonly at: number } | undefined
    for (const node of this.candidates) {
      const answer = yield* this.query(node, received, 'standby')
      if (answer !== undefined && (!best || Number(answer) > best.at)) best = { node, at: Number(answer) }
    }
    return best?.node
  }

  /** The first value of its answer; undefined, and told, if there is none. */
  private *query(node: string, sql: string, kind: 'primary' | 'standby'): Action<string | undefined> {
    const string: ConnectionString = {
      hosts: [node],
      database: defaultDatabase,
      applicationName: this.name,
      targetSessionAttrs: kind,
      connectTimeout: this.timeout,
      tcpUserTimeout: this.timeout,
      keepalive: defaultKeepalive,
    }
    const attempt = yield* connect({ from: this.name, tracksCommits: false }, string)
    if ('failure' in attempt) return this.complain(node, attempt.failure)
    const { connection } = attempt
    const executed = yield* ask({ kind: 'execute', connection, query: { template: sql, values: [] } })
    const failure = executed.lost ?? executed.error
    if (failure) return this.complain(node, failure)
    yield* ask({ kind: 'close', connection })
    return executed.results[0]?.rows[0]?.[0] ?? undefined
  }

  private complain(node: string, { level, sqlstate, message }: ServerMessage): undefined {
    const who = { client: this.name, index: 0 }
    this.stage.tell('client.error', { node }, { ...who, level, message, ...(sqlstate ? { sqlstate } : {}) })
  }

  private tell(node: string, text: string): number {
    return this.stage.tell('order.given', { node }, { text })
  }
}

export function declareManagers(statements: readonly Statement[], stage: Stage): Manager[] {
  return statements.filter(({ word }) => word === 'manager').map(statement => new Manager(statement, stage))
}
