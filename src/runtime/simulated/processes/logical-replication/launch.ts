// Starts a worker of logical replication, and waits until it is there. Mirrors logicalrep_worker_launch and
// WaitForReplicationWorkerAttach.

import { millisecond } from '../../../../model/units.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { Server } from '../../server.ts'
import { versionFacts } from '../../shared/versions.ts'

export function* launchWorker(me: Process, server: Server, subscription: number, table = 0): Coroutine {
  const { environment, shared } = server
  const { logicalWorkers } = shared
  const { settings, log, version } = environment
  if (logicalWorkers.all.length >= settings.get('max_logical_replication_workers')) {
    const setting = versionFacts(version).settingName('max_logical_replication_workers')
    log.report(me, {
      level: 'WARNING',
      sqlstate: '53400',
      message: 'out of logical replication worker slots',
      hint: `You might need to increase ${setting}.`,
    })
    return
  }
  const worker = logicalWorkers.launch(me, subscription, table)
  while (!worker.process && logicalWorkers.all.includes(worker)) {
    yield* me.waitLatch({ until: me.now() + 10 * millisecond, waitEvent: 'BgWorkerStartup' })
    me.latch.reset()
    yield* me.pause()
  }
}
