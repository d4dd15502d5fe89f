// One run of a compiled pgbench script on a connection.

import { type Action, ask, type Connection, type Executed, type ServerMessage } from '../../engine.ts'
import type { Stage } from '../../stage.ts'
import type { Environment } from './expression.ts'
import type { Command } from './script.ts'
import { type PgbenchValue, ScriptError, toCondition, toDouble } from './value.ts'

export type Outcome =
  | { readonly kind: 'done' }
  /** The statement failed and its transaction is rolled back; the connection stands. */
  | { readonly kind: 'failed'; readonly error: ServerMessage; readonly messages: readonly ServerMessage[] }
  /** `inDoubt`: the transaction whose end nobody knows. */
  | { readonly kind: 'lost'; readonly messages: readonly ServerMessage[]; readonly inDoubt?: number }

export class Execution {
  private readonly connection: Connection
  private readonly environment: Environment
  private readonly stage: Pick<Stage, 'now'>
  private readonly heard: (executed: Executed) => void
  private status: Executed['status'] = 'I'

  /** `heard` gets each answer that came whole, as it comes. */
  constructor(
    connection: Connection,
    environment: Environment,
    stage: Pick<Stage, 'now'>,
    heard: (executed: Executed) => void,
  ) {
    this.connection = connection
    this.environment = environment
    this.stage = stage
    this.heard = heard
  }

  *run(commands: readonly Command[]): Action<Outcome> {
    try {
      for (let at = 0; at < commands.length; ) {
        const command = commands[at++]
        if (command.kind === 'sql') {
          const trouble = yield* this.execute(command)
          if (trouble) return trouble
        } else if (command.kind === 'set') {
          this.environment.variables.set(command.variable, command.value(this.environment))
        } else if (command.kind === 'sleep') {
          const amount = toDouble(command.amount(this.environment))
          yield* ask({ kind: 'sleep', until: this.stage.now() + Math.round(amount * command.unit) })
        } else if (!command.unless || !toCondition(command.unless(this.environment))) at = command.to
      }
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      return yield* this.rollBack({ level: 'ERROR', message: error.message })
    }
    // A script that ends within a transaction leaves nothing open for the next one.
    if (this.status !== 'I')
      return yield* this.rollBack({
        level: 'ERROR',
        message: 'end of script reached before completing the last transaction',
      })
    return { kind: 'done' }
  }

  private *execute(command: Command & { readonly kind: 'sql' }): Action<Outcome | undefined> {
    const query = command.template.query(this.environment.variables)
    const executed = yield* ask({ kind: 'execute', connection: this.connection, query })
    if (executed.lost) return lostBy(executed)
    this.status = executed.status
    this.heard(executed)
    if (executed.error) return yield* this.rollBack(executed.error)
    if (command.capture) this.capture(executed, command.capture.prefix)
    return undefined
  }

  private capture(executed: Executed, prefix: string): void {
    const result = executed.results.at(-1)
    if (result?.rows.length !== 1) {
      throw new ScriptError(`\\gset: expected one row, got ${result?.rows.length ?? 0}`)
    }
    result.columns.forEach((column, index) => {
      const text = result.rows[0][index]
      const value: PgbenchValue = text === null ? '' : text
      this.environment.variables.set(`${prefix}${column}`, value)
    })
  }

  private *rollBack(error: ServerMessage): Action<Outcome> {
    if (this.status !== 'I') {
      const query = { template: 'ROLLBACK', values: [] }
      const executed = yield* ask({ kind: 'execute', connection: this.connection, query })
      if (executed.lost) {
        const lost = lostBy(executed)
        return { ...lost, messages: [error, ...lost.messages] }
      }
    }
    return { kind: 'failed', error, messages: [error] }
  }
}

function lostBy(executed: Executed): Outcome & { readonly kind: 'lost' } {
  return {
    kind: 'lost',
    messages: [...executed.notices, ...(executed.error ? [executed.error] : []), executed.lost!],
    ...(executed.inDoubt === undefined ? {} : { inDoubt: executed.inDoubt }),
  }
}
