// ALTER DATABASE … SET TABLESPACE: the files are copied as CREATE DATABASE copies them with STRATEGY file_copy, then the
// transaction commits, and then the old ones go. Mirrors movedb of dbcommands.c.

import { pgDatabase } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { databaseTag } from '../../locks/lock-tag.ts'
import { fail } from '../../shared/error.ts'
import { checkpointFlags } from '../../shared/requests.ts'
import { copyFolder, filesIn, folderOf, removeFolder } from '../../storage/database-files.ts'
import { type DatabasePlace, logDatabaseChange } from '../../storage/database-records.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'
import { requireUnused } from './busy-database.ts'
import { databaseChanged, noSuchDatabase, openDatabase } from './databases.ts'
import { databaseTablespace } from './tablespace-names.ts'

export function* moveDatabase(session: Session, name: string, tablespaceName: string): Coroutine {
  const { server, transaction, me, proc } = session
  const { environment } = server
  transaction.preventInBlock('ALTER DATABASE SET TABLESPACE')
  const database = (yield* openDatabase(session, name, AccessExclusiveLock)) ?? noSuchDatabase(name)
  const { oid } = database
  if (oid === proc.databaseId) fail('55006', 'cannot change the tablespace of the currently open database')
  const from = { tablespace: database.tablespace, database: oid }
  const to = { tablespace: yield* databaseTablespace(session, tablespaceName), database: oid }
  if (from.tablespace === to.tablespace) return
  yield* requireUnused(session, oid, `database "${name}"`)
  // It outlasts the commit: nobody may come in before the old files are gone.
  const lock = databaseTag(oid)
  server.locks.tryAcquire(proc, lock, AccessExclusiveLock, forSession)
  try {
    yield* copy(session, from, to, { name, tablespaceName })
    yield* transaction.commitCommand()
    transaction.startCommand()
    removeFolder(environment.data, folderOf(environment, from))
    const gone = { kind: 'dropped', database: oid, places: [from] } as const
    logDatabaseChange(me, server.wal, transaction.xidIfAny(), gone)
  } finally {
    server.locks.release(proc, lock, AccessExclusiveLock, forSession)
  }
}

const forSession = { session: true } as const

function* copy(
  session: Session,
  from: DatabasePlace,
  to: DatabasePlace,
  { name, tablespaceName }: { readonly name: string; readonly tablespaceName: string },
): Coroutine {
  const { server, transaction, me } = session
  const { environment, buffers, requests } = server
  const { immediate, force, flushAll } = checkpointFlags
  yield* requests.waitForCheckpoint(me, immediate | force | flushAll)
  // Nobody has changed them since: those of the old place would be wrong if the database came back.
  buffers.dropDatabase(from.database)
  const folder = folderOf(environment, to)
  if (filesIn(environment.data, folder).length > 0) {
    fail('55000', `some relations of database "${name}" are already in tablespace "${tablespaceName}"`, {
      hint: "You must move them back to the database's default tablespace before using this command.",
    })
  }
  try {
    yield* copyFolder(me, environment, folderOf(environment, from), folder)
    const copied = { kind: 'copied', place: to, from } as const
    transaction.wrote(logDatabaseChange(me, server.wal, transaction.xid(), copied))
    const fields = { dattablespace: to.tablespace }
    yield* new CatalogWriter(session).update(pgDatabase, row => row.get('oid') === to.database, fields)
    databaseChanged(session, to.database)
    yield* requests.waitForCheckpoint(me, immediate | force)
    transaction.forceSynchronousReplay()
  } catch (error) {
    removeFolder(environment.data, folder)
    throw error
  }
}
