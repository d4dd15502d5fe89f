// How the server goes up and down: what must have ended before what. Mirrors PostmasterStateMachine of postmaster.c.

import { versionFacts } from '../../shared/versions.ts'
import { removeTemporaryFiles } from '../../storage/temporary-files.ts'
import type { Child } from './children.ts'
import type { Postmaster } from './postmaster-context.ts'
import { startMissing, startStartup } from './start-children.ts'

/** The startup process has succeeded: the server serves. */
export function enterRun(postmaster: Postmaster): void {
  const { state, server, me } = postmaster
  state.fatalError = false
  state.abortStartedAt = 0
  state.phase = 'run'
  state.admitsClients = true
  startMissing(postmaster)
  const ready = server.environment.log.log(me, 'database system is ready to accept connections')
  postmaster.tellAccepting(true, ready)
}

/** Goes on as far as the children that are left allow. */
export function advance(postmaster: Postmaster): void {
  const { state, children } = postmaster
  const serves = state.phase === 'run' || state.phase === 'hot standby'
  if (serves && !state.admitsClients && children.sessions.length === 0) state.phase = 'stop backends'
  if (state.phase === 'stop backends') stopBackends(postmaster)
  if (state.phase === 'wait backends' && backendsAreGone(postmaster)) shutDownOrCrash(postmaster)
  if (state.phase === 'wait walsenders' && children.all.every(child => child.isDeadEnd || isLate(child.type))) {
    afterWalSenders(postmaster)
  }
  if (state.phase === 'wait io workers' && !children.has('io worker')) {
    state.phase = 'wait checkpointer'
    children.signal(children.find('checkpointer'), 'USR2')
  }
  if (state.phase === 'wait dead end' && children.all.length === 0) state.phase = 'no children'
  if (state.phase === 'no children') finish(postmaster)
}

/** Of 18: those that outlive the walsenders and the archiver. */
function isLate(type: string): boolean {
  return type === 'checkpointer' || type === 'io worker'
}

function stopBackends(postmaster: Postmaster): void {
  const { state, children } = postmaster
  const spared = new Set(['checkpointer', 'archiver', 'io worker'])
  children.signalAll(
    'TERM',
    children.all.filter(child => !spared.has(child.type) && child.process.type !== 'walsender'),
  )
  state.phase = 'wait backends'
}

function backendsAreGone({ state, children }: Postmaster): boolean {
  const isOrderly = !state.fatalError && state.shutdown !== 'immediate'
  const outlives = (child: Child) =>
    child.process.type === 'walsender' || child.type === 'archiver' || isLate(child.type)
  return children.all.every(child => child.isDeadEnd || (isOrderly && outlives(child)))
}

function shutDownOrCrash(postmaster: Postmaster): void {
  const { state, children, server } = postmaster
  if (state.shutdown === 'immediate' || state.fatalError) {
    state.phase = 'wait dead end'
    return
  }
  if (!children.has('checkpointer')) children.forkAuxiliary('checkpointer')
  state.phase = 'shutdown'
  children.signal(children.find('checkpointer'), versionFacts(server.environment.version).shutdownCheckpointSignal)
}

/** 18: the checkpointer says that the shutdown checkpoint is in the WAL; it stays until the io workers are gone. */
export function walIsShutDown(postmaster: Postmaster): void {
  if (postmaster.state.phase !== 'shutdown') return
  sendTheLast(postmaster)
}

/** The shutdown checkpoint is in the WAL: the archiver makes a last round, the walsenders send the rest, and all end. */
export function sendTheLast({ state, children }: Postmaster): void {
  state.phase = 'wait walsenders'
  children.signal(children.find('archiver'), 'USR2')
  children.signalAll('USR2', children.walSenders)
}

function afterWalSenders(postmaster: Postmaster): void {
  const { state, children, server } = postmaster
  if (versionFacts(server.environment.version).checkpointerExitsByItself) {
    state.phase = 'wait dead end'
    return
  }
  state.phase = 'wait io workers'
  children.signalAll(
    'USR2',
    children.all.filter(child => child.type === 'io worker'),
  )
}

function finish(postmaster: Postmaster): void {
  const { state, server, me } = postmaster
  const { log, settings, data } = server.environment
  if (state.isGoingDown) {
    if (!state.fatalError) return postmaster.exit(0, 'it was shut down')
    log.log(me, 'abnormal database system shutdown')
    return postmaster.exit(1, 'it was shut down while it recovered from a crash')
  }
  if (state.startup === 'crashed') {
    log.log(me, 'shutting down due to startup process failure')
    return postmaster.exit(1, 'the startup process failed')
  }
  if (!settings.get('restart_after_crash')) {
    const setting = versionFacts(server.environment.version).settingName('restart_after_crash')
    log.log(me, `shutting down because ${setting} is off`)
    return postmaster.exit(1, 'restart_after_crash is off')
  }
  log.log(me, 'all server processes terminated; reinitializing')
  if (settings.get('remove_temp_files_after_crash')) removeTemporaryFiles(data)
  server.reinitialize(me)
  state.phase = 'startup'
  state.abortStartedAt = 0
  startStartup(postmaster)
  startMissing(postmaster)
}
