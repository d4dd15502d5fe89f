// All system views, by name. A new one is one file and one line here. Tables of the catalog are not views: they are
// read as any table.

import type { SystemView } from '../sql/system-view.ts'
import { pgBuffercache, pgBuffercacheSummary, pgBuffercacheUsageCounts } from './pg-buffercache.ts'
import { pgControlCheckpoint, pgControlInit, pgControlRecovery, pgControlSystem } from './pg-control.ts'
import { pgLocks } from './pg-locks.ts'
import { pgLsTemporaryDirectory } from './pg-ls-tmpdir.ts'
import { pgLsArchiveStatusDirectory, pgLsWalDirectory } from './pg-ls-waldir.ts'
import { pgPreparedXacts } from './pg-prepared-xacts.ts'
import { pgPublicationTables } from './pg-publication-tables.ts'
import { pgReplicationSlots } from './pg-replication-slots.ts'
import { pgSettings } from './pg-settings.ts'
import { pgStatActivity } from './pg-stat-activity.ts'
import { pgStatAllTables, pgStatUserTables } from './pg-stat-all-tables.ts'
import { pgStatArchiver } from './pg-stat-archiver.ts'
import { pgStatBgwriter } from './pg-stat-bgwriter.ts'
import { pgStatCheckpointer } from './pg-stat-checkpointer.ts'
import { pgStatDatabase } from './pg-stat-database.ts'
import { pgStatDatabaseConflicts } from './pg-stat-database-conflicts.ts'
import { pgStatIo } from './pg-stat-io.ts'
import { pgStatProgressVacuum } from './pg-stat-progress-vacuum.ts'
import { pgStatReplication } from './pg-stat-replication.ts'
import { pgReplicationOriginStatus, pgStatSubscription, pgStatSubscriptionStats } from './pg-stat-subscription.ts'
import { pgStatWal } from './pg-stat-wal.ts'
import { pgStatWalReceiver } from './pg-stat-wal-receiver.ts'
import { pgIndexes, pgTables } from './pg-tables.ts'
import { pgAvailableWalSummaries, pgGetWalSummarizerState } from './wal-summaries.ts'

const views: readonly SystemView[] = [
  pgAvailableWalSummaries,
  pgBuffercache,
  pgBuffercacheSummary,
  pgBuffercacheUsageCounts,
  pgControlCheckpoint,
  pgControlInit,
  pgControlRecovery,
  pgControlSystem,
  pgGetWalSummarizerState,
  pgIndexes,
  pgLocks,
  pgLsArchiveStatusDirectory,
  pgLsTemporaryDirectory,
  pgLsWalDirectory,
  pgPreparedXacts,
  pgPublicationTables,
  pgReplicationOriginStatus,
  pgReplicationSlots,
  pgSettings,
  pgStatActivity,
  pgStatAllTables,
  pgStatArchiver,
  pgStatBgwriter,
  pgStatCheckpointer,
  pgStatDatabase,
  pgStatDatabaseConflicts,
  pgStatIo,
  pgStatProgressVacuum,
  pgStatReplication,
  pgStatSubscription,
  pgStatSubscriptionStats,
  pgStatUserTables,
  pgStatWal,
  pgStatWalReceiver,
  pgTables,
]

export const systemViews: ReadonlyMap<string, SystemView> = new Map(views.map(view => [view.name, view]))
