// CREATE and DROP EXTENSION, of pg_buffercache: its view, which views/ fills. Mirrors extension.c; that of other
// extensions is refused.

import type { CreateExtensionStmt, DropStmt } from '@pgsql/types'
import { View } from '../../catalog/relations.ts'
import { classRow } from '../../catalog/rows.ts'
import { bootstrapRole, pgClass, pgExtension, publicNamespace } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { stringOf } from '../analysis/tree.ts'
import { type CatalogRow, CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import { playedExtension } from '../played-extension.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'

/** By major: the version that is made, and how many oids its objects take: itself, a function, the view, and the others. */
const released = {
  15: { version: '1.3', oids: 6 },
  16: { version: '1.4', oids: 8 },
  17: { version: '1.5', oids: 9 },
  18: { version: '1.6', oids: 17 },
} as const

const columnCount = 9

export function* createExtension(session: Session, tree: CreateExtensionStmt): Coroutine<string> {
  const { extname: name = '' } = tree
  const writer = new CatalogWriter(session)
  if ((yield* writer.find(pgExtension, row => row.get<string>('extname') === name)).length > 0) {
    if (!tree.if_not_exists) fail('42710', `extension "${name}" already exists`)
    notice(session, '42710', `extension "${name}" already exists, skipping`)
    return 'CREATE EXTENSION'
  }
  if (name !== playedExtension) fail('0A000', `extension "${name}" is not played yet`)
  if (session.catalog.byName(name)) fail('42P07', `relation "${name}" already exists`)
  const { version, oids } = released[session.server.environment.version]
  const [oid, , view] = Array.from({ length: oids }, () => writer.newOid())
  yield* writer.insert(pgExtension, {
    oid,
    extname: name,
    extowner: bootstrapRole,
    extnamespace: publicNamespace,
    extrelocatable: true,
    extversion: version,
  })
  const namespace = publicNamespace
  yield* writer.insertRow(pgClass, classRow({ oid: view, name, namespace, kind: 'v', fileNode: 0, columnCount }))
  writer.changed(view)
  yield* session.refreshCatalog()
  return 'CREATE EXTENSION'
}

export function* dropExtensions(session: Session, tree: DropStmt): Coroutine<string> {
  for (const object of tree.objects ?? []) {
    const name = stringOf(object)
    const writer = new CatalogWriter(session)
    const isIt = (row: CatalogRow) => row.get<string>('extname') === name
    if ((yield* writer.find(pgExtension, isIt)).length === 0) {
      if (!tree.missing_ok) fail('42704', `extension "${name}" does not exist`)
      notice(session, '00000', `extension "${name}" does not exist, skipping`)
      continue
    }
    if (name !== playedExtension) fail('0A000', `DROP EXTENSION ${name} is not played yet`)
    const view = session.catalog.byName(name)
    if (view instanceof View) yield* lockRelation(session, view, AccessExclusiveLock)
    yield* writer.delete(pgClass, row => row.get('oid') === view?.id)
    yield* writer.delete(pgExtension, isIt)
    writer.changed(view?.id ?? 0)
    yield* session.refreshCatalog()
  }
  return 'DROP EXTENSION'
}
