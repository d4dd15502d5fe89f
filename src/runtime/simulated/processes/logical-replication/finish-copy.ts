// The end of a worker that copies a table. Mirrors finish_sync_worker.

import type { Coroutine } from '../../kernel/task.ts'
import { type Applier, say } from './applier.ts'

export function* finishCopy(applier: Applier): Coroutine<never> {
  const { me, server, session, worker, subscription } = applier
  yield* session.transaction.commitCommand()
  session.transaction.statistics.report(me.now(), true)
  const table = session.catalog.byOid(worker.table)?.name ?? ''
  const who = `logical replication table synchronization worker for subscription "${subscription.name}"`
  yield* server.shared.wal.flush(me, server.shared.wal.endLsn)
  say(applier, `${who}, table "${table}" has finished`)
  server.shared.logicalWorkers.find(subscription.oid)?.process?.latch.set(me.cause)
  return me.exit(0)
}
