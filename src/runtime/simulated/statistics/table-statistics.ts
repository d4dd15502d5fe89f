// What is counted of one table or index. Mirrors PgStat_StatTabEntry. Times are nanoseconds of virtual time, 0 for never.

export class TableStatistics {
  // Scans; of an index those that used it
  sequentialScans = 0
  lastSequentialScan = 0
  sequentialTuplesRead = 0
  indexScans = 0
  lastIndexScan = 0
  indexTuplesFetched = 0
  // Rows changed, also by transactions that were rolled back
  inserted = 0
  updated = 0
  deleted = 0
  hotUpdated = 0
  newPageUpdated = 0
  // What vacuum and analyze go by
  live = 0
  dead = 0
  modifiedSinceAnalyze = 0
  insertedSinceVacuum = 0
  // When somebody came by, and how often
  lastVacuum = 0
  vacuums = 0
  lastAutovacuum = 0
  autovacuums = 0
  lastAnalyze = 0
  analyzes = 0
  lastAutoanalyze = 0
  autoanalyzes = 0
}
