// What a process has counted of one table or index since its last report. Mirrors PgStat_TableCounts.

export class PendingTable {
  sequentialScans = 0
  sequentialTuplesRead = 0
  indexScans = 0
  indexTuplesFetched = 0
  inserted = 0
  updated = 0
  deleted = 0
  hotUpdated = 0
  newPageUpdated = 0
  liveDelta = 0
  deadDelta = 0
  changed = 0
  wasTruncated = false
}
