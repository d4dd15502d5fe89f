// Which transactions a query sees: those that had ended when the snapshot was taken. Mirrors snapshot.h and
// XidInMVCCSnapshot; snapshots are taken in transactions.ts, tuples judged by them in visibility.ts.

import { precedes } from './transaction-id.ts'

export interface Snapshot {
  /** Every transaction before it had ended. */
  readonly xmin: number
  /** No transaction from it on had ended. */
  readonly xmax: number
  /** Those in between that were running, their subtransactions too, sorted by number. */
  readonly running: readonly number[]
  /** Of this transaction's own changes those of earlier commands are seen. */
  readonly commandId: number
  readonly takenInRecovery: boolean
}

/** Whether the snapshot saw the transaction as running. */
export function isRunningIn(xid: number, snapshot: Snapshot): boolean {
  if (precedes(xid, snapshot.xmin)) return false
  if (!precedes(xid, snapshot.xmax)) return true
  const { running } = snapshot
  if (running.length <= 8) return running.includes(xid)
  let low = 0
  let high = running.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (running[middle] < xid) low = middle + 1
    else high = middle
  }
  return running[low] === xid
}
