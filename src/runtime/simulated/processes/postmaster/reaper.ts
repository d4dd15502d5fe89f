// What the postmaster does about a child that ended. Mirrors reaper, CleanupBackend, CleanupBackgroundWorker,
// HandleChildCrash and LogChildExit of postmaster.c.

import { second } from '../../../../model/units.ts'
import type { Process } from '../../machine/process.ts'
import { type ExitStatus, signals } from '../../machine/signals.ts'
import type { BackgroundWorkerType } from '../../shared/background-workers.ts'
import { versionFacts } from '../../shared/versions.ts'
import { buryBackgroundWorker } from './background-workers.ts'
import type { Child } from './children.ts'
import type { Postmaster } from './postmaster-context.ts'
import { startArchiver } from './start-children.ts'
import { enterRun, sendTheLast } from './state-machine.ts'

const names: Readonly<Record<Exclude<Child['type'], 'backend' | 'autovacuum worker' | BackgroundWorkerType>, string>> =
  {
    startup: 'startup process',
    checkpointer: 'checkpointer process',
    bgwriter: 'background writer process',
    walwriter: 'WAL writer process',
    walreceiver: 'WAL receiver process',
    'autovacuum launcher': 'autovacuum launcher process',
    archiver: 'archiver process',
    'logical replication launcher': 'background worker "logical replication launcher"',
    'slotsync worker': 'slot sync worker process',
    'io worker': 'io worker',
    walsummarizer: 'WAL summarizer process',
    logger: 'system logger process',
  }

export function reap(postmaster: Postmaster, process: Process, status: ExitStatus): void {
  if (process === postmaster.children.logger) return reapLogger(postmaster, process, status)
  const child = postmaster.children.remove(process.pid)
  if (!child) return
  if (process.type === 'walsender' || child.type === 'backend') return reapBackend(postmaster, child, status)
  switch (child.type) {
    case 'startup':
      return reapStartup(postmaster, child, status)
    case 'checkpointer':
      return reapCheckpointer(postmaster, child, status)
    case 'walreceiver':
    case 'autovacuum worker':
    case 'slotsync worker':
      if (!exitedWith(status, 0, 1)) handleChildCrash(postmaster, child, status)
      return
    case 'archiver':
      if (!exitedWith(status, 0, 1)) handleChildCrash(postmaster, child, status)
      return startArchiver(postmaster)
    case 'logical replication worker':
    case 'parallel worker':
      return reapBackgroundWorker(postmaster, child, status)
    case 'logical replication launcher':
      return reapLauncher(postmaster, child, status)
    default:
      if (!exitedWith(status, 0)) handleChildCrash(postmaster, child, status)
  }
}

/** Another one comes first, for what is said of this one. It was not connected to shared memory: nobody else must go. */
function reapLogger({ children, server, me }: Postmaster, process: Process, status: ExitStatus): void {
  children.forkLogger()
  if (!exitedWith(status, 0)) server.environment.log.log(me, describeExit(names.logger, process.pid, status))
}

function reapBackend(postmaster: Postmaster, child: Child, status: ExitStatus): void {
  if (!exitedWith(status, 0, 1)) handleChildCrash(postmaster, child, status)
}

/** False: it crashed, and that is seen to. A background worker that failed is told of. */
function endedByItself(postmaster: Postmaster, child: Child, status: ExitStatus): boolean {
  if (!exitedWith(status, 0, 1)) {
    handleChildCrash(postmaster, child, status)
    return false
  }
  if (!exitedWith(status, 0)) logChildExit(postmaster, child, status)
  return true
}

function reapLauncher(postmaster: Postmaster, child: Child, status: ExitStatus): void {
  if (!endedByItself(postmaster, child, status)) return
  postmaster.state.launcherRestartAt = postmaster.me.now() + 5 * second
}

/** Who has asked for it is told, and decides whether to ask for another. */
function reapBackgroundWorker(postmaster: Postmaster, child: Child, status: ExitStatus): void {
  if (!endedByItself(postmaster, child, status)) return
  buryBackgroundWorker(postmaster, child.process)
}

