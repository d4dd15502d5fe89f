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

/** The files that the logger has open. */
export interface LogDestinationFiles {
  hasRoom(destination: LogDestination, bytes: number): boolean
}

export class LogCollector {
  readonly pipe = new Pipe<LogPiece>()
  readonly formatter: LogFormatter
  /** Missing before the first logger runs. */
  files: LogDestinationFiles | undefined

  constructor(formatter: LogFormatter) {
    this.formatter = formatter
  }

  /**
   * Writes into the pipe. If it is full the process stands still at its next pause or wait. False: there is no room for
   * it in any file of the log.
   */
  take(me: Process, message: LogMessage): boolean {
    let arrives = false
    for (const [destination, text] of this.formatter.formats(me, message)) {
      arrives = (this.files?.hasRoom(destination, new TextEncoder().encode(text).length) ?? true) || arrives
      this.write(me, destination, text)
    }
    return arrives
  }

  write(me: Process, destination: LogDestination, text: string): void {
    const length = new TextEncoder().encode(text).length
    const size = length + Math.ceil(length / mostInPiece) * headerSize
    this.pipe.write(me, { destination, text, size })
  }
}
