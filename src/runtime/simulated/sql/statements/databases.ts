// What CREATE, DROP and ALTER DATABASE have in common: finding a database and locking it, and its row in pg_database.
// Mirrors get_db_info of dbcommands.c.

import { type Database, isInvalid } from '../../catalog/databases.ts'
import { pgTablespace } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { LockMode } from '../../locks/lock-mode.ts'
import { databaseTag } from '../../locks/lock-tag.ts'
import { fail, type fatal } from '../../shared/error.ts'
import { folderOf } from '../../storage/database-files.ts'
import type { DatabasePlace } from '../../storage/database-records.ts'
import { databaseCache } from '../../transactions/invalidation.ts'
import { globalTablespace } from '../../wal/record.ts'
import type { Session } from '../session.ts'

/** The database, locked until the transaction ends; undefined: there is none. */
export function* openDatabase(session: Session, name: string, mode: LockMode): Coroutine<Database | undefined> {
  const { locks, databases } = session.server
  for (;;) {
    const seen = databases.byName(name)
    if (!seen) return undefined
    const lock = databaseTag(seen.oid)
    if (!locks.tryAcquire(session.proc, lock, mode)) yield* locks.acquire(session.proc, lock, mode)
    const database = databases.byName(name)
    if (database?.oid === seen.oid) return database
    // It was dropped or renamed meanwhile, and another one may have the name.
    locks.release(session.proc, lock, mode)
  }
}

/** The tablespaces in which a database has something. */
export function* placesOf({ server, me }: Session, database: number): Coroutine<DatabasePlace[]> {
  const { environment, catalog } = server
  const rows = yield* catalog.readCommitted(me, pgTablespace, { database: 0, tablespace: globalTablespace })
  return rows
    .map(row => ({ tablespace: row[pgTablespace.at('oid')] as number, database }))
    .filter(({ tablespace }) => tablespace !== globalTablespace)
    .filter(place => environment.data.list(`${folderOf(environment, place)}/`).length > 0)
}

export function noSuchDatabase(name: string): never {
  return fail('3D000', `database "${name}" does not exist`)
}

/** `end`: PostgreSQL ends even the session of whoever would alter it. */
export function refuseInvalid(database: Database, action: string, end: typeof fail | typeof fatal = fail): void {
  if (!isInvalid(database)) return
  end('55000', `cannot ${action}`, { hint: 'Use DROP DATABASE to drop invalid databases.' })
}

/** Others must look at pg_database anew. */
export function databaseChanged({ transaction }: Session, oid: number): void {
  transaction.invalidate({ id: databaseCache, database: 0, value: oid })
}
