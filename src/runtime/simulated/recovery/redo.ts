// The redo loop: replays record after record until the WAL ends, a target is reached, or a promotion ends it. Mirrors PerformWalRecovery,
// ApplyWalRecord and ReadRecord of xlogrecovery.c.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { fatal } from '../shared/error.ts'
import { formatTimestampTz } from '../shared/timestamp.ts'
import { endOfTransaction } from '../transactions/commit-record.ts'
import type { WalRecord } from '../wal/record.ts'
import { checkConsistency, isSettled } from './consistency.ts'
import type { RecoveryContext } from './context.ts'
import { type RecoveryStop, stopsAfter, stopsBefore } from './recovery-target.ts'
import { delayCommit, pauseAtEnd, pauseIfAsked } from './replay-pause.ts'
import { checkRequiredParameters, isParameterChange } from './required-parameters.ts'
import type { StartPoint } from './start-point.ts'
import { enterArchiveRecovery } from './state-changes.ts'
import { verifyOverwrite } from './verify-overwrite.ts'
import { type Switch, timelineOf } from './xlog-redo.ts'

/** CPU time of one record besides what its pages cost, in nanoseconds. */
const applyCost = 900
/** Leaving shared memory: callbacks, locks, files. */
const exitCost = 200_000

/** Replays; gives why it stopped before the end of the WAL, if it did. */
export function* redo(me: Process, context: RecoveryContext, start: StartPoint): Coroutine<RecoveryStop | undefined> {
  const { environment, services } = context
  const { recovery } = services
  const { log, trace } = environment
  const { reader, source, record: checkpoint, checkPoint } = start
  recovery.replayedTimeline = checkPoint.timeline
  context.signalPostmaster('recovery started')
  if (checkPoint.redo < checkpoint.start) {
    reader.begin(checkPoint.redo)
    source.seek()
  }
  recovery.replayedEnd = checkPoint.redo < checkpoint.start ? checkPoint.redo : checkpoint.end
  recovery.replayedStart = checkPoint.redo
  yield* checkConsistency(me, context)
  const complaints: Complaints = { last: -1 }
  const record = yield* readRecord(me, context, start, complaints)
  if (!record) {
    log.log(me, 'redo is not required')
    refuseUnreached(context, start, undefined)
    return undefined
  }
  const began = me.now()
  const line = log.log(me, `redo starts at ${formatLsn(record.start)}`)
  me.cause =
    trace.emit(
      'recovery.started',
      me.place,
      { redo: record.start, timeline: recovery.replayedTimeline },
      line || me.cause,
    ) || me.cause
  const stop = yield* me.loop(replay(me, context, start, record, complaints))
  if (stop) yield* reachTarget(me, context, stop)
  const usage = `CPU: user: ${cpu(me)} s, system: 0.00 s, elapsed: ${seconds(me.now() - began)} s`
  log.log(me, `redo done at ${formatLsn(recovery.replayedStart)} system usage: ${usage}`)
  if (recovery.inArchiveRecovery && recovery.lastTransactionTime !== undefined) {
    log.log(me, `last completed transaction was at log time ${formatTimestampTz(recovery.lastTransactionTime)}`)
  }
  trace.emit(
    'recovery.redo_done',
    me.place,
    { lsn: recovery.replayedEnd, timeline: recovery.replayedTimeline, records: recovery.records },
    me.cause,
  )
  refuseUnreached(context, start, stop)
  return stop

  function cpu(process: Process): string {
    return seconds(Math.min(process.now() - began, recovery.records * applyCost))
  }
}

/** From this record on, until the WAL ends or gives a reason to stop. */
function* replay(
  me: Process,
  context: RecoveryContext,
  start: StartPoint,
  first: WalRecord,
  complaints: Complaints,
): Coroutine<RecoveryStop | undefined> {
  const { environment, services } = context
  const { recovery } = services
  const { settings } = environment
  const { reader, source, target } = start
  let record: WalRecord | undefined = first
  while (record) {
    if (recovery.isPauseWanted) yield* pauseIfAsked(me, context)
    const before = stopsBefore(target, record, recovery.isConsistent)
    if (before) return before
    if (settings.get('recovery_min_apply_delay') > 0) yield* delayCommit(me, context, record)
    verifyOverwrite(me, environment, reader, record)
    context.checkForInterrupts()
    const branch = branchTo(record, recovery.replayedTimeline)
    if (branch) recovery.replayedTimeline = branch.timeline
    const rest = beginRecord(me, context, record)
    if (rest) yield* rest
    if (isParameterChange(record)) yield* checkRequiredParameters(me, context)
    endRecord(me, context, record, branch)
    if (recovery.inArchiveRecovery && !isSettled(context)) yield* checkConsistency(me, context)
    while (me.mustYield()) yield
    const after = stopsAfter(target, record, recovery.isConsistent)
    if (after) return after
    source.recordLsn = reader.end
    record = reader.tryNext() ?? (yield* readRecord(me, context, start, complaints))
  }
  return undefined
}

