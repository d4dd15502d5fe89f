// Who formats what processes log: each message in the form of a destination, with the settings of the moment. Each
// formatter counts the lines of each process, of each format apart, as every process of PostgreSQL does.

import type { Process } from '../../machine/process.ts'
import type { Settings } from '../../settings/settings.ts'
import { csvLog, jsonLog, type LogDestination, logDestinations, textLog } from './formats.ts'
import { type LogMessage, type LogSource, logEntry } from './log-entry.ts'

/** Which formats log_destination asks for. */
export function destinationsOf(settings: Settings): readonly LogDestination[] {
  const words = settings
    .get('log_destination')
    .split(',')
    .map(word => word.trim().toLowerCase())
  return logDestinations.filter(destination => words.includes(destination))
}

export class LogFormatter {
  private readonly settings: Settings
  private readonly sourceOf: (me: Process) => LogSource
  private readonly lines = new WeakMap<Process, Record<LogDestination, number>>()

  constructor(settings: Settings, sourceOf: (me: Process) => LogSource) {
    this.settings = settings
    this.sourceOf = sourceOf
  }

  /** As it goes to one destination. */
  format(me: Process, destination: LogDestination, message: LogMessage): string {
    const entry = logEntry(message, this.sourceOf(me))
    const lines = this.lines.get(me) ?? { stderr: 0, csvlog: 0, jsonlog: 0 }
    this.lines.set(me, lines)
    if (destination === 'csvlog') return csvLog(entry, ++lines.csvlog)
    if (destination === 'jsonlog') return jsonLog(entry, ++lines.jsonlog)
    return textLog(entry, {
      prefix: this.settings.get('log_line_prefix'),
      verbosity: this.settings.get('log_error_verbosity'),
      nextLine: () => ++lines.stderr,
    })
  }

  /** As it goes to all destinations that log_destination names. */
  *formats(me: Process, message: LogMessage): Generator<readonly [LogDestination, string]> {
    for (const destination of destinationsOf(this.settings)) yield [destination, this.format(me, destination, message)]
  }
}
