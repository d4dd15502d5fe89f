// The writers' side of the logging collector: what a process logs goes into the pipe that the logger reads, in each
// format that log_destination names. Mirrors write_pipe_chunks and the counters of elog.c.

import { type Piece, Pipe } from '../../machine/pipe.ts'
import type { Process } from '../../machine/process.ts'
import type { Settings } from '../../settings/settings.ts'
import { csvLog, jsonLog, type LogDestination, logDestinations, textLog } from './formats.ts'
import { type LogMessage, type LogSource, logEntry } from './log-entry.ts'

/** Long messages go through the pipe in pieces of this size, each with a header. */
const mostInPiece = 4096 - 9
const headerSize = 9

export interface LogPiece extends Piece {
  readonly destination: LogDestination
  readonly text: string
}

/** Which formats log_destination asks for. */
export function destinationsOf(settings: Settings): readonly LogDestination[] {
  const words = settings
    .get('log_destination')
    .split(',')
    .map(word => word.trim().toLowerCase())
  return logDestinations.filter(destination => words.includes(destination))
}

export class LogCollector {
  readonly pipe = new Pipe<LogPiece>()
  private readonly settings: Settings
  private readonly sourceOf: (me: Process) => LogSource
  /** Each process counts its lines, of each format apart. */
  private readonly lines = new WeakMap<Process, Record<LogDestination, number>>()

  constructor(settings: Settings, sourceOf: (me: Process) => LogSource) {
    this.settings = settings
    this.sourceOf = sourceOf
  }

  /** Writes into the pipe. If it is full the process stands still at its next pause or wait. */
  take(me: Process, message: LogMessage): void {
    for (const destination of destinationsOf(this.settings)) {
      this.write(me, destination, this.format(me, destination, message))
    }
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

  write(me: Process, destination: LogDestination, text: string): void {
    const length = new TextEncoder().encode(text).length
    const size = length + Math.ceil(length / mostInPiece) * headerSize
    this.pipe.write(me, { destination, text, size })
  }
}
