// What a failed call on a file becomes: an error with the operating system's words at its end, and the SQLSTATE that
// they stand for. Mirrors errcode_for_file_access of elog.c, and data_sync_elevel of fd.c.

import type { Coroutine } from '../kernel/task.ts'
import { FileError } from '../machine/file-error.ts'
import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import type { SettingsReader } from '../settings/settings.ts'
import { type ErrorFields, type ErrorLevel, PostgresError } from './error.ts'

const sqlstates = { ENOSPC: '53100', EIO: '58030' } as const

/** pg_fsync: with fsync = off it does nothing. `zeros` as Volume's fsync has it. */
export function* syncFile(
  me: Process,
  { settings, volume }: { readonly settings: SettingsReader; readonly volume: Volume },
  path: string,
  waitEvent: string,
  zeros = 0,
): Coroutine {
  if (settings.get('fsync')) yield* volume.fsync(me, path, waitEvent, zeros)
}

/** To be thrown in place of `error`, which is left as it is if it says nothing of a file. */
export function fileAccessError(error: unknown, level: ErrorLevel, message: string, fields?: ErrorFields): unknown {
  if (!(error instanceof FileError)) return error
  return new PostgresError(level, sqlstates[error.code], `${message}: ${error.message}`, fields)
}

/** A page of pg_xact or pg_multixact could not be written, at no transaction's request. */
export function slruError(error: unknown, path: string, offset: number): unknown {
  if (!(error instanceof FileError)) return error
  const detail = `Could not write to file "${path}" at offset ${offset}: ${error.message}.`
  return new PostgresError('ERROR', sqlstates[error.code], 'could not access status of transaction 0', { detail })
}

/** After a failed fsync nobody knows what is on the disk: only the WAL does, so the server goes through recovery. */
export function dataSyncLevel(settings: SettingsReader): ErrorLevel {
  return settings.get('data_sync_retry') ? 'ERROR' : 'PANIC'
}
