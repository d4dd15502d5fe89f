// How much the WAL tells: enough for a crash, for a standby, for who decodes it. Mirrors enum WalLevel of xlog.h.

import { fail } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import type { Version } from './page-header.ts'

export const walLevels = ['minimal', 'replica', 'logical'] as const

export type WalLevel = (typeof walLevels)[number]

/** As records and pg_control have it. */
export function codeOf(level: WalLevel): number {
  return walLevels.indexOf(level)
}

/** What needs more than minimal, as its message calls it: fails with 55000. */
export function refuseMinimal(wal: { readonly isMinimal: boolean }, version: Version, what: string): void {
  if (!wal.isMinimal) return
  const setting = versionFacts(version).settingName('wal_level')
  fail('55000', `WAL level not sufficient for ${what}`, {
    hint: `${setting} must be set to "replica" or "logical" at server start.`,
  })
}
