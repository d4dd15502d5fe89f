// Collects the changes of transactions that run side by side, and hands each transaction's out in one piece when it
// commits, those of its subtransactions among them. Mirrors reorderbuffer.c. Everything stays in memory.

import { precedes } from '../transactions/transaction-id.ts'
import type { Change } from './changes.ts'
import type { HistoricSnapshot } from './snapshot-builder.ts'

export interface BufferedTransaction {
  readonly xid: number
  /** Its first record. */
  readonly firstLsn: number
  /** Where decoding would have to begin to see all of it; 0: not known. */
  readonly restartLsn: number
  readonly changes: Change[]
  /** Of its first change; undefined: it has made none that would be decoded. */
  baseSnapshot: HistoricSnapshot | undefined
}

export class ReorderBuffer {
  /** By xid, in the order of their first records; subtransactions are told apart when they commit. */
  private readonly transactions = new Map<number, BufferedTransaction>()
  /** The last place where decoding could begin. */
  restartLsn = 0

  /** A record of the transaction was read. */
  touch(xid: number, lsn: number): BufferedTransaction {
    let transaction = this.transactions.get(xid)
    if (!transaction) {
      transaction = { xid, firstLsn: lsn, restartLsn: this.restartLsn, changes: [], baseSnapshot: undefined }
      this.transactions.set(xid, transaction)
    }
    return transaction
  }

  add(xid: number, change: Change): void {
    const transaction = this.touch(xid, change.lsn)
    transaction.baseSnapshot ??= change.snapshot
    transaction.changes.push(change)
  }

  /** Takes a transaction out, with what its subtransactions did. Undefined: nothing was read of it. */
  take(xid: number, subxids: readonly number[]): BufferedTransaction | undefined {
    const parts = [xid, ...subxids].flatMap(each => this.transactions.get(each) ?? [])
    for (const { xid: part } of parts) this.transactions.delete(part)
    if (parts.length < 2) return parts[0] && { ...parts[0], xid }
    const first = parts.reduce((a, b) => (b.firstLsn < a.firstLsn ? b : a))
    return {
      xid,
      firstLsn: first.firstLsn,
      restartLsn: first.restartLsn,
      baseSnapshot: parts.find(part => part.baseSnapshot)?.baseSnapshot,
      changes: parts.flatMap(part => part.changes).sort((a, b) => a.lsn - b.lsn),
    }
  }

  /** Those that were running in a crash left no record of their end. */
  forgetBefore(oldestRunning: number): void {
    for (const xid of this.transactions.keys()) if (precedes(xid, oldestRunning)) this.transactions.delete(xid)
  }

  /** The one that began first. */
  get oldest(): BufferedTransaction | undefined {
    return this.transactions.values().next().value
  }

  /** The oldest transaction whose catalog a buffered change may need; undefined: none needs any. */
  get oldestXmin(): number | undefined {
    for (const { baseSnapshot } of this.transactions.values()) if (baseSnapshot) return baseSnapshot.xmin
    return undefined
  }
}
