// The cumulative statistics of a server, a part of shared memory: what processes reported of databases, and of the tables
// and indexes in them. Mirrors pgstat_shmem.c and the flush callbacks of pgstat_relation.c. A crash forgets them all.

import type { PendingTable } from './pending-table.ts'
import { TableStatistics } from './table-statistics.ts'

export class DatabaseCounts {
  commits = 0
  rollbacks = 0
  tuplesReturned = 0
  tuplesFetched = 0
  inserted = 0
  updated = 0
  deleted = 0
  /** Sessions that gave way to recovery, by reason. */
  tablespaceConflicts = 0
  lockConflicts = 0
  snapshotConflicts = 0
  bufferPinConflicts = 0
  bufferDeadlocks = 0
  logicalSlotConflicts = 0
  temporaryFiles = 0
  temporaryBytes = 0
}

/** Of one database. What is counted of a shared catalog stands with the database that a process counted it in. */
export class DatabaseStatistics {
  readonly counts = new DatabaseCounts()
  /** When an autovacuum worker began there last, in nanoseconds; 0: never. */
  lastAutovacuum = 0
  private readonly tables = new Map<number, TableStatistics>()

  /** By oid, of a table or index; undefined if nobody has reported anything. */
  find(relation: number): TableStatistics | undefined {
    return this.tables.get(relation)
  }

  /** pgstat_relation_flush_cb. */
  add(relation: number, pending: PendingTable, now: number): void {
    const table = this.entry(relation)
    const { counts } = this
    table.sequentialScans += pending.sequentialScans
    table.sequentialTuplesRead += pending.sequentialTuplesRead
    table.indexScans += pending.indexScans
    table.indexTuplesFetched += pending.indexTuplesFetched
    if (pending.sequentialScans > 0) table.lastSequentialScan = now
    if (pending.indexScans > 0) table.lastIndexScan = now
    table.inserted += pending.inserted
    table.updated += pending.updated
    table.deleted += pending.deleted
    table.hotUpdated += pending.hotUpdated
    table.newPageUpdated += pending.newPageUpdated
    if (pending.wasTruncated) {
      table.live = 0
      table.dead = 0
      table.insertedSinceVacuum = 0
    }
    table.live = Math.max(0, table.live + pending.liveDelta)
    table.dead = Math.max(0, table.dead + pending.deadDelta)
    table.modifiedSinceAnalyze += pending.changed
    table.insertedSinceVacuum += pending.inserted
    counts.tuplesReturned += pending.sequentialTuplesRead
    counts.tuplesFetched += pending.indexTuplesFetched
    counts.inserted += pending.inserted
    counts.updated += pending.updated
    counts.deleted += pending.deleted
  }

  /** pgstat_report_vacuum: what a vacuum found goes over what was counted. */
  vacuumed(
    relation: number,
    found: { readonly live: number; readonly dead: number },
    now: number,
    auto: boolean,
  ): void {
    const table = this.entry(relation)
    table.live = found.live
    table.dead = found.dead
    table.insertedSinceVacuum = 0
    if (auto) {
      table.lastAutovacuum = now
      table.autovacuums++
    } else {
      table.lastVacuum = now
      table.vacuums++
    }
  }

  /** pgstat_report_analyze. */
  analyzed(
    relation: number,
    found: { readonly live: number; readonly dead: number },
    now: number,
    auto: boolean,
  ): void {
    const table = this.entry(relation)
    table.live = found.live
    table.dead = found.dead
    table.modifiedSinceAnalyze = 0
    if (auto) {
      table.lastAutoanalyze = now
      table.autoanalyzes++
    } else {
      table.lastAnalyze = now
      table.analyzes++
    }
  }

  drop(relation: number): void {
    this.tables.delete(relation)
  }

  all(): Iterable<readonly [number, TableStatistics]> {
    return this.tables
  }

  entry(relation: number): TableStatistics {
    let table = this.tables.get(relation)
    if (!table) {
      table = new TableStatistics()
      this.tables.set(relation, table)
    }
    return table
  }
}

export class CumulativeStatistics {
  private readonly databases = new Map<number, DatabaseStatistics>()

  /** By oid; undefined if nobody has reported anything of it. */
  find(database: number): DatabaseStatistics | undefined {
    return this.databases.get(database)
  }

  of(database: number): DatabaseStatistics {
    let statistics = this.databases.get(database)
    if (!statistics) {
      statistics = new DatabaseStatistics()
      this.databases.set(database, statistics)
    }
    return statistics
  }

  drop(database: number): void {
    this.databases.delete(database)
  }

  all(): Iterable<readonly [number, DatabaseStatistics]> {
    return this.databases
  }
}