function seconds(nanoseconds: number): string {
  return (Math.floor(nanoseconds / 10_000_000) / 100).toFixed(2)
}

/** The target is reached: what recovery_target_action says comes now. */
function* reachTarget(me: Process, context: RecoveryContext, { message }: RecoveryStop): Coroutine {
  const { environment, services } = context
  const { recovery } = services
  const { settings, log } = environment
  log.log(me, message)
  if (!recovery.isConsistent) fatal('XX000', 'requested recovery stop point is before consistent recovery point')
  const action = settings.get('recovery_target_action')
  // Nobody could tell a server to go on that lets nobody in.
  if (action === 'shutdown' || (action === 'pause' && !settings.get('hot_standby'))) {
    // Until it is gone the postmaster has heard of all that it signalled before.
    me.charge(exitCost)
    yield* me.pause()
    me.exit(3)
  }
  if (action === 'pause') yield* pauseAtEnd(me, context)
}

function refuseUnreached(
  { environment, services }: RecoveryContext,
  { target }: StartPoint,
  stop: RecoveryStop | undefined,
): void {
  if (!services.recovery.archiveRequested || target === undefined || stop) return
  const sqlstate = environment.version < 18 ? 'XX000' : 'F0000'
  fatal(sqlstate, 'recovery ended before configured recovery target was reached')
}

/** The place in pg_wal of which was said last that the WAL ends there. */
interface Complaints {
  last: number
}

/** The next record; on a standby this waits for it, and gives up only when it is promoted. */
function* readRecord(
  me: Process,
  context: RecoveryContext,
  { reader, source, isForStandby }: StartPoint,
  complaints: Complaints,
): Coroutine<WalRecord | undefined> {
  const { environment, services } = context
  const { recovery } = services
  for (;;) {
    source.recordLsn = reader.end
    const record = yield* reader.next(me)
    if (record) return record
    const { ending } = reader
    if (ending?.message !== undefined) {
      // What was said of a place in pg_wal is not said again.
      const isRepeated = source.readFrom === 'pg_wal' && complaints.last === ending.lsn
      if (source.readFrom === 'pg_wal') complaints.last = ending.lsn
      if (!isRepeated) environment.log.log(me, ending.message)
    }
    source.fail()
    if (recovery.archiveRequested && !recovery.inArchiveRecovery) {
      // All that a crash has left in pg_wal is replayed: what follows comes from elsewhere.
      yield* enterArchiveRecovery(me, context, reader.end)
      recovery.isStandby = isForStandby
      source.startOver()
      continue
    }
    if (!recovery.isStandby || context.isPromoteRequested()) return undefined
    yield* me.pause()
  }
}

/** Where the record leaves the timeline that was replayed so far, if it does. */
function branchTo(record: WalRecord, timeline: number): Switch | undefined {
  const branch = timelineOf(record)
  return branch?.timeline === timeline ? undefined : branch
}

/** Replays the record; gives what of that is left to wait for. */
function beginRecord(me: Process, { services }: RecoveryContext, record: WalRecord): Coroutine | undefined {
  const { recovery, transactions } = services
  if (record.xid !== 0) {
    if (recovery.archiveRequested) transactions.observe(record.xid)
    else transactions.advancePast(record.xid)
  }
  const manager = services.resourceManagers.get(record.resourceManager)
  if (!manager) throw new Error(`no redo for resource manager ${record.resourceManager}`)
  me.charge(applyCost)
  recovery.record = record
  return manager.redo(me, record)
}

/** `branch`: the record is the first one of another timeline. */
function endRecord(me: Process, context: RecoveryContext, record: WalRecord, branch: Switch | undefined): void {
  const { services, environment } = context
  const { recovery } = services
  recovery.record = undefined
  const ended = endOfTransaction(record)
  if (ended) recovery.lastTransactionTime = ended.time
  recovery.replayedStart = record.start
  recovery.replayedEnd = record.end
  recovery.records++
  const { trace } = environment
  if (branch) {
    const { timeline, previous: from } = branch
    trace.emit('timeline.switched', me.place, { timeline, from, lsn: record.start }, me.cause)
  }
  if (trace.wants('wal.replayed')) trace.emit('wal.replayed', me.place, { lsn: record.end }, me.cause)
  if (!recovery.inArchiveRecovery) return
  // Standbys of this standby have had it since it was flushed, but are on the timeline that ends here.
  if (branch) services.requests.wakeWalSenders(me.cause)
  else services.requests.wakeLogicalSenders(me.cause)
  if (ended?.applyFeedback) services.walReceiver.forceReply(me.cause)
}
