// Settings that each are right by themselves, and with which together no server starts. Mirrors the checks of
// PostmasterMain; those that a scenario can only get wrong from the beginning are diagnosed there.

import type { ServerEnvironment } from '../../shared/environment.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'

/** Before anything is touched. */
export function checkSettings({ settings, version }: ServerEnvironment): void {
  if (settings.get('wal_level') !== 'minimal') return
  const { settingName } = versionFacts(version)
  const level = settingName('wal_level')
  if (settings.get('archive_mode') !== 'off') fail('XX000', `WAL archival cannot be enabled when ${level} is "minimal"`)
  if (settings.get('max_wal_senders') > 0) {
    const requires = version < 17 ? `${level} "replica" or "logical"` : `${level} to be "replica" or "logical"`
    fail('XX000', `WAL streaming (${settingName('max_wal_senders')} > 0) requires ${requires}`)
  }
  if (version >= 17 && settings.get('summarize_wal')) {
    fail('XX000', `WAL cannot be summarized when ${level} is "minimal"`)
  }
}
