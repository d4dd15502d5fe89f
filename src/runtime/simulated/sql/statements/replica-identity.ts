// ALTER TABLE … REPLICA IDENTITY: by what logical decoding names rows that are updated or deleted. Mirrors
// ATExecReplicaIdentity.

import type { AlterTableCmd, ReplicaIdentityStmt } from '@pgsql/types'
import type { Table } from '../../catalog/relations.ts'
import { pgClass, pgIndex } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { Session } from '../session.ts'

export function isReplicaIdentity({ subtype }: AlterTableCmd): boolean {
  return subtype === 'AT_ReplicaIdentity'
}

export function* changeReplicaIdentity(session: Session, oid: number, { def }: AlterTableCmd): Coroutine {
  const statement: ReplicaIdentityStmt = def && 'ReplicaIdentityStmt' in def ? def.ReplicaIdentityStmt : {}
  const { identity_type: kind = 'd', name } = statement
  const writer = new CatalogWriter(session)
  const table = session.catalog.byOid(oid) as Table
  const chosen = kind === 'i' ? indexFor(table, name ?? '') : undefined
  yield* writer.update(pgIndex, row => row.get('indrelid') === oid && row.get<boolean>('indisreplident'), {
    indisreplident: false,
  })
  if (chosen !== undefined) {
    yield* writer.update(pgIndex, row => row.get('indexrelid') === chosen, { indisreplident: true })
  }
  yield* writer.update(pgClass, row => row.get('oid') === oid, { relreplident: kind })
  writer.changed(oid)
  yield* session.refreshCatalog()
}

function indexFor(table: Table, name: string): number {
  const index = table.indexes.find(each => each.name === name)
  if (!index) fail('42704', `index "${name}" for table "${table.name}" does not exist`)
  if (!index.isUnique) fail('42809', `cannot use non-unique index "${name}" as replica identity`)
  for (const attribute of index.usedAttributes) {
    const column = table.columns[attribute]
    if (column.notNull) continue
    fail('42809', `index "${name}" cannot be used as replica identity because column "${column.name}" is nullable`)
  }
  return index.id
}
