// A session enters its database: it must be there, whole, and let it in. Mirrors the part of InitPostgres about databases
// and CheckMyDatabase.

import { type Database, isInvalid } from '../../catalog/databases.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { RowExclusiveLock } from '../../locks/lock-mode.ts'
import { databaseTag } from '../../locks/lock-tag.ts'
import type { Server } from '../../server.ts'
import { fatal } from '../../shared/error.ts'
import type { Proc } from '../../shared/proc.ts'
import { databasePath } from '../../storage/relation-files.ts'

/** Gives the database's folder; throws FATAL. While somebody makes a copy of the database, or drops it, this waits. */
export function* enterDatabase({ shared, environment }: Server, proc: Proc, name: string): Coroutine<string> {
  const { databases, locks } = shared
  const seen = databases.byName(name) ?? doesNotExist(name)
  const lock = databaseTag(seen.oid)
  // Until the session stands nobody else lets go of it.
  proc.process.atExit(() => locks.abandon(proc))
  if (!locks.tryAcquire(proc, lock, RowExclusiveLock)) yield* locks.acquire(proc, lock, RowExclusiveLock)
  const database = databases.byName(name)
  if (database?.oid !== seen.oid) return doesNotExist(name, 'It seems to have just been dropped or renamed.')
  if (isInvalid(database)) {
    fatal('55000', `cannot connect to invalid database "${name}"`, {
      hint: 'Use DROP DATABASE to drop invalid databases.',
    })
  }
  const folder = databasePath(environment.version, { tablespace: database.tablespace, database: database.oid })
  if (environment.data.list(`${folder}/`).length === 0) {
    doesNotExist(name, `The database subdirectory "${folder}" is missing.`)
  }
  proc.databaseId = database.oid
  proc.databaseTablespace = database.tablespace
  admit(shared.procArray.procs, proc, database)
  locks.release(proc, lock, RowExclusiveLock)
  return folder
}

function doesNotExist(name: string, detail?: string): never {
  return fatal('3D000', `database "${name}" does not exist`, { detail })
}

function admit(procs: readonly Proc[], proc: Proc, { oid, name, allowsConnections, connectionLimit }: Database): void {
  if (!allowsConnections) fatal('55000', `database "${name}" is not currently accepting connections`)
  if (connectionLimit < 0 || proc.isSuperuser || proc.backendType !== 'client backend') return
  const count = procs.filter(each => each.databaseId === oid && each.backendType === 'client backend').length
  if (count > connectionLimit) fatal('53300', `too many connections for database "${name}"`)
}
