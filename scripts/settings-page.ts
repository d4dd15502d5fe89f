// docs/settings.md: every setting of PostgreSQL 15 to 18, and what pgdrill does with it.

import { formatSetting, isInvalidSetting, parseSetting } from '../src/model/setting-value.ts'
import type { SettingDefinition } from '../src/model/vocabulary.ts'
import { settingDefinitions } from '../src/runtime/simulated/settings/definitions.ts'
import { notPlayed } from '../src/runtime/simulated/settings/not-played.ts'
import { played } from '../src/runtime/simulated/settings/played.ts'
import { tableOf } from './words.ts'

const intro = `# Settings

Every setting of PostgreSQL 15 to 18, as real servers describe it in \`pg_settings\`. This page is written by
\`npm run schemas\`. What the simulation does with a setting is one of four things:

- **played**: the simulated server acts on it as PostgreSQL does;
- **taken**: a scenario may set it, and \`SHOW\` has its value; nothing that a run tells or shows could depend on it;
- **refused**: a scenario that sets it to something else than its default is told why not, and so is a session's \`SET\`;
- **preset**: PostgreSQL itself does not let anybody set it.

The third column is PostgreSQL's word for when a setting may change: \`postmaster\` at a start of the server, \`sighup\` by
a reload, \`superuser-backend\` and \`backend\` as a connection begins, \`superuser\` and \`user\` by \`SET\` at any time. A
reload reaches everything but \`postmaster\`.

`

export function settingsPage(): string {
  const rows = settingDefinitions.map(each => [nameOf(each), defaultOf(each), `\`${each.context}\``, fateOf(each)])
  return `${intro}${tableOf([['setting', 'default', 'context', 'what pgdrill does'], ...rows])}`
}

function nameOf({ name, since, until }: SettingDefinition): string {
  const range =
    since === until ? since : since && until ? `${since} to ${until}` : since ? `from ${since}` : `to ${until}`
  return `\`${name}\`${range === undefined ? '' : ` (${range})`}`
}

function defaultOf(definition: SettingDefinition): string {
  const value = parseSetting(definition, definition.boot ?? '', 15)
  const text = isInvalidSetting(value) ? '' : formatSetting(definition, value)
  return text === '' ? '' : `\`${text}\``
}

function fateOf({ name, context, notActedUpon }: SettingDefinition): string {
  if (context === 'internal') return 'preset'
  if (name in played) return 'played'
  return `${name in notPlayed ? 'refused' : 'taken'}: ${notActedUpon}`
}
