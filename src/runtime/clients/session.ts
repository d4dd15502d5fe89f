// A session: one connection whose steps are played when somebody says so. It runs one step at a time; whether a step
// waits for a lock is seen from outside, by whoever plays it.

import { type Action, ask, type Connection, type Executed, type ServerMessage } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { anotherDatabase, type ConnectionString, connect } from './connect.ts'

export interface SessionOptions {
  readonly name: string
  readonly string: ConnectionString
  readonly setup?: string
  readonly teardown?: string
  /** SQL by step, in the order of their declaration. */
  readonly steps: ReadonlyMap<string, string>
}

/** A step that was begun. */
export interface PlayedStep {
  readonly name: string
  readonly session: Session
  isFinished: boolean
  /** Notices that it got so far. */
  notices: number
}

export class Session {
  readonly options: SessionOptions
  connection: Connection | undefined
  /** The step that it is in. */
  current: PlayedStep | undefined
  private readonly stage: Stage

  constructor(options: SessionOptions, stage: Stage) {
    this.options = options
    this.stage = stage
  }

  /** Where it is connected; its first server while it is not. */
  get place(): { readonly node: string } {
    return { node: this.connection?.node ?? this.options.string.hosts[0] }
  }

  /** Connects, and does the session's setup. False if either failed. */
  *open(): Action<boolean> {
    if (this.connection) return true
    const { name, string, setup } = this.options
    const attempt = yield* connect({ from: name, tracksCommits: false }, string)
    if ('failure' in attempt) {
      this.tellError(attempt.failure)
      return false
    }
    this.connection = attempt.connection
    const { backend } = attempt.connection
    const who = { client: name, index: 0, backend, again: false, ...anotherDatabase(string) }
    this.stage.tell('client.connected', this.place, who)
    return setup === undefined || (yield* this.aside(setup))
  }

  *close(): Action {
    if (!this.connection) return
    const { teardown } = this.options
    if (teardown !== undefined) yield* this.aside(teardown)
    if (this.connection) yield* ask({ kind: 'close', connection: this.connection })
    this.connection = undefined
  }

  /** Begins a step; it goes on in an actor of its own. The session must be open and in no step. */
  begin(name: string): PlayedStep {
    const step: PlayedStep = { name, session: this, isFinished: false, notices: 0 }
    this.current = step
    this.stage.spawn(this.options.name, this.run(step))
    return step
  }

  private *run(step: PlayedStep): Action {
    const sql = this.options.steps.get(step.name)!
    const place = this.place
    const who = { session: this.options.name, step: step.name }
    const startedAt = this.stage.now()
    this.stage.tell('step.started', place, { ...who, sql })
    const executed = yield* this.execute(sql)
    for (const { level, message } of executed.notices) {
      step.notices++
      this.stage.tell('step.notice', place, { ...who, level, message })
    }
    this.stage.tell('step.finished', place, {
      ...who,
      took: this.stage.now() - startedAt,
      ...resultOf(executed),
    })
    for (const notification of executed.notifications ?? []) {
      const sender = this.stage.sessionOf(notification.backend)
      this.stage.tell('step.notified', place, { ...who, ...notification, ...(sender ? { sender } : {}) })
    }
    this.current = undefined
    step.isFinished = true
    this.stage.progress.raise()
  }

  /** Setup and teardown: nobody sees more of them than their errors. */
  private *aside(sql: string): Action<boolean> {
    const executed = yield* this.execute(sql)
    const error = executed.error ?? executed.lost
    if (error) this.tellError(error)
    return error === undefined
  }

  private *execute(sql: string): Action<Executed> {
    if (!this.connection) {
      const lost = { level: 'ERROR', sqlstate: '08003', message: 'no connection to the server' }
      return { results: [], notices: [], status: 'I', lost }
    }
    const query = { template: sql, values: [] }
    const executed = yield* ask({ kind: 'execute', connection: this.connection, query })
    if (executed.lost) this.connection = undefined
    return executed
  }

  private tellError({ level, sqlstate, message }: ServerMessage): void {
    const who = { client: this.options.name, index: 0 }
    this.stage.tell('client.error', this.place, { ...who, level, message, ...(sqlstate ? { sqlstate } : {}) })
  }
}

/** What `step.finished` says: of the last statement that gave rows, how many and the first value. */
function resultOf(executed: Executed): {
  readonly rows: number
  readonly value?: string
  readonly tag?: string
  readonly sqlstate?: string
  readonly message?: string
} {
  const last = executed.results.findLast(result => result.columns.length > 0)
  const value = last?.rows[0]?.[0]
  const tag = executed.results.at(-1)?.tag
  // A lost connection has a SQLSTATE only where the server gave a reason before it closed.
  const error = executed.error ?? executed.lost
  return {
    rows: last?.rows.length ?? 0,
    ...(value === undefined || value === null ? {} : { value }),
    ...(tag === undefined ? {} : { tag }),
    ...(error ? { sqlstate: error.sqlstate ?? '08006', message: error.message } : {}),
  }
}
