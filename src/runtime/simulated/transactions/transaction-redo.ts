// Replays commits and aborts, and multixacts. Mirrors xact_redo: what ended on the primary ends here, its files go, its
// locks are released, caches are told.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { RelationLocator, WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import { endOf, endOfTransaction, xactInfo } from './commit-record.ts'
import { decodePrepared } from './prepared-state.ts'
import type { Transactions } from './transactions.ts'

export class TransactionRedo implements ResourceManager {
  readonly id = resourceManagers.transaction
  readonly name = 'Transaction'
  private readonly transactions: Transactions

  constructor(transactions: Transactions) {
    this.transactions = transactions
  }

  redo(me: Process, record: WalRecord): Coroutine | undefined {
    const { transactions } = this
    const { origins } = transactions.services
    if ((record.info & xactInfo.operationMask) === xactInfo.prepare) {
      this.prepare(record)
      return undefined
    }
    const end = endOfTransaction(record)
    if (!end) throw new Error(`no redo for transaction record ${record.info}`)
    const committed = endOf(record.info) === 'commit'
    const xid = end.preparedXid || record.xid
    transactions.advancePast(newest(xid, end.subxids))
    // As if it were asynchronous: a page of the commit log may not be written before the record is.
    transactions.mark(xid, end.subxids, committed, committed ? record.end : 0)
    transactions.endedElsewhere(xid, end.subxids)
    const { trace } = transactions.environment
    if (committed && trace.wants('transaction.replayed')) {
      trace.emit('transaction.replayed', me.place, { xid, lsn: record.end }, me.cause)
    }
    if (end.preparedXid !== 0) transactions.prepared.endedElsewhere(xid)
    if (committed && end.origin) origins.advance(record.origin, end.origin.lsn, record.end)
    if (committed) transactions.invalidations.send(end.invalidations)
    if (end.accessExclusiveLocks) transactions.standbyLocks.release(xid, end.subxids)
    return end.files.length === 0 && !end.forcesFlush ? undefined : this.drop(me, record, end.files)
  }

  /** Files can't be brought back: recovery may not end before this record from now on. */
  private *drop(me: Process, record: WalRecord, files: readonly RelationLocator[]): Coroutine {
    const { storage, wal } = this.transactions.services
    yield* wal.flush(me, record.end)
    for (const locator of files) storage.drop(locator, true)
  }

  /** It goes on running, here as there. */
  private prepare(record: WalRecord): void {
    const state = decodePrepared(record.data)
    if (!state) throw new Error(`the record at ${record.start} is of no prepared transaction`)
    this.transactions.advancePast(newest(record.xid, state.subxids))
    this.transactions.prepared.add(state, record.end, false)
  }
}

function newest(xid: number, subxids: readonly number[]): number {
  return subxids.reduce((latest, each) => Math.max(latest, each), xid)
}

export class MultiXactRedo implements ResourceManager {
  readonly id = resourceManagers.multiXact
  readonly name = 'MultiXact'
  private readonly transactions: Transactions

  constructor(transactions: Transactions) {
    this.transactions = transactions
  }

  redo(_me: Process, record: WalRecord): undefined {
    this.transactions.multiXacts.redo(record)
  }
}
