// The background workers that processes ask for: the postmaster starts them, tells those to end that somebody wants no
// more, and buries them. Mirrors BackgroundWorkerStateChange, maybe_start_bgworkers and ReportBackgroundWorkerExit.

import type { Process } from '../../machine/process.ts'
import type { Postmaster } from './postmaster-context.ts'

/** Somebody wants one, or one gone. */
export function changeBackgroundWorkers({ server, children, me }: Postmaster): void {
  const { backgroundWorkers } = server.shared
  for (const worker of [...backgroundWorkers.all]) {
    if (!worker.terminates || worker.isTold) continue
    worker.isTold = true
    if (worker.process) children.signal(children.byPid(worker.process.pid), 'TERM')
    else backgroundWorkers.forget(worker, me.cause)
  }
}

/** Those whose time has come. One that cannot be started then never will be. */
export function startBackgroundWorkers({ server, children, me, state }: Postmaster): void {
  const { backgroundWorkers } = server.shared
  if (backgroundWorkers.all.length === 0) return
  for (const worker of [...backgroundWorkers.all]) {
    if (worker.status !== 'not yet started') continue
    if (worker.request.type === 'logical replication worker' && state.phase !== 'run') continue
    const process = children.forkBackgroundWorker(worker)
    if (process) backgroundWorkers.started(worker, process)
    else backgroundWorkers.forget(worker, me.cause)
  }
}

export function buryBackgroundWorker({ server, me }: Postmaster, process: Process): void {
  const { backgroundWorkers } = server.shared
  const worker = backgroundWorkers.all.find(each => each.process === process)
  if (worker) backgroundWorkers.forget(worker, me.cause)
}
