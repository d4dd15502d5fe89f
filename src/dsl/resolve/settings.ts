// PostgreSQL's settings in a block: whether this major version has them, and whether the value is one that it takes.
// What a setting does, and whether it is played, is the runtime's.

import type { DiagnosticCode } from '../../model/diagnostic.ts'
import type { Setting, Value } from '../../model/scenario.ts'
import { type InvalidSetting, isInvalidSetting, parseSetting } from '../../model/setting-value.ts'
import type { SettingDefinition } from '../../model/vocabulary.ts'
import { didYouMean, suggestion } from '../suggest.ts'
import type { RawSetting, Text } from '../syntax.ts'
import type { Context } from './context.ts'

const timeUnits = ['us', 'ms', 's', 'min', 'h', 'd']

export function readPostgresSetting(raw: RawSetting, own: readonly string[], context: Context): Setting | undefined {
  const { text: name, span } = raw.name
  const { complaints, postgres, words } = context
  const all = words.vocabulary.settings.filter(setting => setting.name.toLowerCase() === name.toLowerCase())
  const definition = all.find(setting => isIn(setting, postgres))
  if (!definition) {
    const known = words.vocabulary.settings.filter(setting => isIn(setting, postgres)).map(setting => setting.name)
    const other = all[0]
    const change =
      other &&
      (other.since && other.since > postgres ? `came with ${other.since}` : `went with ${all.at(-1)!.until! + 1}`)
    const help = other ? `it ${change}` : didYouMean(name, [...own, ...known])
    complaints.add('unknown-setting', span, `PostgreSQL ${postgres} has no setting \`${name}\``, help)
    return undefined
  }
  if (definition.context === 'internal') {
    complaints.add('misplaced', span, `\`${name}\` cannot be set: it is fixed when PostgreSQL is built or initialised`)
    return undefined
  }
  const values = raw.values.flatMap(text => readSettingValue(text, definition, context) ?? [])
  if (raw.values.length > 1 && definition.type !== 'string') {
    complaints.add('wrong-type', raw.values[1].span, `\`${name}\` takes one value`)
  }
  return { name: definition.name, nameSpan: span, values }
}

function isIn({ since = 0, until = Number.POSITIVE_INFINITY }: SettingDefinition, postgres: number): boolean {
  return since <= postgres && postgres <= until
}

const codes: Readonly<Record<InvalidSetting['wrong'], DiagnosticCode>> = {
  type: 'wrong-type',
  unit: 'wrong-unit',
  range: 'out-of-range',
}

function readSettingValue(raw: Text, definition: SettingDefinition, context: Context): Value | undefined {
  const given = context.given(raw)
  if (!given) return undefined
  const { text, span } = given
  const value = parseSetting(definition, text, context.postgres)
  if (isInvalidSetting(value)) {
    const { choices } = definition
    const help = choices
      ? suggestion(text, choices, value.hint ?? '')
      : (value.detail ?? value.hint ?? (value.wrong === 'range' ? undefined : wanted(definition)))
    context.complaints.add(codes[value.wrong], span, value.message, help)
    return undefined
  }
  switch (typeof value) {
    case 'boolean':
      return { type: 'boolean', boolean: value, text, span }
    case 'number': {
      const { unit } = definition
      const type = unit === undefined || value <= 0 ? 'number' : timeUnits.includes(unit) ? 'duration' : 'size'
      return { type, number: value, text, span }
    }
    case 'string':
      return definition.type === 'enum' ? { type: 'keyword', text: value, span } : { type: 'text', text: value, span }
  }
}

/** Where PostgreSQL's message says no more than that it is wrong. */
function wanted({ type, unit }: SettingDefinition): string | undefined {
  if (type === 'bool') return 'write `on` or `off`'
  return unit === undefined ? 'write a number without a unit' : undefined
}
