// ALTER DATABASE: its name, who may come in. Mirrors RenameDatabase and AlterDatabase of dbcommands.c.

import type { AlterDatabaseStmt, RenameStmt } from '@pgsql/types'
import type { Datum } from '../../access/tuple-descriptor.ts'
import { pgDatabase } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { fail, fatal } from '../../shared/error.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'
import { requireUnused } from './busy-database.ts'
import { alterable, readDatabaseOptions } from './database-options.ts'
import { databaseChanged, noSuchDatabase, openDatabase, refuseInvalid } from './databases.ts'
import { moveDatabase } from './move-database.ts'

export function* alterDatabase(session: Session, tree: AlterDatabaseStmt): Coroutine<string> {
  const { dbname: name = '' } = tree
  const options = readDatabaseOptions(tree.options ?? [], alterable)
  if (options.tablespace !== undefined) {
    if ((tree.options ?? []).length > 1) fail('0A000', 'option "tablespace" cannot be specified with other options')
    yield* moveDatabase(session, name, options.tablespace)
    return 'ALTER DATABASE'
  }
  const database = session.server.databases.byName(name) ?? noSuchDatabase(name)
  refuseInvalid(database, `alter invalid database "${name}"`, fatal)
  const { isTemplate, allowsConnections, connectionLimit } = options
  if (allowsConnections === false && database.oid === session.proc.databaseId) {
    fail('22023', 'cannot disallow connections for current database')
  }
  yield* change(session, database.oid, {
    datistemplate: isTemplate,
    datallowconn: allowsConnections,
    datconnlimit: connectionLimit,
  })
  return 'ALTER DATABASE'
}

export function* renameDatabase(session: Session, tree: RenameStmt): Coroutine<string> {
  const { subname = '', newname = '' } = tree
  const database = (yield* openDatabase(session, subname, AccessExclusiveLock)) ?? noSuchDatabase(subname)
  if (session.server.databases.byName(newname)) fail('42P04', `database "${newname}" already exists`)
  if (database.oid === session.proc.databaseId) fail('0A000', 'current database cannot be renamed')
  yield* requireUnused(session, database.oid, `database "${subname}"`)
  yield* change(session, database.oid, { datname: newname })
  return 'ALTER DATABASE'
}

/** Undefined fields stay as they are. */
function* change(session: Session, oid: number, fields: Readonly<Record<string, Datum | undefined>>): Coroutine {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<
    string,
    Datum
  >
  yield* new CatalogWriter(session).update(pgDatabase, row => row.get('oid') === oid, given)
  databaseChanged(session, oid)
}
