// PREPARE TRANSACTION hands a transaction over to a proc without a process; COMMIT PREPARED and ROLLBACK PREPARED end it
// from any session; a start takes over what was prepared before. Mirrors PrepareTransaction of xact.c, and
// FinishPreparedTransaction and RecoverPreparedTransactions of twophase.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Proc } from '../shared/proc.ts'
import { TableChanges } from '../statistics/table-changes.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { type EndOfTransaction, writeEndOfTransaction, xactInfo } from './commit-record.ts'
import type { Level } from './level.ts'
import { encodePrepared, type PreparedState } from './prepared-state.ts'
import type { PreparedTransaction } from './prepared-transactions.ts'
import type { Commit, RunningTransaction } from './running-transaction.ts'
import type { Transactions } from './transactions.ts'

/** Everything up to where the session may forget the transaction; `level` is its top one. */
export function* prepare(
  transactions: Transactions,
  { me, proc }: { readonly me: Process; readonly proc: Proc },
  level: Level,
  gid: string,
): Coroutine {
  const { prepared, services } = transactions
  const { wal, locks } = services
  const taken = locks.ofTransaction(proc)
  const entry = prepared.begin(gid, level.xid)
  try {
    const state = stateOf(me, proc, level, gid, taken)
    proc.delaysCheckpoint = true
    const record = wal.begin(resourceManagers.transaction, xactInfo.prepare, level.xid)
    record.data.append(encodePrepared(state))
    entry.lsn = wal.insert(me, record)
    yield* wal.flush(me, entry.lsn)
    entry.state = state
  } catch (error) {
    prepared.remove(entry)
    proc.delaysCheckpoint = false
    throw error
  }
  const heir = addProc(transactions, me, entry, proc.virtualTransaction)
  proc.delaysCheckpoint = false
  entry.isLocked = true
  yield* services.waitForSynchronousStandbys(me, proc, entry.lsn)
  entry.isLocked = false
  transactions.handOver(proc)
  locks.handOver(proc, heir)
}

function stateOf(me: Process, proc: Proc, level: Level, gid: string, locks: PreparedState['locks']): PreparedState {
  return {
    gid,
    xid: level.xid,
    database: proc.databaseId,
    owner: proc.roleId,
    preparedAt: me.now(),
    subxids: level.children,
    filesAtCommit: level.filesAtCommit,
    filesAtAbort: level.filesAtAbort,
    dropped: level.dropped,
    invalidations: level.invalidations,
    locks,
    counts: [...(level.changes ?? [])].map(([relation, changes]) => ({ relation, ...changes.both() })),
  }
}

/** MarkAsPrepared: from now on it runs without the session. */
function addProc(
  transactions: Transactions,
  me: Process,
  entry: PreparedTransaction,
  virtualTransaction: string,
): Proc {
  const { services, environment } = transactions
  const { xid, state } = entry
  const proc = services.procArray.addPrepared(me, environment.settings, virtualTransaction)
  proc.databaseId = state!.database
  proc.roleId = state!.owner
  transactions.resume(proc, xid, state!.subxids)
  entry.proc = proc
  return proc
}

/** COMMIT PREPARED and ROLLBACK PREPARED, in the transaction of the session that says it; gives the commit, if it was one. */
export function* finishPrepared(
  transaction: RunningTransaction,
  gid: string,
  isCommit: boolean,
): Coroutine<Commit | undefined> {
  const { transactions, me, proc } = transaction
  const { prepared, services } = transactions
  const entry = prepared.lock(gid)
  const { state, xid } = entry
  const { subxids, filesAtCommit, filesAtAbort, invalidations, counts, dropped } = state!
  const end: EndOfTransaction = {
    time: me.now(),
    subxids,
    database: state!.database,
    files: isCommit ? filesAtCommit : filesAtAbort,
    invalidations: isCommit ? invalidations : [],
    forcesFlush: false,
    applyFeedback: isCommit && proc.settings.get('synchronous_commit') === 'remote_apply',
    // Whatever it took: a standby looks for itself.
    accessExclusiveLocks: true,
    preparedXid: xid,
    origin: undefined,
  }
  const lsn = yield* writeFinish(transaction, end, isCommit)
  const heir = entry.proc!
  transactions.ended(heir)
  services.procArray.remove(heir)
  for (const locator of end.files) services.storage.drop(locator)
  if (isCommit && invalidations.length > 0) transactions.invalidations.send(invalidations)
  services.locks.releaseAll(heir, 'session')
  for (const { relation, now, before } of counts) {
    transaction.statistics.settle(relation, TableChanges.of(now, before), isCommit)
  }
  if (isCommit) for (const relation of dropped) transaction.statistics.dropped(relation)
  prepared.remove(entry)
  return isCommit ? { xid, lsn, asynchronous: false } : undefined
}

/** RecordTransactionCommitPrepared and RecordTransactionAbortPrepared: both are flushed, for the file goes. */
function* writeFinish(
  { transactions, me, proc }: RunningTransaction,
  end: EndOfTransaction,
  isCommit: boolean,
): Coroutine<number> {
  const { wal, waitForSynchronousStandbys } = transactions.services
  const { trace } = transactions.environment
  const xid = end.preparedXid
  proc.delaysCheckpoint = isCommit
  const operation = isCommit ? xactInfo.commitPrepared : xactInfo.abortPrepared
  const record = wal.begin(resourceManagers.transaction, operation, 0)
  if (writeEndOfTransaction(end, record)) record.info |= xactInfo.hasFlags
  const lsn = wal.insert(me, record)
  if (isCommit) trace.emit('transaction.logged', me.place, { xid, lsn }, me.cause)
  yield* wal.flush(me, lsn)
  transactions.mark(xid, end.subxids, isCommit)
  proc.delaysCheckpoint = false
  if (isCommit) trace.emit('transaction.committed', me.place, { xid, lsn, asynchronous: false }, me.cause)
  else trace.emit('transaction.aborted', me.place, { xid }, me.cause)
  yield* waitForSynchronousStandbys(me, proc, lsn)
  return lsn
}

/** After redo: what was prepared runs here again, with its locks. */
export function recoverPrepared(me: Process, transactions: Transactions): void {
  const { prepared, services, standbyLocks, environment } = transactions
  for (const entry of prepared.all) {
    const { xid, state } = entry
    environment.log.log(me, `recovering prepared transaction ${xid} from shared memory`)
    const proc = addProc(transactions, me, entry, `-1/${xid}`)
    for (const { tag, mode } of state!.locks) services.locks.grant(proc, tag, mode)
    standbyLocks.release(xid, state!.subxids)
  }
}
