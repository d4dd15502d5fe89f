// PostgreSQL's settings in a block: whether this major version has them, and whether the value is one that it takes.
// What a setting does, and whether it is played, is the runtime's.

import type { Setting, Value } from '../../model/scenario.ts'
import type { SettingDefinition } from '../../model/vocabulary.ts'
import { quantityOf } from '../expression/literal.ts'
import { didYouMean, list, suggestion } from '../suggest.ts'
import type { RawSetting, Text } from '../syntax.ts'
import type { Context } from './context.ts'

const timeUnits = ['us', 'ms', 's', 'min', 'h', 'd']
const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB']

export function readPostgresSetting(raw: RawSetting, own: readonly string[], context: Context): Setting | undefined {
  const { text: name, span } = raw.name
  const { complaints, postgres, words } = context
  const all = words.vocabulary.settings.filter(setting => setting.name.toLowerCase() === name.toLowerCase())
  const definition = all.find(setting => isIn(setting, postgres))
  if (!definition) {
    const known = words.vocabulary.settings.filter(setting => isIn(setting, postgres)).map(setting => setting.name)
    const other = all[0]
    const range = other && (other.since && other.since > postgres ? `since ${other.since}` : `up to ${other.until}`)
    const help = other ? `PostgreSQL has it ${range}` : didYouMean(name, [...own, ...known])
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

function readSettingValue(raw: Text, definition: SettingDefinition, context: Context): Value | undefined {
  const text = context.given(raw)
  if (!text) return undefined
  const { complaints } = context
  const { span } = text
  const word = text.text.toLowerCase().trim()
  switch (definition.type) {
    case 'string':
      return { type: 'text', text: text.text, span }
    case 'bool': {
      const boolean = booleanOf(word)
      if (boolean !== undefined) return { type: 'boolean', boolean, text: text.text, span }
      complaints.add('wrong-type', span, `\`${definition.name}\` is either on or off`, 'write `on` or `off`')
      return undefined
    }
    case 'enum': {
      const choices = definition.choices ?? []
      const choice = choices.find(each => each.toLowerCase() === word) ?? synonymOf(word, choices)
      if (choice !== undefined) return { type: 'keyword', text: choice, span }
      const help = suggestion(word, choices, `it takes ${list(choices, 'or')}`)
      complaints.add('out-of-range', span, `\`${definition.name}\` takes no \`${text.text}\``, help)
      return undefined
    }
    default:
      return readNumber(text, definition, context)
  }
}

/** As PostgreSQL reads it: any beginning of a word that is not the beginning of another. */
function booleanOf(word: string): boolean | undefined {
  if (word === '') return undefined
  if (word === '1' || word === 'on' || 'true'.startsWith(word) || 'yes'.startsWith(word)) return true
  if (word === '0' || 'false'.startsWith(word) || 'no'.startsWith(word)) return false
  return word === 'of' || word === 'off' ? false : undefined
}

/** What was a boolean once takes its other words. */
function synonymOf(word: string, choices: readonly string[]): string | undefined {
  const boolean = booleanOf(word)
  const choice = boolean === undefined ? undefined : boolean ? 'on' : 'off'
  return choice !== undefined && choices.includes(choice) ? choice : undefined
}

function readNumber(text: Text, definition: SettingDefinition, { complaints }: Context): Value | undefined {
  const { name, unit, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = definition
  const { span } = text
  const units = unit === undefined ? [] : timeUnits.includes(unit) ? timeUnits : sizeUnits
  const written = unit === undefined ? 'a number without a unit' : `a number with one of ${list(units)}`
  const match = /^\s*([+-]?\d+(?:\.\d+)?)\s*([A-Za-z%/]*)\s*$/.exec(text.text)
  if (!match) {
    complaints.add('wrong-type', span, `\`${name}\` takes ${written}, not \`${text.text}\``)
    return undefined
  }
  const [, digits, given] = match
  if (given !== '' && !units.includes(given)) {
    complaints.add('wrong-unit', span, `\`${name}\` has no unit \`${given}\``, `write ${written}`)
    return undefined
  }
  const number = Number(digits)
  const base = baseOf(unit)
  const factor = given === '' ? base : (unitValue(given) as number)
  const inBase = definition.type === 'integer' ? Math.round((number * factor) / base) : (number * factor) / base
  if (inBase < min || inBase > max) {
    const shown = unit === undefined ? '' : ` ${unit}`
    complaints.add(
      'out-of-range',
      span,
      `\`${name}\` must be ${min}${shown} to ${max}${shown}`,
      given === '' && unit !== undefined ? `\`${text.text}\` means ${inBase}${shown}` : undefined,
    )
    return undefined
  }
  if (unit === undefined || inBase <= 0) return { type: 'number', number: inBase, text: text.text, span }
  const type = timeUnits.includes(unit) ? 'duration' : 'size'
  return { type, number: Math.round(inBase * base), text: text.text, span }
}

/** Nanoseconds or bytes; PostgreSQL counts some sizes in blocks of 8 kB. */
function baseOf(unit: string | undefined): number {
  if (unit === undefined) return 1
  const blocks = /^(\d*)(.+)$/.exec(unit)!
  return Number(blocks[1] || 1) * (unitValue(blocks[2]) ?? 1)
}

function unitValue(unit: string): number | undefined {
  const quantity = quantityOf(`1${unit}`)
  return quantity && 'value' in quantity ? quantity.value : undefined
}
