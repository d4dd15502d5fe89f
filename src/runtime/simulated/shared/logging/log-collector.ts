// The writers' side of the logging collector: what a process logs goes into the pipe that the logger reads, in each
// format that log_destination names. Mirrors write_pipe_chunks of elog.c.

import { type Piece, Pipe } from '../../machine/pipe.ts'
import type { Process } from '../../machine/process.ts'
import type { LogDestination } from './formats.ts'
import type { LogMessage } from './log-entry.ts'
import type { LogFormatter } from './log-formatter.ts'

/** Long messages go through the pipe in pieces of this size, each with a header. */
const mostInPiece = 4096 - 9
const headerSize = 9

export interface LogPiece extends Piece {
  readonly destination: LogDestination
  readonly text: string
}

export class LogCollector {
  readonly pipe = new Pipe<LogPiece>()
  readonly formatter: LogFormatter

  constructor(formatter: LogFormatter) {
    this.formatter = formatter
  }

  /** Writes into the pipe. If it is full the process stands still at its next pause or wait. */
  take(me: Process, message: LogMessage): void {
    for (const [destination, text] of this.formatter.formats(me, message)) this.write(me, destination, text)
  }

  write(me: Process, destination: LogDestination, text: string): void {
    const length = new TextEncoder().encode(text).length
    const size = length + Math.ceil(length / mostInPiece) * headerSize
    this.pipe.write(me, { destination, text, size })
  }
}
