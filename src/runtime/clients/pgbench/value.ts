// The values of pgbench's variables: whole numbers, doubles, booleans and null, and their spelling in SQL. Whole
// numbers are exact up to 2^53, where PostgreSQL's bigint goes on to 2^63: what would be larger is an error.

/** A double, which `5 / 2.0` gives and `5 / 2` does not. */
export class Double {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** Text comes from \gset alone, and counts as a number where it looks like one. */
export type PgbenchValue = number | Double | boolean | null | string

/** What goes wrong while a script runs: pgbench aborts the client with such a message. */
export class ScriptError extends Error {}

export function wholeNumber(value: number): number {
  if (!Number.isSafeInteger(value)) throw new ScriptError('bigint out of range')
  // Never -0, which would print as a 0 that divides differently.
  return value + 0
}

/** As pgbench puts it into the SQL. */
export function textOf(value: PgbenchValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return value
  if (value instanceof Double) return formatDouble(value.value)
  return String(value)
}

/** C's %.15g. */
function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const digits = value.toPrecision(15)
  if (!digits.includes('e')) return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
  const [mantissa, exponent] = digits.split('e')
  const power = Number(exponent)
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  return `${short}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** What the text of a \gset variable stands for in an expression. */
export function valueOfText(text: string): PgbenchValue {
  if (/^[+-]?\d+$/.test(text)) return wholeNumber(Number(text))
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return new Double(Number(text))
  const lower = text.toLowerCase()
  if (lower === '' || lower === 'null') return null
  if (['true', 'yes', 'on', 't', 'y'].includes(lower)) return true
  if (['false', 'no', 'off', 'f', 'n'].includes(lower)) return false
  throw new ScriptError(`malformed variable value: ${text}`)
}

export function toWhole(value: PgbenchValue): number {
  if (typeof value === 'number') return value
  if (value instanceof Double) {
    const rounded = roundHalfToEven(value.value)
    if (!Number.isSafeInteger(rounded)) throw new ScriptError('double to int overflow')
    return rounded
  }
  if (typeof value === 'string') return toWhole(valueOfText(value))
  throw new ScriptError(`cannot coerce ${value === null ? 'null' : 'boolean'} to int`)
}

export function toDouble(value: PgbenchValue): number {
  if (typeof value === 'number') return value
  if (value instanceof Double) return value.value
  if (typeof value === 'string') return toDouble(valueOfText(value))
  throw new ScriptError(`cannot coerce ${value === null ? 'null' : 'boolean'} to double`)
}

/** As conditions of \if and CASE take it: numbers count as true unless zero, null as false. */
export function toCondition(value: PgbenchValue): boolean {
  if (typeof value === 'boolean') return value
  if (value === null) return false
  if (typeof value === 'string') return toCondition(valueOfText(value))
  return toDouble(value) !== 0
}

/** As `and`, `or` and `not` take it: booleans alone. */
export function toBoolean(value: PgbenchValue): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return toBoolean(valueOfText(value))
  throw new ScriptError(
    `cannot coerce ${value === null ? 'null' : value instanceof Double ? 'double' : 'int'} to boolean`,
  )
}

export function isDouble(value: PgbenchValue): boolean {
  return value instanceof Double || (typeof value === 'string' && valueOfText(value) instanceof Double)
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
