// float4 and float8: text as PostgreSQL prints it, the shortest digits that read back as the same value.

import type { Datum } from '../../access/tuple-descriptor.ts'
import { fail } from '../../shared/error.ts'
import type { Type, Value } from './type.ts'

function floatInput(typeName: string, round: (value: number) => number): (text: string) => Value {
  return text => {
    const word = /^\s*([+-]?)(inf|infinity|nan)\s*$/i.exec(text)
    if (word) {
      if (/nan/i.test(word[2])) return Number.NaN
      return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    }
    if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) {
      fail('22P02', `invalid input syntax for type ${typeName}: "${text}"`)
    }
    const value = round(Number(text))
    if (!Number.isFinite(value)) fail('22003', `"${text.trim()}" is out of range for type ${typeName}`)
    return value
  }
}

/** Plain between 1e-5 and 1e15, else with an exponent of at least two digits. */
export function floatOutput(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa, exponentText] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 15) {
    const digits = String(Math.abs(exponent)).padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
  }
  const negative = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${negative}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return `${negative}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The shortest decimal that is nearest to this single-precision value. */
function float4Output(value: Value): string {
  const number = value as number
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(number.toPrecision(digits))
    if (Math.fround(shorter) === number) return floatOutput(shorter)
  }
  return floatOutput(number)
}

/** Not a number is larger than everything and equal to itself. */
export function compareFloats(a: Datum, b: Datum): number {
  const x = a as number
  const y = b as number
  if (x < y) return -1
  if (x > y) return 1
  return x === y ? 0 : Number(Number.isNaN(x)) - Number(Number.isNaN(y))
}

const key = (value: Value) => String((value as number) + 0)

export const float4Type: Type = {
  oid: 700,
  name: 'float4',
  displayName: 'real',
  length: 4,
  align: 4,
  category: 'N',
  input: floatInput('real', Math.fround),
  output: float4Output,
  compare: compareFloats,
  key,
  write: (view, at, value) => view.setFloat32(at, value as number, true),
  read: (view, at) => view.getFloat32(at, true),
}

export const float8Type: Type = {
  oid: 701,
  name: 'float8',
  displayName: 'double precision',
  length: 8,
  align: 8,
  category: 'N',
  isPreferred: true,
  input: floatInput('double precision', value => value),
  output: value => floatOutput(value as number),
  compare: compareFloats,
  key,
  write: (view, at, value) => view.setFloat64(at, value as number, true),
  read: (view, at) => view.getFloat64(at, true),
}
