// What a standby must be told before it can synchronize slots: how it reaches its primary, with which slot, and that it
// says what it needs. Mirrors ValidateSlotSyncParams and CheckAndGetDbnameFromConninfo.

import { parseConninfo } from '../../replication/conninfo.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'

/** What is missing, as a sentence; undefined: nothing. */
export function missingSetting({ settings, version }: ServerEnvironment): string | undefined {
  const { settingName, settingChoice } = versionFacts(version)
  const requires = 'replication slot synchronization requires'
  if (settings.get('wal_level') !== 'logical')
    return `${requires} ${settingName('wal_level')} >= ${settingChoice('logical')}`
  if (settings.get('primary_slot_name') === '') return `${requires} ${settingName('primary_slot_name')} to be set`
  if (!settings.get('hot_standby_feedback')) {
    return `${requires} ${settingName('hot_standby_feedback')} to be enabled`
  }
  if (settings.get('primary_conninfo') === '') return `${requires} ${settingName('primary_conninfo')} to be set`
}

/** The database that is asked for slots. */
export function databaseOfPrimary({ settings }: ServerEnvironment): string {
  const database = parseConninfo(settings.get('primary_conninfo')).get('dbname')
  if (database !== undefined) return database
  return fail('22023', 'replication slot synchronization requires "dbname" to be specified in "primary_conninfo"')
}
