// Freezing: tuples old enough lose their transactions, so that xids can be given out again. Mirrors
// heap_prepare_freeze_tuple, without multixacts that must be made anew: vacuum leaves those alone.

import { earlier, precedes } from '../transactions/transaction-id.ts'
import type { Transactions } from '../transactions/transactions.ts'
import {
  type HeapTuple,
  HotUpdated,
  isXmaxLockedOnly,
  KeysUpdated,
  XmaxBits,
  XmaxInvalid,
  XmaxIsMulti,
  XminFrozen,
} from './heap-tuple.ts'

/** What becomes of a tuple's header. */
export interface Freezing {
  readonly offset: number
  readonly xmax: number
  readonly mask: number
  readonly mask2: number
}

/**
 * Undefined if there is nothing to freeze. `totally`: nothing unfrozen is left; `oldest`: what is the oldest that is
 * left, 0 if nothing.
 */
export function prepareFreeze(
  transactions: Transactions,
  tuple: HeapTuple,
  cutoff: number,
): { readonly freezing: Freezing | undefined; readonly totally: boolean; readonly oldest: number } {
  let { mask, mask2, xmax } = tuple
  const freezesXmin = !tuple.isXminFrozen && precedes(tuple.xmin, cutoff)
  if (freezesXmin) mask |= XminFrozen
  let xmaxIsGone = (mask & XmaxInvalid) !== 0
  const isMulti = (mask & XmaxIsMulti) !== 0
  if (!xmaxIsGone && !isMulti && xmax !== 0 && precedes(xmax, cutoff)) {
    if (isXmaxLockedOnly(mask) || !transactions.didCommit(xmax)) {
      xmax = 0
      mask = (mask & ~XmaxBits) | XmaxInvalid
      mask2 &= ~(HotUpdated | KeysUpdated)
      xmaxIsGone = true
    }
  }
  const xminIsGone = tuple.isXminFrozen || freezesXmin
  const totally = xminIsGone && xmaxIsGone
  let oldest = xminIsGone ? 0 : tuple.xmin
  if (!xmaxIsGone && xmax !== 0 && !isMulti) oldest = oldest === 0 ? xmax : earlier(oldest, xmax)
  if (mask === tuple.mask && xmax === tuple.xmax) return { freezing: undefined, totally, oldest }
  return { freezing: { offset: tuple.tid % 0x1_0000, xmax, mask, mask2 }, totally, oldest }
}

export function freezeTuple(tuple: HeapTuple, freezing: Omit<Freezing, 'offset'>): void {
  tuple.xmax = freezing.xmax
  tuple.mask = freezing.mask
  tuple.mask2 = freezing.mask2
}
