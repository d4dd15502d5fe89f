// Replay that is held: by pg_wal_replay_pause(), or because a commit is too young for recovery_min_apply_delay. Mirrors
// recoveryPausesHere and recoveryApplyDelay of xlogrecovery.c.

import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { endOf, readEndOfTransaction } from '../transactions/commit-record.ts'
import type { WalRecord } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { RecoveryContext } from './context.ts'

/** Returns when replay may go on: at once if nobody wants it held. A promotion ends it too. */
export function* pauseIfAsked(me: Process, context: RecoveryContext): Coroutine {
  if (!context.services.recovery.isPauseWanted) return
  yield* pause(me, context, 'recovery has paused', 'Execute pg_wal_replay_resume() to continue.')
}

/** At its target the server serves readers until it is told to go on. */
export function* pauseAtEnd(me: Process, context: RecoveryContext): Coroutine {
  context.services.recovery.setPause(true, me.cause)
  yield* pause(me, context, 'pausing at the end of recovery', 'Execute pg_wal_replay_resume() to promote.')
}

function* pause(me: Process, context: RecoveryContext, message: string, hint: string): Coroutine {
  const { environment, services } = context
  const { recovery } = services
  if (!recovery.hotStandbyActive || recovery.promoteTriggered) return
  const line = environment.log.log(me, message, { hint })
  environment.trace.emit('recovery.paused', me.place, {}, line || me.cause)
  while (recovery.isPauseWanted) {
    context.checkForInterrupts()
    if (context.isPromoteRequested()) return
    recovery.pauseState = 'paused'
    yield* recovery.resumed.sleep(me, 'RecoveryPause', me.now() + second)
  }
}

/**
 * Before a commit is replayed, where recovery_min_apply_delay is set: so long after it was made. What a promotion finds is
 * replayed at once.
 */
export function* delayCommit(me: Process, context: RecoveryContext, record: WalRecord): Coroutine {
  const { environment, services } = context
  const { recovery } = services
  const delay = () => environment.settings.get('recovery_min_apply_delay')
  if (!recovery.isConsistent || !recovery.inArchiveRecovery) return
  if (record.resourceManager !== resourceManagers.transaction) return
  if (endOf(record.info) !== 'commit') return
  const { time } = readEndOfTransaction(record.info, record.data)
  if (me.now() >= time + delay()) return
  while (me.now() < time + delay()) {
    me.latch.reset()
    context.checkForInterrupts()
    if (context.isPromoteRequested()) break
    yield* me.waitLatch({ until: time + delay(), waitEvent: 'RecoveryApplyDelay' })
    yield* me.pause()
  }
  yield* pauseIfAsked(me, context)
}
