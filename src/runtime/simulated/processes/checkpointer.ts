// The checkpointer: makes a checkpoint when one is requested, when max_wal_size is reached and when checkpoint_timeout
// has passed, and the last one at shutdown; restartpoints while the server recovers. Mirrors checkpointer.c.

import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { runRecoveryCommand } from '../recovery/archive-restore.ts'
import { CheckpointHistory, type CheckpointOptions, createCheckpoint } from '../recovery/checkpoint.ts'
import type { RecoveryContext } from '../recovery/context.ts'
import { createRestartpoint } from '../recovery/restartpoint.ts'
import type { Server } from '../server.ts'
import { PostgresError } from '../shared/error.ts'
import { checkpointFlags } from '../shared/requests.ts'
import { versionFacts } from '../shared/versions.ts'
import { saveStatistics } from '../statistics/statistics-file.ts'
import { beginAuxiliary, endWith } from './auxiliary.ts'

/** How soon a restartpoint is tried again that had no checkpoint to begin at. */
const retryRestartpoint = 15 * second

interface Checkpointer {
  readonly me: Process
  readonly server: Server
  readonly history: CheckpointHistory
  lastCheckpointAt: number
  /** When a segment was ended last, or could have been, for archive_timeout. */
  lastSwitchAt: number
}

export function* checkpointer(me: Process, server: Server): Coroutine {
  yield* beginAuxiliary(me, server, 'checkpointer')
  const { shared, environment } = server
  const facts = versionFacts(environment.version)
  me.ignore('TERM')
  me.remember('USR2')
  me.on('INT', () => me.latch.set())
  if (facts.shutdownCheckpointSignal === 'INT') me.remember('INT')
  shared.requests.checkpointerLatch = me.latch
  const self: Checkpointer = {
    me,
    server,
    history: new CheckpointHistory(),
    lastCheckpointAt: me.now(),
    lastSwitchAt: me.now(),
  }
  while (!me.received(facts.shutdownCheckpointSignal)) {
    me.latch.reset()
    me.forget('HUP')
    const { settings } = environment
    const timeout = settings.get('checkpoint_timeout')
    const isDue = me.now() >= self.lastCheckpointAt + timeout
    if (shared.requests.checkpoint.flags !== 0 || isDue) yield* checkpoint(self, isDue)
    yield* checkArchiveTimeout(self)
    const until = Math.min(self.lastCheckpointAt + timeout, nextArchiveTimeout(self))
    if (shared.requests.checkpoint.flags !== 0 || me.now() >= until) continue
    yield* me.waitLatch({ until, waitEvent: 'CheckpointerMain' })
    yield* me.pause()
  }
  yield* shutDown(self)
}

function* checkpoint(self: Checkpointer, isDue: boolean): Coroutine {
  const { me, server, history } = self
  const { shared, environment } = server
  const { requests, recovery } = shared
  const request = requests.checkpoint
  const startedAt = me.now()
  const flags = request.flags | (isDue ? checkpointFlags.causeTime : 0)
  request.flags = 0
  request.started++
  request.startCondition.broadcast(me.cause)
  const isRestartpoint = recovery.inRecovery && !(flags & checkpointFlags.endOfRecovery)
  const { statistics } = request
  const isRequested = (flags & checkpointFlags.requested) !== 0
  if (isRestartpoint) statistics[isRequested ? 'restartpointsRequested' : 'restartpointsTimed']++
  else statistics[isRequested ? 'requested' : 'timed']++
  if (!isRestartpoint && flags & checkpointFlags.causeWal) warnIfFrequent(self, startedAt)
  const options = { flags, history, isUrgent: () => isStopping(self), meanwhile: () => checkArchiveTimeout(self) }
  let isDone = false
  try {
    isDone = isRestartpoint
      ? yield* restartpoint(self, options)
      : yield* createCheckpoint(me, environment, shared, options)
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    if (error.level !== 'ERROR') yield* endWith(me, server, error)
    environment.log.report(me, { level: 'ERROR', sqlstate: error.sqlstate, message: error.message })
    request.failed++
    request.done = request.started
    request.doneCondition.broadcast(me.cause)
    yield* me.sleep(second, 'CheckpointerError')
    return
  }
  if (isDone) statistics[isRestartpoint ? 'restartpointsDone' : 'done']++
  request.done = request.started
  request.doneCondition.broadcast(me.cause)
  // A timed one keeps an even spacing: it counts from its beginning, not from its end.
  self.lastCheckpointAt =
    isDone || !isRestartpoint
      ? startedAt
      : startedAt - environment.settings.get('checkpoint_timeout') + retryRestartpoint
}

