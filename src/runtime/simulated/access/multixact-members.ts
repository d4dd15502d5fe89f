// What the members of a multixact that stands in a tuple's xmax mean for the tuple. Mirrors HeapTupleGetUpdateXid and
// MultiXactIdIsRunning.

import { memberStatus } from '../transactions/multixacts.ts'
import type { Transactions } from '../transactions/transactions.ts'

/** Who changed the tuple; 0 if all have only locked it. */
export function updaterOf(transactions: Transactions, multi: number): number {
  for (const { xid, status } of transactions.multiXacts.members(multi)) {
    if (status >= memberStatus.noKeyUpdate) return xid
  }
  return 0
}

export function isMultiRunning(transactions: Transactions, multi: number): boolean {
  return transactions.multiXacts.members(multi).some(({ xid }) => transactions.isInProgress(xid))
}
