// pg_available_wal_summaries() and pg_get_wal_summarizer_state(): which summaries of the WAL there are, and how far the
// summarizer is. Mirrors walsummaryfuncs.c.

import { lsnType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import type { SystemView } from '../sql/system-view.ts'
import { walSummaries } from '../wal/summary-files.ts'

export const pgAvailableWalSummaries: SystemView = {
  name: 'pg_available_wal_summaries()',
  since: 17,
  columns: [
    { name: 'tli', type: int8Type },
    { name: 'start_lsn', type: lsnType },
    { name: 'end_lsn', type: lsnType },
  ],
  rows: ({ session }) =>
    walSummaries(session.server.environment).map(({ timeline, start, end }) => [timeline, start, end]),
}

export const pgGetWalSummarizerState: SystemView = {
  name: 'pg_get_wal_summarizer_state()',
  since: 17,
  columns: [
    { name: 'summarized_tli', type: int8Type },
    { name: 'summarized_lsn', type: lsnType },
    { name: 'pending_lsn', type: lsnType },
    { name: 'summarizer_pid', type: int4Type },
  ],
  rows: ({ session }) => {
    const { timeline, lsn, pending, process } = session.server.walSummarizer
    // What one that has ended had read and not written is lost.
    return [[timeline, lsn, process ? pending : lsn, process?.pid ?? null]]
  },
}