/** Then the archive may be rid of what this standby needs no more. */
function* restartpoint({ me, server }: Checkpointer, options: CheckpointOptions): Coroutine<boolean> {
  const { environment, shared, shell } = server
  if (!(yield* createRestartpoint(me, environment, shared, options))) return false
  const run: RecoveryContext['run'] = (command, what) =>
    shell.run(me, command, { ...what, interruptedBy: () => undefined })
  yield* runRecoveryCommand(me, { environment, services: shared, run }, 'archive_cleanup_command')
  return true
}

/** Ends a segment that has lasted for archive_timeout, if there is something in it that is worth to be archived. */
function* checkArchiveTimeout(self: Checkpointer): Coroutine {
  const { me, server } = self
  const { wal, recovery } = server.shared
  if (me.now() < nextArchiveTimeout(self)) return
  self.lastSwitchAt = Math.max(self.lastSwitchAt, wal.lastSwitch.at)
  if (me.now() < nextArchiveTimeout(self)) return
  self.lastSwitchAt = me.now()
  if (wal.lastImportant <= wal.lastSwitch.lsn) return
  const wasIdle = recovery.idleUpTo === wal.endLsn
  yield* wal.switchSegment(me, false)
  if (wasIdle) recovery.idleUpTo = wal.endLsn
}

function nextArchiveTimeout({ server: { environment, shared }, lastSwitchAt }: Checkpointer): number {
  const timeout = environment.settings.get('archive_timeout')
  return timeout === 0 || shared.recovery.inRecovery ? Number.POSITIVE_INFINITY : lastSwitchAt + timeout
}

function isStopping({ me, server }: Checkpointer): boolean {
  return me.received(versionFacts(server.environment.version).shutdownCheckpointSignal)
}

function warnIfFrequent(self: Checkpointer, now: number): void {
  const { server, me } = self
  const warning = server.environment.settings.get('checkpoint_warning')
  // Both are read in whole seconds.
  const elapsed = Math.floor(now / second) - Math.floor(self.lastCheckpointAt / second)
  if (warning === 0 || elapsed * second >= warning) return
  server.environment.log.log(
    me,
    `checkpoints are occurring too frequently (${elapsed} second${elapsed === 1 ? '' : 's'} apart)`,
    { hint: 'Consider increasing the configuration parameter "max_wal_size".' },
  )
}

/** The last checkpoint: nobody else writes any more. */
function* shutDown(self: Checkpointer): Coroutine {
  const { me, server, history } = self
  const { environment, shared } = server
  environment.log.log(me, 'shutting down')
  const options = {
    flags: checkpointFlags.isShutdown | checkpointFlags.immediate,
    history,
    isUrgent: () => true,
    *meanwhile() {},
  }
  try {
    if (shared.recovery.inRecovery) yield* restartpoint(self, options)
    else {
      yield* shared.walSenders.stop(me)
      // So that everything up to here is archived; the shutdown checkpoint is not.
      if (shared.wal.archiveStatus.isActive) yield* shared.wal.switchSegment(me)
      yield* createCheckpoint(me, environment, shared, options)
    }
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    yield* endWith(me, server, error)
  }
  if (!versionFacts(environment.version).checkpointerExitsByItself) {
    server.signalPostmaster('wal is shut down', me.cause)
    while (!me.received('USR2')) {
      yield* me.waitLatch({ waitEvent: 'CheckpointerShutdown' })
      me.latch.reset()
    }
  }
  saveStatistics(me, environment.data, shared.statistics)
}
