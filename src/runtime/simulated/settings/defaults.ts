// What settings are when nobody sets them: their boot values, what a server works out for itself at its start, and what
// initdb has written.

import { isInvalidSetting, parseSetting, type SettingValue } from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { ConfigurationFiles } from './configuration-files.ts'
import { definitionsOf } from './definitions.ts'

export type SettingValues = Readonly<Record<string, SettingValue>>

const bootValuesOf = new Map<number, SettingValues>()
const initialValuesOf = new Map<number, SettingValues>()

/** Before any file is read. */
export function bootValues(version: number): SettingValues {
  let values = bootValuesOf.get(version)
  if (!values) {
    const parsed = [...definitionsOf(version).values()].map(each => [each.name, parse(each, each.boot ?? '', version)])
    values = Object.fromEntries(parsed) as SettingValues
    bootValuesOf.set(version, values)
  }
  return values
}

/** On a cluster that initdb has just made. */
export function initialValues(version: number): SettingValues {
  let values = initialValuesOf.get(version)
  if (!values) {
    const definitions = definitionsOf(version)
    const written: Record<string, SettingValue> = {}
    for (const { name, text } of new ConfigurationFiles(version, new Map()).settings()) {
      const definition = definitions.get(name.toLowerCase())!
      written[definition.name] = parse(definition, text, version)
    }
    values = computed({ ...bootValues(version), ...written })
    initialValuesOf.set(version, values)
  }
  return values
}

const page = 8192
const slruBank = 16

/** With what a server computes at its start where the files leave it open. */
export function computed(values: SettingValues): SettingValues {
  const buffers = (values.shared_buffers as number) / page
  const slru = Math.min(1024, Math.floor(buffers / 512 / slruBank) * slruBank)
  const slruBuffers = Math.max(slruBank, slru) * page
  const open = (name: string, value: SettingValue) =>
    values[name] === 0 || values[name] === -1 ? { [name]: value } : {}
  return {
    ...values,
    client_encoding: 'UTF8',
    server_encoding: 'UTF8',
    timezone_abbreviations: 'Default',
    ...(values.max_stack_depth === 100 * 1024 ? { max_stack_depth: 2 * 1024 * 1024 } : {}),
    ...open('wal_buffers', Math.min(2048, Math.max(8, Math.floor(buffers / 32))) * page),
    ...open('commit_timestamp_buffers', slruBuffers),
    ...open('subtransaction_buffers', slruBuffers),
    ...open('transaction_buffers', slruBuffers),
    ...open('io_max_concurrency', 64),
    ...('huge_pages_status' in values ? { huge_pages_status: 'off' } : {}),
  }
}

function parse(definition: SettingDefinition, text: string, version: number): SettingValue {
  const value = parseSetting(definition, text, version)
  if (isInvalidSetting(value)) throw new Error(value.message)
  return value
}
