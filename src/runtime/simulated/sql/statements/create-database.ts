// CREATE DATABASE: a copy of another one, that nobody may be in meanwhile. Either each block of it goes into the WAL, or the
// files are copied between two checkpoints and the WAL has a single record, which redo can only follow by copying again.
// Mirrors createdb of dbcommands.c.

import type { CreatedbStmt } from '@pgsql/types'
import { copyRelation } from '../../access/copy-relation.ts'
import { type Database, databaseRow, unlimited, unreadCatalogs } from '../../catalog/databases.ts'
import { catalogNamespace, catalogTables, pgClass, pgDatabase } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessShareLock, ShareLock } from '../../locks/lock-mode.ts'
import { databaseTag, relationTag } from '../../locks/lock-tag.ts'
import { fail } from '../../shared/error.ts'
import { checkpointFlags } from '../../shared/requests.ts'
import { copyFolder, filesIn, folderOf, makeDatabaseFolder, removeFolder } from '../../storage/database-files.ts'
import { type DatabaseChange, type DatabasePlace, logDatabaseChange } from '../../storage/database-records.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'
import { requireUnused } from './busy-database.ts'
import { readDatabaseOptions } from './database-options.ts'
import { databaseChanged, openDatabase, placesOf, refuseInvalid } from './databases.ts'
import { databaseTablespace } from './tablespace-names.ts'

export function* createDatabase(session: Session, tree: CreatedbStmt): Coroutine<string> {
  const { transaction, server, proc } = session
  transaction.preventInBlock('CREATE DATABASE')
  const { dbname: name = '' } = tree
  const options = readDatabaseOptions(tree.options ?? [])
  const { template = 'template1', strategy = 'wal_log' } = options
  const source = yield* openDatabase(session, template, ShareLock)
  if (!source) return fail('3D000', `template database "${template}" does not exist`)
  refuseInvalid(source, `use invalid database "${template}" as template`)
  if (!source.isTemplate && !proc.isSuperuser) fail('42501', `permission denied to copy database "${template}"`)
  const tablespace = yield* tablespaceOf(session, source, options.tablespace)
  if (server.databases.byName(name)) fail('42P04', `database "${name}" already exists`)
  yield* requireUnused(session, source.oid, `source database "${template}"`)
  const writer = new CatalogWriter(session)
  const oid = options.oid ?? writer.newOid()
  refuseTakenOid(session, { tablespace, database: oid })
  const row = databaseRow({
    oid,
    name,
    isTemplate: options.isTemplate ?? false,
    allowsConnections: options.allowsConnections ?? true,
    connectionLimit: options.connectionLimit ?? unlimited,
    frozenXid: source.frozenXid,
    tablespace,
  })
  yield* writer.insertRow(pgDatabase, row)
  databaseChanged(session, oid)
  yield* fill(session, source, { tablespace, database: oid }, strategy)
  transaction.forceSynchronousReplay()
  return 'CREATE DATABASE'
}

/** Of the new database: the template's, if none is named. */
function* tablespaceOf(session: Session, source: Database, name: string | undefined): Coroutine<number> {
  if (name === undefined) return source.tablespace
  const tablespace = yield* databaseTablespace(session, name)
  if (tablespace === source.tablespace) return tablespace
  const { environment } = session.server
  const folder = folderOf(environment, { tablespace, database: source.oid })
  if (filesIn(environment.data, folder).length === 0) return tablespace
  return fail('0A000', `cannot assign new default tablespace "${name}"`, {
    detail: `There is a conflict because database "${source.name}" already has some tables in this tablespace.`,
  })
}

function refuseTakenOid({ server }: Session, place: DatabasePlace): void {
  const taken = server.databases.byOid(place.database)
  if (taken) fail('22023', `database OID ${place.database} is already in use by database "${taken.name}"`)
  if (filesIn(server.environment.data, folderOf(server.environment, place)).length === 0) return
  fail('22023', `data directory with the specified OID ${place.database} already exists`)
}

