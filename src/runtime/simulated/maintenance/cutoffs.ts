// How far back a vacuum may go: which rows it may remove, which it must freeze, and whether it has to look at every page
// for that. Mirrors vacuum_set_xid_limits. Multixacts have no limits of their own here.

import type { SettingsReader } from '../settings/settings.ts'
import { FirstNormalXid, isNormal, precedes } from '../transactions/transaction-id.ts'
import type { Transactions } from '../transactions/transactions.ts'

export interface Cutoffs {
  /** Rows that were deleted before it can go. */
  readonly oldestXmin: number
  /** What is older must be frozen. */
  readonly freezeLimit: number
  /** No page may be skipped that is not all-frozen. */
  readonly isAggressive: boolean
  /** Somebody holds the horizon back dangerously far. */
  readonly isFarInThePast: boolean
}

export interface FreezeAges {
  /** -1: as the settings say. */
  readonly freezeMinAge: number
  readonly freezeTableAge: number
}

export function cutoffsOf(
  transactions: Transactions,
  settings: SettingsReader,
  relation: { readonly database: number; readonly frozenXid: number; readonly isCatalog: boolean },
  { freezeMinAge, freezeTableAge }: FreezeAges,
): Cutoffs {
  const maxAge = settings.get('autovacuum_freeze_max_age')
  const oldestXmin = transactions.oldestNonRemovable(relation.database, relation.isCatalog)
  const minAge = freezeMinAge < 0 ? settings.get('vacuum_freeze_min_age') : freezeMinAge
  const tableAge = freezeTableAge < 0 ? settings.get('vacuum_freeze_table_age') : freezeTableAge
  const limit = before(oldestXmin, Math.min(minAge, Math.floor(maxAge / 2)))
  const isFarInThePast = precedes(limit, before(transactions.nextXid, maxAge))
  const wholeTable = before(transactions.nextXid, Math.min(tableAge, Math.floor(maxAge * 0.95)))
  return {
    oldestXmin,
    freezeLimit: isFarInThePast ? oldestXmin : limit,
    isAggressive: isNormal(relation.frozenXid) && !precedes(wholeTable, relation.frozenXid),
    isFarInThePast,
  }
}

/** So many transactions before `xid`. */
export function before(xid: number, age: number): number {
  const earlier = (xid - age) >>> 0
  return isNormal(earlier) ? earlier : FirstNormalXid
}
