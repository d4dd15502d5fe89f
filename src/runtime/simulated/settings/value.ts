// Reads and prints the value of a setting by PostgreSQL's rules: units, bounds, choices, the words for a boolean.
// Mirrors parse_and_validate_value and ShowGUCOption of guc.c.

import type { SettingDefinition } from '../../../model/vocabulary.ts'

export type Value = boolean | number | string

/** What PostgreSQL says of a value that it does not take. */
export interface Invalid {
  readonly message: string
  readonly hint?: string
}

/** Base units in nanoseconds or bytes. */
const times: Readonly<Record<string, number>> = { us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9, d: 86400e9 }
const sizes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1048576,
  GB: 1073741824,
  TB: 1099511627776,
  '8kB': 8192,
}

export function parseValue(definition: SettingDefinition, text: string): Value | Invalid {
  switch (definition.type) {
    case 'bool':
      return parseBool(text) ?? { message: `parameter "${definition.name}" requires a Boolean value` }
    case 'integer':
    case 'real':
      return parseNumber(definition, text)
    case 'enum':
      return parseChoice(definition, text)
    case 'string':
      return text
  }
}

export function isInvalid(value: Value | Invalid): value is Invalid {
  return typeof value === 'object'
}

/** As SHOW prints it. */
export function formatValue(definition: SettingDefinition, value: Value): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return value
  if (definition.name === 'data_directory_mode' || /_permissions$|_file_mode$/.test(definition.name)) {
    return value.toString(8).padStart(4, '0')
  }
  const units = unitsOf(definition)
  if (!units || value <= 0) return String(value)
  const fitting = Object.entries(units)
    .filter(([unit, factor]) => unit !== '8kB' && value % factor === 0)
    .sort((a, b) => b[1] - a[1])[0]
  return fitting ? `${value / fitting[1]}${fitting[0]}` : `${value / units[definition.unit!]}${definition.unit}`
}

export function parseBool(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (word === '1' || (word !== '' && ('true'.startsWith(word) || 'yes'.startsWith(word))) || word === 'on') return true
  if (word === '0' || (word !== '' && ('false'.startsWith(word) || 'no'.startsWith(word)))) return false
  return word === 'of' || word === 'off' ? false : undefined
}

function parseNumber(definition: SettingDefinition, text: string): number | Invalid {
  const { name } = definition
  const units = unitsOf(definition)
  const match = /^\s*([+-]?(?:0x[0-9a-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?))\s*([A-Za-z]*)\s*$/i.exec(text)
  if (!match) return { message: `invalid value for parameter "${name}": "${text}"` }
  // A leading zero means octal, as in C, where permissions are written so.
  const octal = definition.type === 'integer' && /^0[0-7]+$/.test(match[1])
  const number = octal ? Number.parseInt(match[1], 8) : Number(match[1])
  if (match[2] !== '' && (units === undefined || units[match[2]] === undefined)) {
    return { message: `invalid value for parameter "${name}": "${text}"`, ...(units ? { hint: hintOf(units) } : {}) }
  }
  const base = units?.[definition.unit!] ?? 1
  let inBase = match[2] === '' ? number : (number * units![match[2]]) / base
  if (definition.type === 'integer') inBase = Math.round(inBase)
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = definition
  if (inBase < min || inBase > max) {
    const unit = definition.unit ? ` ${definition.unit}` : ''
    return { message: `${inBase}${unit} is outside the valid range for parameter "${name}" (${min} .. ${max})` }
  }
  if (inBase <= 0 || units === undefined) return inBase
  return Math.round(inBase * base)
}

function parseChoice(definition: SettingDefinition, text: string): string | Invalid {
  const choices = definition.choices ?? []
  const word = text.trim().toLowerCase()
  const found = choices.find(choice => choice.toLowerCase() === word)
  if (found !== undefined) return found
  // Choices that were booleans once still take a boolean's other words.
  const boolean = parseBool(word)
  const synonym = boolean === undefined ? undefined : boolean ? 'on' : 'off'
  if (synonym !== undefined && choices.includes(synonym)) return synonym
  return {
    message: `invalid value for parameter "${definition.name}": "${text}"`,
    hint: `Available values: ${choices.join(', ')}.`,
  }
}

function unitsOf(definition: SettingDefinition): Readonly<Record<string, number>> | undefined {
  if (definition.unit === undefined) return undefined
  return definition.unit in times ? times : sizes
}

function hintOf(units: Readonly<Record<string, number>>): string {
  return units === times
    ? 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".'
    : 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".'
}