/** What was copied goes again if this fails. */
function* fill(session: Session, source: Database, to: DatabasePlace, strategy: 'wal_log' | 'file_copy'): Coroutine {
  const { server, proc } = session
  const { environment, buffers, locks } = server
  const from = { tablespace: source.tablespace, database: source.oid }
  const { database: oid } = to
  // Its pages come into the pool: who drops it must be able to tell that nobody brings more of them in.
  if (strategy === 'wal_log') locks.tryAcquire(proc, databaseTag(oid), AccessShareLock)
  try {
    if (strategy === 'wal_log') yield* copyThroughWal(session, from, to)
    else yield* copyFiles(session, from, to)
  } catch (error) {
    buffers.dropDatabase(oid)
    for (const place of yield* placesOf(session, oid)) {
      const folder = folderOf(environment, place)
      buffers.files.forgetFolder(folder)
      removeFolder(environment.data, folder)
    }
    throw error
  }
}

function log({ me, server, transaction }: Session, change: DatabaseChange): void {
  transaction.wrote(logDatabaseChange(me, server.wal, transaction.xid(), change))
}

function* copyThroughWal(session: Session, from: DatabasePlace, to: DatabasePlace): Coroutine {
  const { me, server, transaction, proc } = session
  const { environment, heap, locks } = server
  yield* makeDatabaseFolder(me, environment, folderOf(environment, to))
  log(session, { kind: 'created', place: to })
  for (const { id, fileNode: relation, tablespace } of yield* relationsOf(session, from)) {
    const locked = [from, to].map(({ database }) => relationTag(database, id))
    for (const lock of locked) {
      if (!locks.tryAcquire(proc, lock, AccessShareLock)) yield* locks.acquire(proc, lock, AccessShareLock)
    }
    const source = { database: from.database, tablespace, relation }
    // What is in a tablespace of its own stays there.
    const target = { database: to.database, tablespace: tablespace === from.tablespace ? to.tablespace : tablespace }
    yield* copyRelation(heap.services, transaction, source, { ...target, relation }, 'without holes')
    for (const lock of locked) locks.release(proc, lock, AccessShareLock)
  }
}

interface StoredRelation {
  readonly id: number
  readonly fileNode: number
  readonly tablespace: number
}

/** ScanSourceDatabasePgClass: what has files of its own there, by what has committed. */
function* relationsOf({ server, me }: Session, place: DatabasePlace): Coroutine<StoredRelation[]> {
  const catalogs = catalogTables.filter(({ isShared }) => !isShared).map(({ oid }) => oid)
  const rows = yield* server.catalog.readCommitted(me, pgClass, place)
  const others = rows
    .filter(row => (row[pgClass.at('relnamespace')] as number) !== catalogNamespace)
    .filter(row => (row[pgClass.at('relfilenode')] as number) !== 0)
  const made = others.map(row => ({
    id: row[pgClass.at('oid')] as number,
    fileNode: row[pgClass.at('relfilenode')] as number,
    tablespace: (row[pgClass.at('reltablespace')] as number) || place.tablespace,
  }))
  const known = [...catalogs, unreadCatalogs].map(oid => ({ id: oid, fileNode: oid, tablespace: place.tablespace }))
  return [...known, ...made]
}

/** The second checkpoint is why a crash need not copy again what its source may no longer be. */
function* copyFiles(session: Session, from: DatabasePlace, to: DatabasePlace): Coroutine {
  const { me, server } = session
  const { environment, requests } = server
  const { immediate, force, flushAll } = checkpointFlags
  yield* requests.waitForCheckpoint(me, immediate | force | flushAll)
  for (const part of yield* placesOf(session, from.database)) {
    const folder = folderOf(environment, part)
    if (filesIn(environment.data, folder).length === 0) continue
    const tablespace = part.tablespace === from.tablespace ? to.tablespace : part.tablespace
    const place = { tablespace, database: to.database }
    yield* copyFolder(me, environment, folder, folderOf(environment, place))
    log(session, { kind: 'copied', place, from: part })
  }
  yield* requests.waitForCheckpoint(me, immediate | force)
}
