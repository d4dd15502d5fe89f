// CREATE, DROP and ALTER TABLESPACE … RENAME. Mirrors tablespace.c. On a simulated host there is nothing but the servers'
// own data directories, so that a tablespace can only lie in place: inside of the data directory.

import type { CreateTableSpaceStmt, DropTableSpaceStmt, RenameStmt } from '@pgsql/types'
import { bootstrapRole, pgTablespace } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { logTablespaceCreation, logTablespaceDrop } from '../../recovery/tablespace-redo.ts'
import { fail } from '../../shared/error.ts'
import { checkpointFlags } from '../../shared/requests.ts'
import {
  directoryExists,
  hasOwnDirectory,
  makeDirectories,
  removeDirectories,
  versionPath,
} from '../../storage/tablespace-directories.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import type { Session } from '../session.ts'
import { findTablespace, namedTablespace } from './tablespace-names.ts'

export function* createTablespace(session: Session, tree: CreateTableSpaceStmt): Coroutine<string> {
  const { tablespacename: name = '', location = '' } = tree
  session.transaction.preventInBlock('CREATE TABLESPACE')
  if (!session.proc.isSuperuser) {
    fail('42501', `permission denied to create tablespace "${name}"`, {
      hint: 'Must be superuser to create a tablespace.',
    })
  }
  const path = location.replace(/(.)\/+$/, '$1')
  refuseLocation(session, path)
  refuseName(name)
  if ((yield* findTablespace(session, name)) !== undefined) fail('42710', `tablespace "${name}" already exists`)
  const writer = new CatalogWriter(session)
  const oid = writer.newOid()
  yield* writer.insert(pgTablespace, { oid, spcname: name, spcowner: bootstrapRole })
  if (path !== '') fail('58P01', `directory "${path}" does not exist`)
  const { server, transaction, me } = session
  const { data, version } = server.environment
  const directory = versionPath(version, oid)
  if (directoryExists(data, directory)) fail('55006', `directory "${directory}" already in use as a tablespace`)
  makeDirectories(data, directory)
  transaction.wrote(logTablespaceCreation(me, server.wal, transaction.xid(), oid))
  transaction.forceSynchronousReplay()
  return 'CREATE TABLESPACE'
}

function refuseLocation({ settings }: Session, path: string): void {
  if (path.includes("'")) fail('42602', 'tablespace location cannot contain single quotes')
  const isInPlace = path === '' && settings.get('allow_in_place_tablespaces')
  if (!isInPlace && !path.startsWith('/')) fail('42P17', 'tablespace location must be an absolute path')
}

function refuseName(name: string): void {
  if (!name.startsWith('pg_')) return
  fail('42939', `unacceptable tablespace name "${name}"`, {
    detail: 'The prefix "pg_" is reserved for system tablespaces.',
  })
}

export function* dropTablespace(session: Session, tree: DropTableSpaceStmt): Coroutine<string> {
  const { tablespacename: name = '', missing_ok: missingOk = false } = tree
  const { server, transaction, me, proc } = session
  transaction.preventInBlock('DROP TABLESPACE')
  const oid = yield* findTablespace(session, name)
  if (oid === undefined) {
    if (!missingOk) fail('42704', `tablespace "${name}" does not exist`)
    notice(session, '00000', `tablespace "${name}" does not exist, skipping`)
    return 'DROP TABLESPACE'
  }
  if (!proc.isSuperuser) fail('42501', `must be owner of tablespace ${name}`)
  if (!hasOwnDirectory(oid)) fail('42501', `permission denied for tablespace ${name}`)
  yield* new CatalogWriter(session).delete(pgTablespace, row => row.get('oid') === oid)
  const { data, version } = server.environment
  const remove = () =>
    removeDirectories(data, version, oid, false, (level, message, sqlstate) =>
      notice(session, sqlstate, message, level),
    )
  if (!remove()) {
    // The names of dropped relations are taken until a checkpoint: with one they are gone.
    yield* server.requests.waitForCheckpoint(me, checkpointFlags.immediate | checkpointFlags.force)
    if (!remove()) fail('55000', `tablespace "${name}" is not empty`)
  }
  transaction.wrote(logTablespaceDrop(me, server.wal, transaction.xid(), oid))
  transaction.forceSynchronousReplay()
  return 'DROP TABLESPACE'
}

export function* renameTablespace(session: Session, { subname = '', newname = '' }: RenameStmt): Coroutine<string> {
  const oid = yield* namedTablespace(session, subname)
  refuseName(newname)
  if ((yield* findTablespace(session, newname)) !== undefined) fail('42710', `tablespace "${newname}" already exists`)
  yield* new CatalogWriter(session).update(pgTablespace, row => row.get('oid') === oid, { spcname: newname })
  return 'ALTER TABLESPACE'
}
