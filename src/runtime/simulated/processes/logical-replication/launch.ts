// Asks for a worker of logical replication, and waits until it is there. Mirrors logicalrep_worker_launch and
// WaitForReplicationWorkerAttach.

import { millisecond } from '../../../../model/units.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { LogicalWork } from '../../replication/logical-workers.ts'
import type { Server } from '../../server.ts'
import { versionFacts } from '../../shared/versions.ts'

export function* launchWorker(me: Process, server: Server, work: LogicalWork): Coroutine {
  const { subscription, table } = work
  const { environment, shared } = server
  const { logicalWorkers, backgroundWorkers } = shared
  const { logicalWorkerNames } = versionFacts(environment.version)
  if (logicalWorkers.all.length >= environment.settings.get('max_logical_replication_workers')) {
    return warn(me, server, 'out of logical replication worker slots', 'max_logical_replication_workers')
  }
  const worker = logicalWorkers.add(me, work)
  const { title, type: name } = logicalWorkerNames[table === 0 ? 'apply' : 'copy']
  const background = backgroundWorkers.register({
    type: 'logical replication worker',
    name,
    title: `${title} for subscription ${subscription}${table === 0 ? '' : ` sync ${table}`}`,
    handle: worker.number,
    index: 0,
    requester: me,
  })
  if (!background) {
    logicalWorkers.remove(worker)
    return warn(me, server, 'out of background worker slots', 'max_worker_processes')
  }
  while (!worker.process && logicalWorkers.all.includes(worker)) {
    if (background.status === 'stopped') return logicalWorkers.remove(worker)
    yield* me.waitLatch({ until: me.now() + 10 * millisecond, waitEvent: 'BgWorkerStartup' })
    me.latch.reset()
    yield* me.pause()
  }
}

function warn(me: Process, { environment: { log, version } }: Server, message: string, setting: Setting): void {
  const hint = `You might need to increase ${versionFacts(version).settingName(setting)}.`
  log.report(me, { level: 'WARNING', sqlstate: '53400', message, hint })
}

type Setting = 'max_logical_replication_workers' | 'max_worker_processes'
