// What is wrong with the settings that a scenario gives a node, as diagnostics at their places in the text.

import { distance } from 'fastest-levenshtein'
import type { Diagnostic, DiagnosticCode } from '../../../model/diagnostic.ts'
import type { Setting, Value as Written } from '../../../model/scenario.ts'
import { formatSetting, type InvalidSetting, isInvalidSetting, parseSetting } from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { understands } from '../machine/shell.ts'
import { initialValues } from './defaults.ts'
import { definitionsOf } from './definitions.ts'
import { notPlayedReason } from './not-played.ts'
import { complaintOfTarget, targetSettings } from './target-settings.ts'

const codes: Readonly<Record<InvalidSetting['wrong'], DiagnosticCode>> = {
  type: 'wrong-type',
  unit: 'wrong-unit',
  range: 'out-of-range',
}

export function diagnoseSettings(settings: readonly Setting[], version: number): Diagnostic[] {
  return settings.flatMap(setting => {
    const definition = definitionsOf(version).get(setting.name.toLowerCase())
    return (definition ? diagnoseValue(definition, setting, version) : unknownSetting(setting, version)) ?? []
  })
}

/** What a server would not start with, though each setting by itself is right. */
export function diagnoseTogether(settings: readonly Setting[], version: number): Diagnostic[] {
  const targets = settings.filter(({ name, values }) => targetSettings.includes(name) && textOf(values) !== '')
  if (targets.length > 1) {
    const help = `At most one of ${targetSettings.map(name => `"${name}"`).join(', ')} may be set.`
    return [{ code: 'wrong-type', span: targets[1].nameSpan, message: 'multiple recovery targets specified', help }]
  }
  const file = new Map(settings.map(({ name, values }) => [name.toLowerCase(), textOf(values)]))
  const numberOf = (name: string) => Number(file.get(name) ?? initialValues(version)[name] ?? 0)
  const [most, forSuperusers, forRoles] = ['max_connections', ...reserves].map(numberOf)
  const setting = settings.find(({ name }) => name === 'max_connections' || reserves.includes(name))
  if (!setting || !(forSuperusers + forRoles >= most)) return []
  const others = version < 16 ? '' : ` plus reserved_connections (${forRoles})`
  const message = `superuser_reserved_connections (${forSuperusers})${others} must be less than max_connections (${most})`
  return [{ code: 'out-of-range', span: setting.nameSpan, message }]
}

const reserves = ['superuser_reserved_connections', 'reserved_connections']

/** As it would stand in the configuration file: several values are a list. */
function textOf(values: readonly Written[]): string {
  return values.map(value => value.text).join(', ')
}

function diagnoseValue(definition: SettingDefinition, setting: Setting, version: number): Diagnostic | undefined {
  const { name } = definition
  if (definition.context === 'internal') {
    return { code: 'wrong-type', span: setting.nameSpan, message: `parameter "${name}" cannot be changed` }
  }
  const value = parseSetting(definition, textOf(setting.values), version)
  if (isInvalidSetting(value)) {
    const span = setting.values[0]?.span ?? setting.nameSpan
    const help = value.detail ?? value.hint
    return { code: codes[value.wrong], span, message: value.message, ...(help ? { help } : {}) }
  }
  const initial = initialValues(version)
  const reason = notPlayedReason(definition, value, initial)
  if (reason === undefined) return diagnoseText(setting)
  const usual = formatSetting(definition, initial[name])
  return {
    code: 'not-modelled',
    span: setting.nameSpan,
    message: `${name} is not played yet: ${reason}`,
    help: `Leave it at its default, ${usual === '' ? 'which is empty' : usual}`,
  }
}

/** Texts of which a server would not say before it uses them what is wrong with them, or which are not played. */
function diagnoseText({ name, values, nameSpan }: Setting): Diagnostic | undefined {
  const text = textOf(values)
  const span = values[0]?.span ?? nameSpan
  if (text === '' || values.some(({ type }) => type === 'moment')) return undefined
  if (commands.has(name)) {
    if (understands(text)) return undefined
    return {
      code: 'not-modelled',
      span,
      message: `${name}: this command is not played`,
      help: 'Commands that are: true, false, `cp %p DIRECTORY/%f`, `test ! -f DIRECTORY/%f && cp %p DIRECTORY/%f`, `cp DIRECTORY/%f %p`',
    }
  }
  const complaint = complaintOfTarget(name, text)
  if (complaint === undefined) return undefined
  return { code: 'wrong-type', span, message: `invalid value for parameter "${name}": "${text}"`, help: complaint }
}

const commands = new Set(['archive_command', 'restore_command', 'recovery_end_command', 'archive_cleanup_command'])

function unknownSetting({ name, nameSpan: span }: Setting, version: number): Diagnostic {
  const majors = [15, 16, 17, 18].filter(each => definitionsOf(each).has(name.toLowerCase()))
  if (majors.length > 0) {
    const message = `PostgreSQL ${version} has no setting "${name}"`
    const help = majors[0] > version ? `It came with ${majors[0]}` : `It went with ${majors.at(-1)! + 1}`
    return { code: 'unknown-setting', span, message, help }
  }
  let nearest: string | undefined
  let least = 4
  for (const known of definitionsOf(version).values()) {
    const edits = distance(known.name, name)
    if (edits >= least) continue
    least = edits
    nearest = known.name
  }
  return {
    code: 'unknown-setting',
    span,
    message: `PostgreSQL has no setting "${name}"`,
    ...(nearest ? { help: `Did you mean ${nearest}?` } : {}),
  }
}
