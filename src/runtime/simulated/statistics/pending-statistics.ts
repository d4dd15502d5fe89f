// What a process has counted and not yet told: its part in the cumulative statistics is seen by others, and by itself,
// only after a report. Mirrors the pending entries of pgstat.c, and pgstat_relation.c and pgstat_database.c.

import { second } from '../../../model/units.ts'
import type { Proc } from '../shared/proc.ts'
import type { ConflictReason } from '../shared/recovery-conflict.ts'
import type { CumulativeStatistics } from './cumulative-statistics.ts'
import { PendingTable } from './pending-table.ts'
import type { TableChanges } from './table-changes.ts'

/** A process that goes idle reports at most so often, */
const minimumInterval = second
/** and when it then stays idle, after this time. */
export const idleInterval = 10 * second

const conflictCounters = {
  tablespace: 'tablespaceConflicts',
  lock: 'lockConflicts',
  snapshot: 'snapshotConflicts',
  'buffer pin': 'bufferPinConflicts',
  'buffer deadlock': 'bufferDeadlocks',
  'logical slot': 'logicalSlotConflicts',
} as const

export class PendingStatistics {
  private readonly shared: CumulativeStatistics
  private readonly proc: Proc
  private tables = new Map<number, PendingTable>()
  private commits = 0
  private rollbacks = 0
  private conflicts: Exclude<ConflictReason, 'database'>[] = []
  private temporaryFiles = 0
  private temporaryBytes = 0
  private lastReport = Number.NEGATIVE_INFINITY
  private forceNext = false

  /** Of what `proc` does, in the database that it is in. */
  constructor(shared: CumulativeStatistics, proc: Proc) {
    this.shared = shared
    this.proc = proc
  }

  /** By oid, of a table or index. */
  of(relation: number): PendingTable {
    let table = this.tables.get(relation)
    if (!table) {
      table = new PendingTable()
      this.tables.set(relation, table)
    }
    return table
  }

  /** What a level of a transaction did is decided: for a rollback every row that it made is dead. */
  settle(relation: number, changes: TableChanges, committed: boolean): void {
    const table = this.of(relation)
    if (!committed) changes.undoTruncate()
    const { inserted, updated, deleted } = changes
    table.inserted += inserted
    table.updated += updated
    table.deleted += deleted
    if (!committed) {
      table.deadDelta += inserted + updated
      return
    }
    if (changes.wasTruncated) {
      table.wasTruncated = true
      table.liveDelta = 0
      table.deadDelta = 0
    }
    table.liveDelta += inserted - deleted
    table.deadDelta += updated + deleted
    table.changed += inserted + updated + deleted
  }

  transactionEnded(committed: boolean): void {
    if (committed) this.commits++
    else this.rollbacks++
  }

  /** pgstat_report_recovery_conflict. What is counted of a database goes with it. */
  conflicted(reason: ConflictReason): void {
    if (reason !== 'database') this.conflicts.push(reason)
  }

  /** pgstat_report_tempfile: a temporary file of this size was removed. */
  temporaryFile(bytes: number): void {
    this.temporaryFiles++
    this.temporaryBytes += bytes
  }

  /** The relation is gone: there is nobody to tell of it. */
  dropped(relation: number): void {
    this.tables.delete(relation)
    this.shared.find(this.proc.databaseId)?.drop(relation)
  }

  /** The catalogues that a backend has read to get there are its first report: the next is not due at once. */
  connected(now: number): void {
    this.lastReport = now
  }

  /** pg_stat_force_next_flush. */
  forceNextReport(): void {
    this.forceNext = true
  }

  /** pgstat_report_stat: false if it is too early, and the caller should come back after `idleInterval`. */
  report(now: number, force = false): boolean {
    if (this.tables.size === 0 && this.commits + this.rollbacks + this.conflicts.length === 0) return true
    if (!force && !this.forceNext && now - this.lastReport < minimumInterval) return false
    this.forceNext = false
    this.lastReport = now
    const database = this.shared.of(this.proc.databaseId)
    if (this.proc.settings.get('track_counts')) {
      for (const [relation, table] of this.tables) database.add(relation, table, now)
    }
    const { counts } = database
    counts.commits += this.commits
    counts.rollbacks += this.rollbacks
    for (const reason of this.conflicts) counts[conflictCounters[reason]]++
    counts.temporaryFiles += this.temporaryFiles
    counts.temporaryBytes += this.temporaryBytes
    this.tables = new Map()
    this.commits = 0
    this.rollbacks = 0
    this.conflicts = []
    this.temporaryFiles = 0
    this.temporaryBytes = 0
    return true
  }
}
