// The records that tell a standby which transactions run on its primary, so that its snapshots are right. Mirrors
// LogStandbySnapshot and standby_redo of standby.c, and ProcArrayApplyRecoveryInfo.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ProcArray } from '../shared/proc-array.ts'
import { type CommitLog, transactionStatus } from '../storage/commit-log.ts'
import { readInvalidations } from '../transactions/invalidation.ts'
import type { RunningTransactions } from '../transactions/known-assigned.ts'
import { standbyInfo } from '../transactions/standby-info.ts'
import { logStandbyLocks, readStandbyLocks, runningLocks } from '../transactions/standby-locks.ts'
import { earlier, previousXid } from '../transactions/transaction-id.ts'
import type { Transactions } from '../transactions/transactions.ts'
import { resourceManagerInfoMask, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import type { RecoveryState } from './recovery-state.ts'

/** Logs who runs now, and what they have locked; gives the record's end. A standby that begins here has right snapshots at once. */
export function logRunningTransactions(
  me: Process,
  {
    wal,
    transactions,
    recovery,
    procArray,
  }: { wal: Wal; transactions: Transactions; recovery: RecoveryState; procArray: ProcArray },
): number {
  const wasIdle = recovery.idleUpTo === wal.endLsn
  const locks = runningLocks(transactions.services.locks)
  if (locks.length > 0) logStandbyLocks(me, wal, locks)
  const running = runningNow(transactions, procArray)
  const record = wal.begin(resourceManagers.standby, standbyInfo.runningTransactions, 0)
  const { data } = record
  data.u32(running.xids.length - running.subxidCount)
  data.u32(running.subxidCount)
  data.u32(running.overflowed ? 1 : 0)
  data.u32(running.nextXid)
  data.u32(running.oldestRunning)
  data.u32(running.latestCompleted)
  for (const xid of running.xids) data.u32(xid)
  const end = wal.insert(me, record, false)
  wal.setAsyncCommitLsn(end)
  if (wasIdle) recovery.idleUpTo = end
  return end
}

function runningNow(transactions: Transactions, procArray: ProcArray): RunningTransactions {
  const running = procArray.procs.filter(proc => proc.xid !== 0)
  const subxids = running.flatMap(proc => proc.subxids)
  return {
    xids: [...running.map(proc => proc.xid), ...subxids],
    subxidCount: subxids.length,
    overflowed: false,
    nextXid: transactions.nextXid,
    oldestRunning: transactions.oldestRunning(),
    latestCompleted: transactions.latestCompleted,
  }
}

export function readRunningTransactions({ data }: WalRecord): RunningTransactions {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const subxidCount = view.getUint32(4, true)
  const count = view.getUint32(0, true) + subxidCount
  return {
    xids: Array.from({ length: count }, (_, index) => view.getUint32(24 + 4 * index, true)),
    subxidCount,
    overflowed: view.getUint32(8, true) !== 0,
    nextXid: view.getUint32(12, true),
    oldestRunning: view.getUint32(16, true),
    latestCompleted: view.getUint32(20, true),
  }
}

export class StandbyRedo implements ResourceManager {
  readonly id = resourceManagers.standby
  readonly name = 'Standby'
  private readonly transactions: Transactions
  private readonly commitLog: CommitLog

  constructor(transactions: Transactions, commitLog: CommitLog) {
    this.transactions = transactions
    this.commitLog = commitLog
  }

  *redo(_me: Process, record: WalRecord): Coroutine {
    const { conflicts, inRecovery, standbyLocks } = this.transactions
    if (!inRecovery) return
    const operation = record.info & resourceManagerInfoMask
    if (operation === standbyInfo.lock && conflicts.isHotStandby) {
      for (const lock of readStandbyLocks(record)) {
        if (this.commitLog.status(lock.xid) === transactionStatus.inProgress) yield* standbyLocks.acquire(lock)
      }
    }
    if (operation === standbyInfo.invalidations) this.transactions.invalidations.send(readInvalidations(record))
    if (operation !== standbyInfo.runningTransactions) return
    this.apply(readRunningTransactions(record))
  }

  /** A shutdown checkpoint: nobody runs but what is prepared. */
  applyShutdown(nextXid: number): void {
    const { prepared } = this.transactions
    const xids = prepared.ids()
    this.apply({
      xids,
      subxidCount: xids.length - prepared.all.length,
      overflowed: false,
      nextXid,
      oldestRunning: xids.reduce(earlier, nextXid),
      latestCompleted: previousXid(nextXid),
    })
  }

  private apply(running: RunningTransactions): void {
    const { transactions, commitLog } = this
    transactions.advancePast(previousXid(running.nextXid))
    transactions.knownAssigned.apply(running, xid => commitLog.status(xid) !== 0)
    transactions.standbyLocks.releaseBefore(running.oldestRunning)
    transactions.latestCompleted = running.latestCompleted
  }
}
