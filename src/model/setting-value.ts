// Reads and prints the value of a setting by PostgreSQL's rules: units, bounds, choices, the words for a boolean.
// Mirrors parse_and_validate_value and ShowGUCOption of guc.c. Values that only a server can judge (the name of a time
// zone, of a tablespace) are texts here, and pass.

import { faultOfSlotName, slotNames } from './slot-names.ts'
import type { SettingDefinition } from './vocabulary.ts'

/** Durations are nanoseconds and sizes bytes; what is zero or negative stands as it is written, because it means "off". */
export type SettingValue = boolean | number | string

/** What PostgreSQL says of a value that it does not take. */
export interface InvalidSetting {
  readonly wrong: 'type' | 'unit' | 'range'
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

interface Units {
  /** From the largest to the smallest: nanoseconds or bytes. */
  readonly factors: readonly (readonly [name: string, factor: number])[]
  readonly hint: string
}

const times: Units = {
  factors: [
    ['d', 86400e9],
    ['h', 3600e9],
    ['min', 60e9],
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ],
  hint: 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".',
}
const sizes: Units = {
  factors: [
    ['TB', 1099511627776],
    ['GB', 1073741824],
    ['MB', 1048576],
    ['kB', 1024],
    ['B', 1],
  ],
  hint: 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".',
}
const blockSize = 8192
const largestInteger = 2147483647

export function parseSetting(
  definition: SettingDefinition,
  text: string,
  version: number,
): SettingValue | InvalidSetting {
  switch (definition.type) {
    case 'bool':
      return parseBool(text) ?? { wrong: 'type', message: `parameter "${definition.name}" requires a Boolean value` }
    case 'integer':
    case 'real':
      return parseNumber(definition, text, version)
    case 'enum':
      return parseChoice(definition, text)
    case 'string':
      if (definition.name === 'log_connections') return connectionAspects(text)
      if (definition.name === 'synchronized_standby_slots') return standbySlots(text)
      return definition.name === 'DateStyle' ? dateStyle(text) : text
  }
}

const aspects = ['receipt', 'authentication', 'authorization', 'setup_durations', 'all']

/** From 18 on: what is logged of a connection; as a boolean it is as it was. */
function connectionAspects(text: string): SettingValue | InvalidSetting {
  const words = text.split(',').map(word => word.trim())
  if (text.trim() === '' || (words.length === 1 && parseBool(words[0]) !== undefined)) return text
  const wrong = words.find(word => !aspects.includes(word.toLowerCase()))
  if (wrong === undefined) return text
  const message = `invalid value for parameter "log_connections": "${text}"`
  return { wrong: 'range', message, detail: `Invalid option "${wrong}".` }
}

function standbySlots(text: string): SettingValue | InvalidSetting {
  const names = slotNames(text)
  const message = `invalid value for parameter "synchronized_standby_slots": "${text}"`
  if (!names) return { wrong: 'range', message, detail: 'List syntax is invalid.' }
  const fault = names.map(faultOfSlotName).find(each => each !== undefined)
  return fault ? { wrong: 'range', message, detail: fault.message, hint: fault.hint } : text
}

/** The other word is as it was: of those that are played, as by default. */
function dateStyle(text: string): string {
  const style = text.toUpperCase()
  return style === 'ISO' || style === 'MDY' ? 'ISO, MDY' : style
}

export function isInvalidSetting(value: SettingValue | InvalidSetting): value is InvalidSetting {
  return typeof value === 'object'
}

/** As SHOW prints it: with the largest unit that leaves a whole number. */
export function formatSetting(definition: SettingDefinition, value: SettingValue): string {
  const units = unitsOf(definition)
  if (typeof value !== 'number' || !units || value <= 0) return formatSettingBare(definition, value)
  const [name, factor] = units.factors.find(each => value % each[1] === 0) ?? units.factors.at(-1)!
  return `${formatNumber(value / factor)}${name}`
}

/** As pg_settings.setting has it: in the setting's own unit, without naming it. */
export function formatSettingBare(definition: SettingDefinition, value: SettingValue): string {
  return typeof value === 'number' && isFileMode(definition)
    ? value.toString(8).padStart(4, '0')
    : formatSettingRaw(definition, value)
}

/** As pg_settings.reset_val has it: the permissions of files are not octal here. */
export function formatSettingRaw(definition: SettingDefinition, value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return value
  return formatBound(definition, value > 0 ? value / baseOf(definition.unit) : value)
}

/** As pg_settings.min_val and max_val have it. */
export function formatBound({ type }: SettingDefinition, number: number): string {
  return type === 'real' ? formatNumber(number) : String(number)
}

/** As C's %g prints it: six digits. */
export function formatNumber(number: number): string {
  if (number === 0) return '0'
  const [digits, exponent] = number.toExponential(5).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(number.toFixed(5 - power)))
  return `${Number(digits)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** Any beginning of a word that is not the beginning of another. */
export function parseBool(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (word === '') return undefined
  if (word === '1' || word === 'on' || 'true'.startsWith(word) || 'yes'.startsWith(word)) return true
  if (word === '0' || 'false'.startsWith(word) || 'no'.startsWith(word)) return false
  return word === 'of' || word === 'off' ? false : undefined
}

/** What strtol and strtod read: hexadecimal, or octal with a leading zero, where it is whole; else decimal. */
const numeral = /^\s*([+-]?)(0x[0-9a-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)\s*(\S*)\s*$/i

function parseNumber(definition: SettingDefinition, text: string, version: number): number | InvalidSetting {
  const { name, type, unit } = definition
  const units = unitsOf(definition)
  const invalid = (wrong: InvalidSetting['wrong'], hint?: string): InvalidSetting => ({
    wrong,
    message: `invalid value for parameter "${name}": "${text}"`,
    ...(hint === undefined ? {} : { hint }),
  })
  const match = numeral.exec(text)
  if (!match) return invalid('type')
  const [, sign, digits, given] = match
  const isOctal = type === 'integer' && /^0[0-7]+$/.test(digits)
  const number = (sign === '-' ? -1 : 1) * (isOctal ? Number.parseInt(digits, 8) : Number(digits))
  let inBase = number
  if (given !== '') {
    if (!units) return invalid('unit')
    const converted = convert(number, given, units, baseOf(unit))
    if (converted === undefined) return invalid('unit', units.hint)
    inBase = converted
  }
  if (type === 'integer') {
    inBase = roundToEven(inBase)
    if (inBase > largestInteger || inBase < -largestInteger - 1) return invalid('range', 'Value exceeds integer range.')
  }
  const wrong = outOfRange(definition, inBase, version)
  return wrong ?? (unit === undefined || inBase <= 0 ? inBase : Math.round(inBase * baseOf(unit)))
}

function outOfRange(definition: SettingDefinition, inBase: number, version: number): InvalidSetting | undefined {
  const { name, unit, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = definition
  if (inBase >= min && inBase <= max) return undefined
  const shown = unit === undefined ? '' : ` ${unit}`
  // 17 has begun to name the unit of the bounds too.
  const bound = (number: number) => formatBound(definition, number) + (version >= 17 ? shown : '')
  return {
    wrong: 'range',
    message: `${formatBound(definition, inBase)}${shown} is outside the valid range for parameter "${name}" (${bound(min)} .. ${bound(max)})`,
  }
}

/** A fraction is rounded to a multiple of the next smaller unit: 30.1GB are whole MB. */
function convert(number: number, given: string, units: Units, base: number): number | undefined {
  const index = units.factors.findIndex(([unit]) => unit === given)
  if (index < 0) return undefined
  const all = number * units.factors[index][1]
  const smaller = units.factors[index + 1]
  return (smaller ? roundToEven(all / smaller[1]) * smaller[1] : all) / base
}

/** Words that an enumeration takes without naming them in its hint. */
const hiddenChoices: Readonly<Record<string, string>> = {
  true: 'on',
  yes: 'on',
  1: 'on',
  false: 'off',
  no: 'off',
  0: 'off',
  debug: 'debug2',
  archive: 'replica',
  hot_standby: 'replica',
}

function parseChoice({ name, choices = [] }: SettingDefinition, text: string): string | InvalidSetting {
  const word = text.toLowerCase()
  const named = (wanted: string) => choices.find(choice => choice.toLowerCase() === wanted)
  return (
    named(word) ??
    named(hiddenChoices[word] ?? '') ?? {
      wrong: 'range',
      message: `invalid value for parameter "${name}": "${text}"`,
      hint: `Available values: ${choices.join(', ')}.`,
    }
  )
}

function roundToEven(number: number): number {
  const down = Math.floor(number)
  if (number - down !== 0.5) return Math.round(number)
  return down % 2 === 0 ? down : down + 1
}

function isFileMode({ name }: SettingDefinition): boolean {
  return name === 'data_directory_mode' || name === 'log_file_mode' || name === 'unix_socket_permissions'
}

function unitsOf({ unit }: SettingDefinition): Units | undefined {
  if (unit === undefined) return undefined
  return times.factors.some(([name]) => name === unit) ? times : sizes
}

/** Nanoseconds or bytes of a setting's own unit; some count in blocks. */
function baseOf(unit: string | undefined): number {
  if (unit === undefined) return 1
  if (unit === '8kB') return blockSize
  return [...times.factors, ...sizes.factors].find(([name]) => name === unit)![1]
}
