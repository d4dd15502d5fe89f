// The list of process types: a new one is a file and a line here.

import type { ProcessTypes } from '../server.ts'
import { archiver } from './archiver.ts'
import { autovacuumLauncher } from './autovacuum-launcher.ts'
import { autovacuumWorker } from './autovacuum-worker.ts'
import { backend } from './backend.ts'
import { backgroundWriter } from './bgwriter.ts'
import { checkpointer } from './checkpointer.ts'
import { ioWorker } from './io-worker.ts'
import { logger } from './logger.ts'
import { logicalReplicationLauncher } from './logical-replication-launcher.ts'
import { logicalReplicationWorker } from './logical-replication-worker.ts'
import { parallelWorker } from './parallel-worker.ts'
import { postmaster } from './postmaster.ts'
import { slotSyncWorker } from './slotsync-worker.ts'
import { startup } from './startup.ts'
import { walReceiver } from './walreceiver.ts'
import { walSender } from './walsender.ts'
import { walSummarizer } from './walsummarizer.ts'
import { walWriter } from './walwriter.ts'

export const processTypes: ProcessTypes = {
  postmaster,
  backend,
  walSender,
  backgroundWorkers: {
    'logical replication worker': logicalReplicationWorker,
    'parallel worker': parallelWorker,
  },
  auxiliaries: {
    startup,
    checkpointer,
    bgwriter: backgroundWriter,
    walwriter: walWriter,
    walreceiver: walReceiver,
    'autovacuum launcher': autovacuumLauncher,
    'autovacuum worker': autovacuumWorker,
    archiver,
    'logical replication launcher': logicalReplicationLauncher,
    'slotsync worker': slotSyncWorker,
    'io worker': ioWorker,
    walsummarizer: walSummarizer,
    logger,
  },
}
