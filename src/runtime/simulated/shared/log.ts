// The server log. Each message is one event; DETAIL, HINT, CONTEXT and STATEMENT are its fields, which a text log
// prints as lines of their own. Mirrors elog.c as far as the server log is concerned; clients are told by the backend.

import type { Trace } from '../../trace.ts'
import type { Process } from '../machine/process.ts'
import type { Settings } from '../settings/settings.ts'
import type { LogCollector } from './logging/log-collector.ts'
import type { LogFormatter } from './logging/log-formatter.ts'

export type LogLevel =
  | 'DEBUG5'
  | 'DEBUG4'
  | 'DEBUG3'
  | 'DEBUG2'
  | 'DEBUG1'
  | 'INFO'
  | 'NOTICE'
  | 'WARNING'
  | 'ERROR'
  | 'LOG'
  | 'FATAL'
  | 'PANIC'

/** In the order in which log_min_messages counts them: LOG stands above ERROR. */
const severity: readonly LogLevel[] = [
  'DEBUG5',
  'DEBUG4',
  'DEBUG3',
  'DEBUG2',
  'DEBUG1',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'LOG',
  'FATAL',
  'PANIC',
]

export interface Report {
  readonly level: LogLevel
  readonly sqlstate?: string
  readonly message: string
  /** In the statement, in code points from 1. */
  readonly position?: number
  readonly detail?: string
  readonly hint?: string
  readonly context?: string
  /** The statement that was running: shown if the level reaches log_min_error_statement. */
  readonly statement?: string
}

export class ServerLog {
  private readonly trace: Trace
  private readonly settings: Settings
  /** Where the lines go besides, from the moment on when the logging collector runs. */
  collector: LogCollector | undefined
  /** Forms the lines for whoever reads log files; from the node's first start on. */
  formatter: LogFormatter | undefined

  constructor(trace: Trace, settings: Settings) {
    this.trace = trace
    this.settings = settings
  }

  /** Gives the event's number, as the cause of what follows. */
  report(me: Process, report: Report): number {
    if (!this.reaches(report.level, this.settings.get('log_min_messages'))) return 0
    const { level, message, position, sqlstate, detail, hint, context, statement } = report
    const shown = statement !== undefined && this.reaches(level, this.settings.get('log_min_error_statement'))
    const written = shown ? report : { ...report, statement: undefined }
    const arrives = this.collector?.take(me, written) ?? true
    if (!arrives) {
      const reason = 'could not write to log file: No space left on device'
      return this.trace.emit('log.lost', me.place, { level, message, reason }, me.cause)
    }
    const line = this.trace.emit(
      'log.line',
      me.place,
      {
        level,
        message: position === undefined ? message : `${message} at character ${position}`,
        ...(sqlstate !== undefined ? { sqlstate } : {}),
        ...(detail !== undefined ? { detail } : {}),
        ...(hint !== undefined ? { hint } : {}),
        ...(context !== undefined ? { context } : {}),
        ...(shown ? { statement } : {}),
      },
      me.cause,
    )
    if (this.formatter && this.trace.wants('log.written')) {
      for (const [destination, text] of this.formatter.formats(me, written)) {
        this.trace.emit('log.written', me.place, { destination, text }, me.cause)
      }
    }
    return line
  }

  /** The common case. */
  log(me: Process, message: string, more: Omit<Report, 'level' | 'message'> = {}): number {
    return this.report(me, { level: 'LOG', message, ...more })
  }

  private reaches(level: LogLevel, minimum: string): boolean {
    return severity.indexOf(level) >= severity.indexOf(minimum.toUpperCase() as LogLevel)
  }
}
