// Which children the server should have now, and starting those that it has not, in PostgreSQL's order.

import { second } from '../../../../model/units.ts'
import { isAutovacuumActive } from '../../maintenance/thresholds.ts'
import type { Server } from '../../server.ts'
import { versionFacts } from '../../shared/versions.ts'
import { startBackgroundWorkers } from './background-workers.ts'
import type { Children } from './children.ts'
import type { Postmaster } from './postmaster-context.ts'

/** In seconds. */
const archiverRestartInterval = 10

/** At a start the checkpointer and the background writer come before the startup process; after a crash it leads. */
export function startFirst(postmaster: Postmaster): void {
  adjustIoWorkers(postmaster)
  postmaster.children.forkAuxiliary('checkpointer')
  postmaster.children.forkAuxiliary('bgwriter')
  forkStartup(postmaster)
}

export function startStartup(postmaster: Postmaster): void {
  adjustIoWorkers(postmaster)
  forkStartup(postmaster)
}

function forkStartup({ children, state }: Postmaster): void {
  children.forkAuxiliary('startup')
  state.startup = 'running'
}

/** Mirrors maybe_adjust_io_workers: those that are missing come at once, those that are too many go one by one. */
function adjustIoWorkers({ children, server: { environment } }: Postmaster): void {
  if (!versionFacts(environment.version).ioWorkers || environment.settings.get('io_method') !== 'worker') return
  const wanted = environment.settings.get('io_workers')
  const workers = children.all.filter(each => each.type === 'io worker')
  for (let count = workers.length; count < wanted; count++) children.forkAuxiliary('io worker')
  if (workers.length > wanted) children.signal(workers[workers.length - 1], 'USR2')
}

/** Starts what is missing, as the server loop does at every turn. */
export function startMissing(postmaster: Postmaster): void {
  const { state, children, server, me } = postmaster
  const { phase } = state
  const { startsWalSummarizerLate } = versionFacts(server.environment.version)
  const isUp = phase === 'run' || phase === 'recovery' || phase === 'hot standby' || phase === 'startup'
  if (isUp) {
    adjustIoWorkers(postmaster)
    if (!children.has('checkpointer')) children.forkAuxiliary('checkpointer')
    if (!children.has('bgwriter')) children.forkAuxiliary('bgwriter')
  }
  if (phase === 'run') {
    if (!children.has('walwriter')) children.forkAuxiliary('walwriter')
  }
  if (!startsWalSummarizerLate) startWalSummarizer(postmaster)
  if (phase === 'run') {
    const isWanted = isAutovacuumActive(server.environment.settings) || state.autovacuumIsForced
    if (isWanted && !children.has('autovacuum launcher')) {
      children.forkAuxiliary('autovacuum launcher')
      state.autovacuumIsForced = false
    }
  }
  startArchiver(postmaster)
  if (phase === 'run' || phase === 'hot standby') startBackgroundWorkers(postmaster)
  if (startsWalSummarizerLate) startWalSummarizer(postmaster)
  if (phase === 'run') {
    if (launcherIsMissing(children, server) && me.now() >= state.launcherRestartAt) {
      children.forkAuxiliary('logical replication launcher')
    }
  }
  if (isUp && phase !== 'run' && state.walReceiverRequested && !children.has('walreceiver') && !state.isGoingDown) {
    children.forkAuxiliary('walreceiver')
    state.walReceiverRequested = false
  }
}

function startWalSummarizer({ state: { phase }, children, server: { environment } }: Postmaster): void {
  const { version, settings } = environment
  if (version < 17 || !settings.get('summarize_wal') || children.has('walsummarizer')) return
  if (phase === 'run' || phase === 'hot standby') children.forkAuxiliary('walsummarizer')
}

/** One that ends again and again is started every ten seconds at most, counted in whole seconds of the clock. */
export function startArchiver({ state, children, server, me }: Postmaster): void {
  const { isActive, isAlways } = server.shared.wal.archiveStatus
  const isRecovering = state.phase === 'recovery' || state.phase === 'hot standby'
  if (children.has('archiver') || !isActive || !(state.phase === 'run' || (isRecovering && isAlways))) return
  const now = Math.floor(me.now() / second)
  if (now - state.archiverStartedIn < archiverRestartInterval) return
  state.archiverStartedIn = now
  children.forkAuxiliary('archiver')
}

export function launcherIsMissing(children: Children, server: Server): boolean {
  const wanted = server.environment.settings.get('max_logical_replication_workers') > 0
  return wanted && !children.has('logical replication launcher')
}
