// ALTER TABLE and ALTER INDEX … SET TABLESPACE: the relation's pages are copied to a new file in the other tablespace, each
// of them whole into the WAL, and the old file goes at commit. Mirrors ATExecSetTableSpace and RelationCopyStorage; a table's
// indexes stay where they are.

import type { AlterTableCmd } from '@pgsql/types'
import { copyRelation } from '../../access/copy-relation.ts'
import type { StoredRelation } from '../../catalog/relations.ts'
import { pgClass } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { defaultTablespace } from '../../wal/record.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'
import { tablespaceFor } from './tablespace-names.ts'

export function isSetTablespace({ subtype }: AlterTableCmd): boolean {
  return subtype === 'AT_SetTableSpace'
}

export function* setTablespace(session: Session, oid: number, { name }: AlterTableCmd): Coroutine {
  const { server, transaction, proc } = session
  const relation = session.catalog.byOid(oid) as StoredRelation
  const tablespace = yield* tablespaceFor(session, name)
  if (relation.locator.tablespace === (tablespace || proc.databaseTablespace || defaultTablespace)) return
  const writer = new CatalogWriter(session)
  const fileNode = writer.newOid()
  const target = writer.locatorOf(fileNode, tablespace)
  server.buffers.files.requireDirectory(target)
  transaction.removeFiles(target, 'abort')
  yield* copyRelation(server.heap.services, transaction, relation.locator, target, 'whole pages')
  writer.removeFile(relation)
  yield* writer.update(pgClass, row => row.get('oid') === oid, { relfilenode: fileNode, reltablespace: tablespace })
  writer.changed(oid)
  yield* session.refreshCatalog()
}
