// Whether a version of a row is the current one, by what is known of the transactions alone: for who looks at a catalog
// without a transaction of its own, and leaves no hints behind.

import type { Transactions } from '../transactions/transactions.ts'
import { type HeapTuple, XmaxInvalid, XmaxIsMulti, XmaxLockOnly, XminFrozen } from './heap-tuple.ts'
import { updaterOf } from './multixact-members.ts'

/** `had`: whether a transaction had committed at the moment that is asked for. */
export function isCurrentVersion(
  transactions: Transactions,
  { mask, xmin, xmax }: HeapTuple,
  had: (xid: number) => boolean,
): boolean {
  if ((mask & XminFrozen) !== XminFrozen && !had(xmin)) return false
  if ((mask & XmaxInvalid) !== 0 || (mask & XmaxLockOnly) !== 0 || xmax === 0) return true
  return !had((mask & XmaxIsMulti) !== 0 ? updaterOf(transactions, xmax) : xmax)
}
