// REINDEX of an index or of a table's indexes. The table can be read meanwhile, but not through the index that is built.
// CONCURRENTLY, and whole schemas and databases, are not played.

import type { ReindexStmt } from '@pgsql/types'
import type { TableIndex } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { ShareLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { findIndex, noSuchRelation, openTable } from './names.ts'
import { rebuildIndexes } from './new-files.ts'

export function* reindex(session: Session, tree: ReindexStmt): Coroutine<string> {
  const { relation, kind, params = [] } = tree
  if (session.server.recovery.inRecovery) fail('25006', 'cannot execute REINDEX during recovery')
  if (params.length > 0 || !relation || (kind !== 'REINDEX_OBJECT_INDEX' && kind !== 'REINDEX_OBJECT_TABLE')) {
    failAt(relation?.location, '0A000', 'REINDEX of more than a table, or with options, is not played yet')
  }
  if (kind === 'REINDEX_OBJECT_INDEX') {
    const index = openIndex(session, relation!.relname ?? '')
    yield* lockRelation(session, index.table, ShareLock)
    yield* rebuildIndexes(session, [index])
    return 'REINDEX'
  }
  const table = openTable(session, relation!)
  if (table.isCatalog) fail('0A000', 'REINDEX of a system catalog is not played yet')
  yield* lockRelation(session, table, ShareLock)
  if (table.indexes.length === 0) notice(session, '00000', `table "${table.name}" has no indexes to reindex`)
  yield* rebuildIndexes(session, table.indexes)
  return 'REINDEX'
}

function openIndex(session: Session, name: string): TableIndex {
  const index = findIndex(session, name) ?? noSuchRelation(name)
  if (index.table.isCatalog) fail('0A000', 'REINDEX of a system catalog is not played yet')
  return index
}
