// Every setting of PostgreSQL 15 to 18, in the manual's chapters. A new one is one line in its chapter.

import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { clientConnectionDefaults } from './definitions/client-connection-defaults.ts'
import { compatibility } from './definitions/compatibility.ts'
import { connectionsAndAuthentication } from './definitions/connections-and-authentication.ts'
import { developerOptions } from './definitions/developer-options.ts'
import { lockManagement } from './definitions/lock-management.ts'
import { presetOptions } from './definitions/preset-options.ts'
import { queryTuning } from './definitions/query-tuning.ts'
import { replication } from './definitions/replication.ts'
import { reportingAndLogging } from './definitions/reporting-and-logging.ts'
import { resourceUsage } from './definitions/resource-usage.ts'
import { statistics } from './definitions/statistics.ts'
import { vacuuming } from './definitions/vacuuming.ts'
import { writeAheadLog } from './definitions/write-ahead-log.ts'

const definitions = [
  ...connectionsAndAuthentication,
  ...resourceUsage,
  ...writeAheadLog,
  ...replication,
  ...queryTuning,
  ...reportingAndLogging,
  ...statistics,
  ...vacuuming,
  ...clientConnectionDefaults,
  ...lockManagement,
  ...compatibility,
  ...presetOptions,
  ...developerOptions,
]

type Definition = (typeof definitions)[number]

export type SettingName = Definition['name']

/** Booleans, numbers (durations in nanoseconds, sizes in bytes; what is negative or zero stays as written), texts. */
export type SettingValue<N extends SettingName> = ValueOfType<Extract<Definition, { readonly name: N }>['type']>

type ValueOfType<T extends SettingDefinition['type']> = T extends 'bool'
  ? boolean
  : T extends 'integer' | 'real'
    ? number
    : string

export const settingDefinitions: readonly SettingDefinition[] = definitions

export function definitionsOf(version: number): ReadonlyMap<string, SettingDefinition> {
  return new Map(
    settingDefinitions
      .filter(each => (each.since ?? 15) <= version && version <= (each.until ?? 18))
      .map(each => [each.name.toLowerCase(), each]),
  )
}
