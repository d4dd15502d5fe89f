// What children and administrators ask of the postmaster by SIGUSR1. Mirrors process_pm_pmsignal of postmaster.c.

import { changeBackgroundWorkers } from './background-workers.ts'
import type { Postmaster } from './postmaster-context.ts'
import { startMissing } from './start-children.ts'
import { walIsShutDown } from './state-machine.ts'

export function handleRequests(postmaster: Postmaster): void {
  const { state, server, me, children } = postmaster
  const reasons = server.takePostmasterSignals()
  if (reasons.has('recovery started') && state.phase === 'startup' && !state.isGoingDown) {
    state.fatalError = false
    state.abortStartedAt = 0
    state.phase = 'recovery'
    if (server.shared.wal.archiveStatus.isAlways) children.forkAuxiliary('archiver')
  }
  if (reasons.has('begin hot standby') && state.phase === 'recovery' && !state.isGoingDown) {
    const ready = server.environment.log.log(me, 'database system is ready to accept read-only connections')
    state.phase = 'hot standby'
    server.wasConsistent = true
    state.admitsClients = true
    postmaster.tellAccepting(false, ready)
  }
  if (reasons.has('start autovacuum launcher') && !state.isGoingDown) state.autovacuumIsForced = true
  if (reasons.has('start autovacuum worker') && state.phase === 'run') children.forkAuxiliary('autovacuum worker')
  if (reasons.has('background worker change')) changeBackgroundWorkers(postmaster)
  if (reasons.has('start walreceiver')) state.walReceiverRequested = true
  if (reasons.has('wal is shut down')) walIsShutDown(postmaster)
  if (server.shared.requests.logRotation) {
    server.shared.requests.logRotation = false
    children.signalLogger('USR1')
  }
  startMissing(postmaster)
  const isRecovering = state.phase === 'startup' || state.phase === 'recovery' || state.phase === 'hot standby'
  if (isRecovering && server.promoteFileExists) children.signal(children.find('startup'), 'USR2')
}
