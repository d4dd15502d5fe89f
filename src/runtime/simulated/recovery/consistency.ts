// When the data that is replayed makes sense, and read-only sessions may come in. Mirrors CheckRecoveryConsistency.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { RecoveryContext } from './context.ts'
import { checkTablespaceDirectories } from './tablespace-redo.ts'

/** Whether the check would find nothing to do: all has been reached. */
export function isSettled({ services }: RecoveryContext): boolean {
  const { recovery, controlFile } = services
  return recovery.isConsistent && recovery.hotStandbyActive && controlFile.data.backupEndPoint === 0
}

export function* checkConsistency(
  me: Process,
  { environment, services, signalPostmaster, wasConsistent }: RecoveryContext,
): Coroutine {
  const { recovery, controlFile, redoPages, transactions } = services
  if (!recovery.inArchiveRecovery) return
  const { log, trace, settings } = environment
  const { backupEndPoint } = controlFile.data
  if (backupEndPoint !== 0 && backupEndPoint <= recovery.replayedEnd) {
    // A copy without a record of its end makes sense from as far on as its source was then.
    yield* controlFile.update(me, { backupStartPoint: 0, backupEndPoint: 0, backupEndRequired: false })
    recovery.backupEndedAt = recovery.replayedEnd
  }
  if (recovery.backupEndedAt > 0 && !recovery.isConsistent) {
    const end = formatLsn(recovery.backupEndedAt)
    log.log(me, `completed backup recovery with redo LSN ${formatLsn(recovery.backupRedo)} and end LSN ${end}`)
    recovery.backupEndedAt = 0
  }
  const { backupEndRequired, backupStartPoint, minRecoveryPoint } = controlFile.data
  const waitsForBackup = backupEndRequired || backupStartPoint !== 0
  if (!recovery.isConsistent && wasConsistent) {
    redoPages.reachedConsistency = true
    recovery.isConsistent = true
  }
  if (!recovery.isConsistent && !waitsForBackup && minRecoveryPoint <= recovery.replayedEnd) {
    redoPages.check(me)
    checkTablespaceDirectories(me, environment)
    redoPages.reachedConsistency = true
    recovery.isConsistent = true
    const line = log.log(me, `consistent recovery state reached at ${formatLsn(recovery.replayedEnd)}`)
    trace.emit('recovery.consistent', me.place, { lsn: recovery.replayedEnd }, line || me.cause)
  }
  const snapshotsAreRight = transactions.knownAssigned.ready
  if (recovery.isConsistent && !recovery.hotStandbyActive && snapshotsAreRight && settings.get('hot_standby')) {
    recovery.hotStandbyActive = true
    signalPostmaster('begin hot standby')
  }
}
