// One client of a `client` statement: connects, runs its scripts again and again, and keeps the ledger of what it was
// told. Unlike pgbench it survives an ERROR: the transaction is rolled back and the next one begun, as applications do.

import type { EventPlace } from '../../model/trace.ts'
import type { Action, Connection, Executed, ServerMessage } from '../engine.ts'
import { ask } from '../engine.ts'
import { Random } from '../simulated/kernel/random.ts'
import type { Stage } from '../stage.ts'
import { anotherDatabase, type ConnectionString, connect } from './connect.ts'
import { Execution, type Outcome } from './pgbench/execution.ts'
import type { Environment } from './pgbench/expression.ts'
import type { PgbenchValue } from './pgbench/value.ts'
import { drawScript, type WeightedScript } from './workload.ts'

/** Durations and times are nanoseconds. */
export interface ClientOptions {
  readonly name: string
  /** Its number; the endpoint's name is `name[index]`, or `name` where there is only one. */
  readonly index: number
  readonly endpoint: string
  readonly string: ConnectionString
  readonly scripts: readonly WeightedScript[]
  /** Between the starts of two transactions. */
  readonly every?: number
  /** Before connecting again; without it a lost connection ends the client. */
  readonly reconnect?: number
  readonly retries: number
  /** After so many it is done. */
  readonly transactions?: number
  readonly scale: number
}

/** What is worth another try: serialization failures and deadlocks, as in pgbench. */
const retriable = new Set(['40001', '40P01'])

export class Client {
  readonly options: ClientOptions
  /** The connection that stands now. */
  connection: Connection | undefined
  isFinished = false
  /** It begins no transaction after this time. */
  stopAt = Number.POSITIVE_INFINITY
  private readonly stage: Stage
  /** Where its events happen. */
  private here: EventPlace = {}
  private readonly random: Random
  private readonly variables: Map<string, PgbenchValue>
  private done = 0
  private connections = 0

  constructor(options: ClientOptions, stage: Stage) {
    this.options = options
    this.stage = stage
    this.random = stage.random.fork()
    this.variables = new Map([
      ['client_id', options.index],
      ['scale', options.scale],
    ])
  }

  *run(): Action {
    const { every, reconnect } = this.options
    // Clients of one name do not march in step.
    let next = this.stage.now() + (every === undefined ? 0 : this.random.integer(0, every - 1))
    while (!this.isDone()) {
      if (!this.connection && !(yield* this.connect())) {
        if (reconnect === undefined) break
        yield* ask({ kind: 'sleep', until: this.stage.now() + reconnect })
        continue
      }
      if (every !== undefined) {
        if (next > this.stage.now()) yield* ask({ kind: 'sleep', until: Math.min(next, this.stopAt) })
        next = Math.max(next, this.stage.now()) + every
        if (this.isDone()) break
      }
      yield* this.transaction()
      if (this.connection) continue
      if (reconnect === undefined) break
      yield* ask({ kind: 'sleep', until: this.stage.now() + reconnect })
    }
    yield* this.finish()
  }

  private isDone(): boolean {
    return this.done >= (this.options.transactions ?? Number.POSITIVE_INFINITY) || this.stage.now() >= this.stopAt
  }

  private *connect(): Action<boolean> {
    const { endpoint: from, string } = this.options
    const attempt = yield* connect({ from, tracksCommits: this.stage.tracksCommits }, string)
    if ('failure' in attempt) {
      this.tellError(attempt.failure, undefined)
      return false
    }
    this.connection = attempt.connection
    const again = this.connections++ > 0
    this.here = { node: attempt.connection.node }
    this.stage.tell('client.connected', this.here, {
      ...this.who(),
      backend: attempt.connection.backend,
      again,
      ...anotherDatabase(string),
    })
    return true
  }

  /** One transaction, with its retries. Afterwards there is no connection if it was lost. */
  private *transaction(): Action {
    const { commands } = drawScript(this.options.scripts, this.random)
    const { retries } = this.options
    // A retry draws the same values again, as in pgbench.
    const seed = retries > 0 ? this.random.integer(0, 0x7fffffff) : undefined
    const startedAt = this.stage.now()
    if (this.stage.wants('client.began')) this.stage.tell('client.began', this.here, this.who())
    for (let attempt = 0; ; attempt++) {
      const random = seed === undefined ? this.random : new Random(seed)
      const outcome = yield* this.attempt(commands, { random, variables: this.variables }, startedAt)
      if (outcome.kind === 'lost') return
      if (outcome.kind === 'failed' && attempt < retries && retriable.has(outcome.error.sqlstate ?? '')) continue
      this.done++
      return
    }
  }

  private *attempt(commands: WeightedScript['commands'], environment: Environment, startedAt: number): Action<Outcome> {
    const connection = this.connection!
    let acknowledged = false
    const execution = new Execution(connection, environment, this.stage, executed => {
      for (const notice of executed.notices) if (isWorthTelling(notice)) this.tellError(notice, connection.node)
      if (!executed.committed) return
      acknowledged = true
      this.acknowledge(executed, startedAt)
    })
    const outcome = yield* execution.run(commands)
    if (outcome.kind === 'done') {
      if (!acknowledged) this.tellAcknowledged(undefined, startedAt)
    } else {
      for (const message of outcome.messages) this.tellError(message, connection.node)
      if (outcome.kind === 'lost') {
        this.connection = undefined
        const { connections, stage } = this
        if (outcome.inDoubt !== undefined && stage.tracksCommits) {
          stage.ledger.inDoubt.push({
            ...this.who(),
            node: connection.node,
            connection: connections,
            xid: outcome.inDoubt,
            time: stage.now(),
          })
        }
      }
    }
    return outcome
  }

  private acknowledge({ committed }: Executed, startedAt: number): void {
    const { name: client, index } = this.options
    const { connections: connection } = this
    const { ledger, tracksCommits } = this.stage
    const time = this.stage.now()
    if (tracksCommits) {
      ledger.acknowledged.push({ client, index, node: this.connection!.node, connection, ...committed!, time })
    }
    this.tellAcknowledged(committed, startedAt)
  }

  private tellAcknowledged(commit: Executed['committed'], startedAt: number): void {
    const { stage, options, here } = this
    if (!stage.wants('client.acknowledged')) return
    const { name: client, index } = options
    const latency = stage.now() - startedAt
    const told = commit ? { xid: commit.xid, ...(commit.lsn === undefined ? {} : { lsn: commit.lsn }) } : {}
    stage.tell('client.acknowledged', here, { client, index, ...told, latency })
  }

  private tellError(message: ServerMessage, node: string | undefined): void {
    const { level, sqlstate, detail, hint } = message
    this.stage.tell('client.error', node === undefined ? {} : { node }, {
      ...this.who(),
      level,
      message: message.message,
      ...(sqlstate ? { sqlstate } : {}),
      ...(detail ? { detail } : {}),
      ...(hint ? { hint } : {}),
    })
  }

  private *finish(): Action {
    if (this.connection) yield* ask({ kind: 'close', connection: this.connection })
    this.connection = undefined
    this.isFinished = true
    this.stage.tell('client.finished', {}, { ...this.who(), transactions: this.done })
  }

  private who(): { readonly client: string; readonly index: number } {
    return { client: this.options.name, index: this.options.index }
  }
}

/** A NOTICE is told to nobody by pgbench; a WARNING is. */
function isWorthTelling({ level }: ServerMessage): boolean {
  return level === 'WARNING'
}
