import { expect, test } from 'vitest'
import { relationPath } from '../../../../src/runtime/simulated/storage/relation-files.ts'
import { forks } from '../../../../src/runtime/simulated/wal/record.ts'

test('where the files of relations are', () => {
  expect(relationPath(15, { tablespace: 1663, database: 5, relation: 16384 }, forks.main)).toBe('base/5/16384')
  expect(relationPath(15, { tablespace: 1664, database: 0, relation: 1262 }, forks.visibilityMap)).toBe(
    'global/1262_vm',
  )
  const elsewhere = { tablespace: 16385, database: 5, relation: 16390 }
  expect(relationPath(15, elsewhere, forks.main)).toBe('pg_tblspc/16385/PG_15_202209061/5/16390')
  expect(relationPath(18, elsewhere, forks.main)).toBe('pg_tblspc/16385/PG_18_202506291/5/16390')
})