function reapCheckpointer(postmaster: Postmaster, child: Child, status: ExitStatus): void {
  const { state } = postmaster
  if (exitedWith(status, 0) && state.phase === 'shutdown') {
    // Before 18 it exits when the shutdown checkpoint is written.
    sendTheLast(postmaster)
    return
  }
  if (exitedWith(status, 0) && state.phase === 'wait checkpointer') {
    state.phase = 'wait dead end'
    return
  }
  handleChildCrash(postmaster, child, status)
}

function reapStartup(postmaster: Postmaster, child: Child, status: ExitStatus): void {
  const { state } = postmaster
  if (state.isGoingDown && exitedWith(status, 0, 1)) {
    state.startup = 'not running'
    state.phase = 'wait backends'
    return
  }
  if (exitedWith(status, 3)) return shutDownAtTarget(postmaster)
  if (exitedWith(status, 0)) {
    state.startup = 'not running'
    return enterRun(postmaster)
  }
  if (state.startup === 'signaled') {
    state.startup = 'not running'
    if (state.phase === 'startup') state.phase = 'wait backends'
    return
  }
  // It can't be hoped that another one would get further.
  state.startup = 'crashed'
  handleChildCrash(postmaster, child, status)
}

/** recovery_target_action = shutdown: that is no failure, and nobody is waited for. */
function shutDownAtTarget(postmaster: Postmaster): void {
  const { state, children, server, me } = postmaster
  server.environment.log.log(me, 'shutdown at recovery target')
  state.startup = 'not running'
  if (!state.isGoingDown) state.shutdown = 'smart'
  postmaster.tellRefusing('the recovery target was reached')
  children.signalAll('TERM')
  state.phase = 'wait backends'
}

/** Shared memory may be corrupt: everybody else must go. Only the first crash is told, and acted on. */
export function handleChildCrash(postmaster: Postmaster, child: Child, status: ExitStatus): void {
  const { state, children, server, me } = postmaster
  const acts = !state.fatalError && state.shutdown !== 'immediate'
  if (acts) {
    me.cause = logChildExit(postmaster, child, status) || me.cause
    server.environment.log.log(me, 'terminating any other active server processes')
    server.quitReason = 'crash'
    if (children.has('startup')) state.startup = 'signaled'
    children.signalAll('QUIT')
  }
  if (state.shutdown !== 'immediate') state.fatalError = true
  if (['startup', 'recovery', 'hot standby', 'run', 'stop backends', 'shutdown'].includes(state.phase)) {
    if (state.phase === 'run' || state.phase === 'hot standby') postmaster.tellRefusing('a child process crashed')
    state.phase = 'wait backends'
  }
  if (state.abortStartedAt === 0) state.abortStartedAt = me.now()
}

function logChildExit({ server, me }: Postmaster, child: Child, status: ExitStatus): number {
  const { environment, shared } = server
  const name = nameOf(child, environment.version)
  const pid = child.process.pid
  const activity =
    child.type === 'backend' || child.type === 'autovacuum worker' || child.type === 'parallel worker'
      ? shared.procArray.byPid(pid)?.lastStatement
      : undefined
  const detail = activity === undefined ? {} : { detail: `Failed process was running: ${activity}` }
  return environment.log.log(me, describeExit(name, pid, status), detail)
}

/** A background worker's name comes before its pid as any other's. */
function describeExit(name: string, pid: number, status: ExitStatus): string {
  if ('code' in status) return `${name} (PID ${pid}) exited with exit code ${status.code}`
  const { number, description } = signals[status.signal]
  return `${name} (PID ${pid}) was terminated by signal ${number}: ${description}`
}

function nameOf({ type, name }: Child, version: 15 | 16 | 17 | 18): string {
  const { backendName, autovacuumWorkerName } = versionFacts(version)
  if (type === 'backend') return backendName
  if (type === 'logical replication worker' || type === 'parallel worker') return `background worker "${name}"`
  return type === 'autovacuum worker' ? autovacuumWorkerName : names[type]
}

function exitedWith(status: ExitStatus, ...codes: number[]): boolean {
  return 'code' in status && codes.includes(status.code)
}
