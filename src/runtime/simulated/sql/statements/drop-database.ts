// DROP DATABASE. From the moment on at which its row says that it is invalid there is no way back: who is interrupted after
// that leaves a database that can only be dropped again. Mirrors dropdb of dbcommands.c.

import type { DropdbStmt } from '@pgsql/types'
import { overwriteTuple } from '../../access/heap-inplace.ts'
import { type Database, invalidLimit } from '../../catalog/databases.ts'
import { systemTablesOf } from '../../catalog/image.ts'
import { pgDatabase, pgSubscription, pgTablespace } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock, AccessShareLock } from '../../locks/lock-mode.ts'
import { relationTag } from '../../locks/lock-tag.ts'
import { fail } from '../../shared/error.ts'
import { checkpointFlags } from '../../shared/requests.ts'
import { folderOf, removeFolder } from '../../storage/database-files.ts'
import { logDatabaseChange } from '../../storage/database-records.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import type { Session } from '../session.ts'
import { requireUnused, terminateOthers, thereAre } from './busy-database.ts'
import { databaseChanged, noSuchDatabase, openDatabase, placesOf } from './databases.ts'

export function* dropDatabase(session: Session, tree: DropdbStmt): Coroutine<string> {
  session.transaction.preventInBlock('DROP DATABASE')
  const { dbname: name = '', missing_ok, options = [] } = tree
  const database = yield* openDatabase(session, name, AccessExclusiveLock)
  if (!database) {
    if (!missing_ok) noSuchDatabase(name)
    notice(session, '00000', `database "${name}" does not exist, skipping`)
    return 'DROP DATABASE'
  }
  yield* refuseNeeded(session, database)
  // The grammar has no other option.
  if (options.length > 0) terminateOthers(session, database.oid, name)
  yield* requireUnused(session, database.oid, `database "${name}"`)
  yield* remove(session, database)
  session.transaction.forceSynchronousReplay()
  return 'DROP DATABASE'
}

function* refuseNeeded(session: Session, { oid, name, isTemplate }: Database): Coroutine {
  const { server, proc } = session
  if (isTemplate) fail('42809', 'cannot drop a template database')
  if (oid === proc.databaseId) fail('55006', 'cannot drop the currently open database')
  const active = server.slots.all.filter(
    ({ logical, activePid }) => logical?.database === oid && activePid !== 0,
  ).length
  if (active > 0) {
    fail('55006', `database "${name}" is used by an active logical replication slot`, {
      detail: `${thereAre(active, 'active slot')}.`,
    })
  }
  const subscriptions = yield* new CatalogWriter(session).find(pgSubscription, row => row.get('subdbid') === oid)
  if (subscriptions.length === 0) return
  fail('55006', `database "${name}" is being used by logical replication subscription`, {
    detail: `${thereAre(subscriptions.length, 'subscription')}.`,
  })
}

function* remove(session: Session, database: Database): Coroutine {
  const { me, server, transaction, proc } = session
  const { environment, buffers, locks } = server
  const { oid } = database
  yield* invalidate(session, database)
  yield* new CatalogWriter(session).delete(pgDatabase, row => row.get('oid') === oid)
  databaseChanged(session, oid)
  server.statistics.drop(oid)
  server.slots.dropOf(me, oid)
  server.transactions.slotCatalogXmin = server.slots.requiredCatalogXmin()
  buffers.dropDatabase(oid)
  for (const place of yield* placesOf(session, oid)) buffers.files.forgetFolder(folderOf(environment, place))
  const { immediate, force } = checkpointFlags
  yield* server.requests.waitForCheckpoint(me, immediate | force)
  const tablespaces = relationTag(0, pgTablespace.oid)
  if (!locks.tryAcquire(proc, tablespaces, AccessShareLock)) yield* locks.acquire(proc, tablespaces, AccessShareLock)
  const places = yield* placesOf(session, oid)
  for (const place of places) removeFolder(environment.data, folderOf(environment, place))
  const change = { kind: 'dropped', database: oid, places } as const
  transaction.wrote(logDatabaseChange(me, server.wal, transaction.xid(), change))
  locks.release(proc, tablespaces, AccessShareLock)
}

/** In place and for good, before anything goes: a rollback does not bring back what is gone. */
function* invalidate({ server, transaction, me }: Session, { row, tid }: Database): Coroutine {
  const values = row.with(pgDatabase.at('datconnlimit'), invalidLimit)
  yield* overwriteTuple(server.heap.services, transaction, systemTablesOf(0).get(pgDatabase)!, tid, values)
  yield* server.wal.flush(me, server.wal.endLsn)
}
