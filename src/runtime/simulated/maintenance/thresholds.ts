// Whether a table needs a vacuum or an analyze now, by its counts, its age and its storage parameters. Mirrors
// relation_needs_vacanalyze, and the part of table_recheck_autovac that says how it is to be done.

import type { ClassRow } from '../catalog/class-row.ts'
import type { SettingsReader } from '../settings/settings.ts'
import type { DatabaseStatistics } from '../statistics/cumulative-statistics.ts'
import { isNormal, precedes } from '../transactions/transaction-id.ts'
import { before } from './cutoffs.ts'

export interface Need {
  readonly vacuum: boolean
  readonly analyze: boolean
  /** Its transaction ids would run out. */
  readonly isWraparound: boolean
}

/** Settings that a table can have for itself. */
type TableSetting =
  | 'autovacuum_freeze_max_age'
  | 'autovacuum_vacuum_max_threshold'
  | `autovacuum_${'vacuum' | 'vacuum_insert' | 'analyze'}_${'threshold' | 'scale_factor'}`

const nothing: Need = { vacuum: false, analyze: false, isWraparound: false }

export function needOf(
  row: ClassRow,
  statistics: DatabaseStatistics | undefined,
  settings: SettingsReader,
  nextXid: number,
  /** Which part of its pages is not all-frozen; before 18 all count. */
  unfrozen: number,
): Need {
  const option = (name: TableSetting) => numericOption(row, name) ?? settings.get(name)
  const maxAge = Math.min(option('autovacuum_freeze_max_age'), settings.get('autovacuum_freeze_max_age'))
  const frozenXid = row.get('relfrozenxid')
  const isWraparound = isNormal(frozenXid) && precedes(frozenXid, before(nextXid, maxAge))
  if (!isEnabled(row) && !isWraparound) return nothing
  const counts = statistics?.find(row.get('oid'))
  if (!counts || !isAutovacuumActive(settings)) return { vacuum: isWraparound, analyze: false, isWraparound }
  const tuples = Math.max(0, row.get('reltuples'))
  const threshold = (name: 'vacuum' | 'vacuum_insert' | 'analyze', part = 1) =>
    Math.fround(option(`autovacuum_${name}_threshold`) + option(`autovacuum_${name}_scale_factor`) * tuples * part)
  // 18 has a limit for it.
  const most = option('autovacuum_vacuum_max_threshold') ?? -1
  const dead = most >= 0 ? Math.min(most, threshold('vacuum')) : threshold('vacuum')
  const inserts = option('autovacuum_vacuum_insert_threshold')
  return {
    vacuum:
      isWraparound ||
      counts.dead > dead ||
      (inserts >= 0 && counts.insertedSinceVacuum > threshold('vacuum_insert', unfrozen)),
    analyze: counts.modifiedSinceAnalyze > threshold('analyze'),
    isWraparound,
  }
}

/** Without counts there is nothing to go by. */
export function isAutovacuumActive(settings: SettingsReader): boolean {
  return settings.get('autovacuum') && settings.get('track_counts')
}

function isEnabled(row: ClassRow): boolean {
  const own = row.options.get('autovacuum_enabled')
  return own === undefined || own === 'true' || own === 'on'
}

/** A storage parameter as a number; undefined if the table has none of its own, or one that says so. */
export function numericOption(row: ClassRow, name: string): number | undefined {
  const text = row.options.get(name)
  if (text === undefined) return undefined
  const value = Number(text)
  const isDisabledInserts = name === 'autovacuum_vacuum_insert_threshold' && value === -1
  return value >= 0 || isDisabledInserts ? value : undefined
}
