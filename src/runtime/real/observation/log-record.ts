// One message of a server's log as it was written, whatever the format of the file, and what reads a format.

import type { FieldsOf } from '../../../model/trace.ts'

export interface LogRecord extends FieldsOf<'log.line'> {
  /** In milliseconds since 1970; unknown where the log has local time of a zone that only its abbreviation names. */
  readonly at?: number
  readonly pid: number
  /** As pg_stat_activity has it: client backend, checkpointer, …; empty where the format does not tell. */
  readonly backendType: string
  /** The client's end of a backend's connection, `127.0.0.1(54321)` or `[local]`; empty for all other processes. */
  readonly remote: string
}

/** What a piece of the log gave. */
export interface LogPiece {
  readonly records: readonly LogRecord[]
  /** Lines that no server wrote through its log: what commands that it runs and the system's loader say. */
  readonly foreign: readonly string[]
}

export interface LogParser {
  /** The next bytes of the file, cut anywhere. Gives the records that are known to be whole. */
  feed(bytes: Buffer): LogPiece
  /** Nothing more is there, and what was fed ends where a message ends: gives what was still held back. */
  settle(): LogPiece
}
