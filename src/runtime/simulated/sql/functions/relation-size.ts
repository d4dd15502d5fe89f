// How large relations are: their files' lengths.

import { Table } from '../../catalog/relations.ts'
import { pageSize } from '../../storage/page.ts'
import { forks } from '../../wal/record.ts'
import type { Execution } from '../expressions/execution.ts'

/** In bytes; null if there is no such relation. */
export function relationSize({ session }: Execution, oid: number, fork: number): number | null {
  const relation = session.catalog.byOid(oid)
  return relation ? session.server.buffers.blockCount(relation.locator, fork) * pageSize : null
}

/** All forks of a table, and of its indexes if asked for. */
export function totalRelationSize(execution: Execution, oid: number, withIndexes: boolean): number | null {
  const relation = execution.session.catalog.byOid(oid)
  if (!relation) return null
  let size = 0
  for (const fork of Object.values(forks)) size += relationSize(execution, oid, fork)!
  if (withIndexes && relation instanceof Table) {
    for (const index of relation.indexes) size += totalRelationSize(execution, index.id, false)!
  }
  return size
}
