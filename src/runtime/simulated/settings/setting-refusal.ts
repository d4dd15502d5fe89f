// Why a setting may not be set now, by this role, to this value: the rules of the contexts, and what is not played.
// Mirrors the first half of set_config_option.

import { isInvalidSetting, parseSetting, type SettingValue } from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { initialValues, type SettingValues } from './defaults.ts'
import { definitionsOf } from './definitions.ts'
import { notPlayedReason } from './not-played.ts'

export interface SettingRefusal {
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

/** `starting`: a connection begins, and asks for it. */
export function refusalOfContext(
  name: string,
  definition: SettingDefinition | undefined,
  superuser: boolean,
  starting: boolean,
): SettingRefusal | undefined {
  if (!definition) return unknownSetting(name)
  const refuse = (sqlstate: string, message: string) => ({ sqlstate, message })
  switch (definition.context) {
    case 'internal':
      return refuse('55P02', `parameter "${name}" cannot be changed`)
    case 'postmaster':
      return refuse('55P02', `parameter "${name}" cannot be changed without restarting the server`)
    case 'sighup':
      return refuse('55P02', `parameter "${name}" cannot be changed now`)
    case 'backend':
      return starting ? undefined : refuse('55P02', `parameter "${name}" cannot be set after connection start`)
    case 'superuser-backend':
      if (!starting) return refuse('55P02', `parameter "${name}" cannot be set after connection start`)
      return superuser ? undefined : refuse('42501', `permission denied to set parameter "${name}"`)
    case 'superuser':
      return superuser ? undefined : refuse('42501', `permission denied to set parameter "${name}"`)
    case 'user':
      return undefined
  }
}

/** A name with a dot would be a placeholder if it were one. */
export function unknownSetting(name: string): SettingRefusal {
  if (!name.includes('.')) return { sqlstate: '42704', message: `unrecognized configuration parameter "${name}"` }
  return {
    sqlstate: '42602',
    message: `invalid configuration parameter name "${name}"`,
    detail: 'Custom parameter names must be two or more simple identifiers separated by dots.',
  }
}

/** A text as a value. What is not played is refused, unless the server has that value already. */
export function readValue(
  definition: SettingDefinition,
  text: string,
  version: number,
  present: SettingValues,
): { readonly value: SettingValue } | { readonly refusal: SettingRefusal } {
  const { name } = definition
  const value = parseSetting(definition, text, version)
  if (isInvalidSetting(value)) {
    const { message, detail, hint } = value
    return { refusal: { sqlstate: '22023', message, detail, hint } }
  }
  const reason = value === present[name] ? undefined : notPlayedReason(definition, value, initialValues(version))
  if (reason === undefined) return { value }
  return { refusal: { sqlstate: '0A000', message: `${name} is not played yet: ${reason}` } }
}

/** Why a session could not set this, whoever it is; for what stands in a scenario's SQL. */
export function notPlayedSetting(name: string, text: string, version: number): string | undefined {
  const definition = definitionsOf(version).get(name.toLowerCase())
  if (!definition) return undefined
  const value = parseSetting(definition, text, version)
  return isInvalidSetting(value) ? undefined : notPlayedReason(definition, value, initialValues(version))
}
