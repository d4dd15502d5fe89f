// pg_wal_summary_contents: the blocks that a summary of the WAL tells of. Mirrors walsummaryfuncs.c.

import { booleanType } from '../../catalog/types/boolean.ts'
import { lsnType, oidType, recordType } from '../../catalog/types/identifiers.ts'
import { int2Type, int8Type } from '../../catalog/types/integer.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { readSummary } from '../../wal/summary-files.ts'
import type { Execution } from '../expressions/execution.ts'
import type { TableFunction } from './registry.ts'

const mostTimelines = 0x7fff_ffff

/** The file is in the page cache, as it was written not long ago. */
function* contents(
  { session }: Execution,
  timeline: bigint | number | null,
  start: number | null,
  end: number | null,
): Coroutine<Value[][]> {
  if (timeline === null || start === null || end === null) return []
  const number = Number(timeline)
  if (number < 1 || number > mostTimelines) fail('22023', `invalid timeline ${number}`)
  const forks = readSummary(session.server.environment, { timeline: number, start, end })
  return forks.flatMap(({ locator: { tablespace, database, relation }, fork, limit, blocks }) => {
    const row = (block: number, isLimit: boolean): Value[] => [relation, tablespace, database, fork, block, isLimit]
    return [...(limit === undefined ? [] : [row(limit, true)]), ...[...blocks].map(block => row(block, false))]
  })
}

export const summaryFunctions: readonly TableFunction[] = [
  {
    name: 'pg_wal_summary_contents',
    since: 17,
    parameters: [int8Type, lsnType, lsnType],
    returns: recordType,
    columns: [
      { name: 'relfilenode', type: oidType },
      { name: 'reltablespace', type: oidType },
      { name: 'reldatabase', type: oidType },
      { name: 'relforknumber', type: int2Type },
      { name: 'relblocknumber', type: int8Type },
      { name: 'is_limit_block', type: booleanType },
    ],
    table: contents,
  },
]
