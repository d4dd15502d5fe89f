// What the launcher of logical replication, its workers and the sessions that change subscriptions share: which workers
// there are, what they have received, and what was counted of each subscription. Mirrors LogicalRepCtx and
// LogicalRepWorker (worker_internal.h), and PgStat_StatSubEntry.

import type { Process } from '../machine/process.ts'

/** What a worker is for. */
export type LogicalWork = Pick<LogicalWorker, 'subscription' | 'database' | 'table'>

export interface LogicalWorker {
  /** Its own, of all that there ever were. */
  readonly number: number
  /** Undefined until it has started. */
  process: Process | undefined
  readonly subscription: number
  /** OID of the database that it works in. */
  readonly database: number
  /** The table whose first copy it makes; 0: it applies. */
  readonly table: number
  readonly launchedAt: number
  // Of the copy: how far it is, as tableState of the catalog has it, and the place that this is about
  state: string
  stateLsn: number
  // For pg_stat_subscription; times in nanoseconds, undefined: not yet
  receivedLsn: number
  lastSentAt: number | undefined
  lastReceivedAt: number | undefined
  latestEndLsn: number
  latestEndAt: number | undefined
}

/** In the order of the columns of pg_stat_subscription_stats. */
export const conflictKinds = [
  'insert_exists',
  'update_origin_differs',
  'update_exists',
  'update_missing',
  'delete_origin_differs',
  'delete_missing',
  'multiple_unique_conflicts',
] as const

export type ConflictKind = (typeof conflictKinds)[number]

export class SubscriptionStatistics {
  applyErrors = 0
  syncErrors = 0
  readonly conflicts = new Map<ConflictKind, number>()

  conflicted(kind: ConflictKind): void {
    this.conflicts.set(kind, (this.conflicts.get(kind) ?? 0) + 1)
  }
}

export class LogicalWorkers {
  launcher: Process | undefined
  readonly all: LogicalWorker[] = []
  private lastNumber = 0
  private readonly statistics = new Map<number, SubscriptionStatistics>()
  /** When a worker that applies was last started: of all until 15, by subscription from 16 on. */
  readonly lastStart = new Map<number, number>()

  statisticsOf(subscription: number): SubscriptionStatistics {
    let statistics = this.statistics.get(subscription)
    if (!statistics) {
      statistics = new SubscriptionStatistics()
      this.statistics.set(subscription, statistics)
    }
    return statistics
  }

  forgetStatistics(subscription: number): void {
    this.statistics.delete(subscription)
  }

  find(subscription: number, table = 0): LogicalWorker | undefined {
    return this.all.find(worker => worker.subscription === subscription && worker.table === table)
  }

  of(subscription: number): LogicalWorker[] {
    return this.all.filter(worker => worker.subscription === subscription)
  }

  numbered(number: number): LogicalWorker | undefined {
    return this.all.find(worker => worker.number === number)
  }

  /** A place for one that is about to be asked for. */
  add(me: Process, { subscription, database, table }: LogicalWork): LogicalWorker {
    const worker: LogicalWorker = {
      number: ++this.lastNumber,
      process: undefined,
      subscription,
      database,
      table,
      launchedAt: me.now(),
      state: '',
      stateLsn: 0,
      receivedLsn: 0,
      lastSentAt: undefined,
      lastReceivedAt: undefined,
      latestEndLsn: 0,
      latestEndAt: undefined,
    }
    this.all.push(worker)
    return worker
  }

  begin(process: Process, worker: LogicalWorker): void {
    worker.process = process
    worker.lastSentAt = process.now()
    worker.lastReceivedAt = process.now()
    worker.latestEndAt = process.now()
  }

  /** Its place is free again: it never began. */
  remove(worker: LogicalWorker): void {
    const index = this.all.indexOf(worker)
    if (index >= 0) this.all.splice(index, 1)
  }

  end(worker: LogicalWorker): void {
    this.remove(worker)
    this.wakeLauncher(worker.process?.cause)
  }

  wakeLauncher(cause: number | undefined): void {
    this.launcher?.latch.set(cause)
  }

  /** The workers of a subscription look at once whether it has changed. */
  wake(subscription: number, cause: number | undefined): void {
    for (const { process } of this.of(subscription)) process?.latch.set(cause)
  }
}
