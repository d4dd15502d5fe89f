// ALTER TABLE and ALTER INDEX … SET TABLESPACE: the relation's pages are copied to a new file in the other tablespace, each
// of them whole into the WAL, and the old file goes at commit. Mirrors ATExecSetTableSpace and RelationCopyStorage; a table's
// indexes stay where they are.

import type { AlterTableCmd } from '@pgsql/types'
import type { StoredRelation } from '../../catalog/relations.ts'
import { pgClass } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { defaultTablespace, forks, type RelationLocator, xlogInfo } from '../../wal/record.ts'
import { registerFlag } from '../../wal/record-builder.ts'
import { resourceManagers } from '../../wal/resource-managers.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'
import { tablespaceFor } from './tablespace-names.ts'

export function isSetTablespace({ subtype }: AlterTableCmd): boolean {
  return subtype === 'AT_SetTableSpace'
}

export function* setTablespace(session: Session, oid: number, { name }: AlterTableCmd): Coroutine {
  const relation = session.catalog.byOid(oid) as StoredRelation
  const tablespace = yield* tablespaceFor(session, name)
  if (relation.locator.tablespace === (tablespace || defaultTablespace)) return
  const writer = new CatalogWriter(session)
  const fileNode = writer.newOid()
  const { isUnlogged } = relation
  const target = writer.createFile(fileNode, { isUnlogged, tablespace })
  for (const fork of Object.values(forks)) yield* copyFork(session, relation, target, fork)
  writer.removeFile(relation)
  yield* writer.update(pgClass, row => row.get('oid') === oid, { relfilenode: fileNode, reltablespace: tablespace })
  writer.changed(oid)
  yield* session.refreshCatalog()
}

function* copyFork(session: Session, relation: StoredRelation, target: RelationLocator, fork: number): Coroutine {
  const { server, me, transaction } = session
  const { buffers, storage } = server
  const count = buffers.blockCount(relation.locator, fork)
  const isLogged = !relation.isUnlogged || fork === forks.init
  const isMap = fork === forks.freeSpaceMap || fork === forks.visibilityMap
  if (isMap && buffers.files.exists(buffers.files.path(relation.locator, fork))) {
    storage.createFork(me, target, fork, isLogged ? transaction.xid() : undefined)
  }
  const ring = buffers.ring('bulk write')
  for (let block = 0; block < count; block++) {
    const from = yield* buffers.pin(me, relation.locator, fork, block)
    const to = yield* buffers.extend(me, target, fork, ring)
    to.page.bytes.set(from.page.bytes)
    buffers.unpin(from)
    if (isLogged) {
      const record = server.wal.begin(resourceManagers.xlog, xlogInfo.fullPageImage, transaction.xid())
      record.block(0, to, registerFlag.forceImage)
      to.page.lsn = server.wal.insert(me, record)
      transaction.wrote(to.page.lsn)
    }
    buffers.markDirty(to)
    buffers.unpin(to)
    yield* me.pause()
  }
}
