// What is wrong with the settings that a scenario gives a node, as diagnostics at their places in the text.

import { distance } from 'fastest-levenshtein'
import type { Diagnostic } from '../../../model/diagnostic.ts'
import type { Setting, Value as Written } from '../../../model/scenario.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { definitionsOf } from './definitions.ts'
import { notPlayed } from './not-played.ts'
import { isInvalid, parseValue } from './value.ts'

/** Gives the texts by name that `Settings` takes, without those that are wrong. */
export function readSettings(
  settings: readonly Setting[],
  version: number,
): { readonly file: Map<string, string>; readonly diagnostics: Diagnostic[] } {
  const definitions = definitionsOf(version)
  const file = new Map<string, string>()
  const diagnostics: Diagnostic[] = []
  for (const setting of settings) {
    const definition = definitions.get(setting.name.toLowerCase())
    const text = textOf(setting.values)
    const diagnostic = definition
      ? diagnoseValue(definition, setting, text)
      : unknownSetting(setting, version, definitions)
    if (diagnostic) diagnostics.push(diagnostic)
    else file.set(definition!.name, text)
  }
  return { file, diagnostics }
}

/** As it would stand in the configuration file: several values are a list. */
function textOf(values: readonly Written[]): string {
  return values.map(value => value.text).join(', ')
}

function diagnoseValue(definition: SettingDefinition, setting: Setting, text: string): Diagnostic | undefined {
  const span = setting.values[0]?.span ?? setting.nameSpan
  if (definition.context === 'internal') {
    return { code: 'wrong-type', span: setting.nameSpan, message: `${definition.name} cannot be changed, it is preset` }
  }
  const value = parseValue(definition, text)
  if (isInvalid(value)) {
    const code = value.message.includes('outside the valid range')
      ? 'out-of-range'
      : value.hint?.startsWith('Valid units')
        ? 'wrong-unit'
        : 'wrong-type'
    return { code, span, message: value.message, ...(value.hint ? { help: value.hint } : {}) }
  }
  const reason = notPlayed[definition.name]
  if (reason !== undefined && value !== parseValue(definition, definition.default)) {
    return {
      code: 'not-modelled',
      span: setting.nameSpan,
      message: `${definition.name} is not played yet: ${reason}`,
      help: `Leave it at its default, ${definition.default === '' ? 'which is empty' : definition.default}`,
    }
  }
  return undefined
}

function unknownSetting(
  setting: Setting,
  version: number,
  definitions: ReadonlyMap<string, SettingDefinition>,
): Diagnostic {
  const elsewhere = [15, 16, 17, 18].filter(each => definitionsOf(each).has(setting.name.toLowerCase()))
  if (elsewhere.length > 0) {
    return {
      code: 'unknown-setting',
      span: setting.nameSpan,
      message: `PostgreSQL ${version} has no setting "${setting.name}"`,
      help: `It exists in PostgreSQL ${elsewhere[0]}${elsewhere.length > 1 ? ` to ${elsewhere[elsewhere.length - 1]}` : ''}`,
    }
  }
  let nearest: string | undefined
  let least = 4
  for (const { name } of definitions.values()) {
    const edits = distance(name, setting.name)
    if (edits >= least) continue
    least = edits
    nearest = name
  }
  return {
    code: 'unknown-setting',
    span: setting.nameSpan,
    message: `PostgreSQL has no setting "${setting.name}"`,
    ...(nearest ? { help: `Did you mean ${nearest}?` } : {}),
  }
}
