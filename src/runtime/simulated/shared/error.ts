// PostgreSQL's errors as values that can be thrown: ERROR ends the statement, FATAL the session, PANIC the server.

export type ErrorLevel = 'ERROR' | 'FATAL' | 'PANIC'

export interface ErrorFields {
  readonly detail?: string
  /** Stands in the server log in place of `detail`, which only the client sees. */
  readonly detailLog?: string
  readonly hint?: string
  readonly context?: string
  /** In code points from 1, in the statement. */
  readonly position?: number
}

/** No stack is captured: errors are part of normal work here, such as a deadlock or a unique violation. */
export class PostgresError {
  readonly level: ErrorLevel
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
  readonly detailLog?: string
  readonly hint?: string
  context?: string
  readonly position?: number

  constructor(level: ErrorLevel, sqlstate: string, message: string, fields: ErrorFields = {}) {
    this.level = level
    this.sqlstate = sqlstate
    this.message = message
    this.detail = fields.detail
    this.detailLog = fields.detailLog
    this.hint = fields.hint
    this.context = fields.context
    this.position = fields.position
  }
}

export function fail(sqlstate: string, message: string, fields?: ErrorFields): never {
  throw new PostgresError('ERROR', sqlstate, message, fields)
}

export function fatal(sqlstate: string, message: string, fields?: ErrorFields): never {
  throw new PostgresError('FATAL', sqlstate, message, fields)
}

export function panic(sqlstate: string, message: string, fields?: ErrorFields): never {
  throw new PostgresError('PANIC', sqlstate, message, fields)
}
