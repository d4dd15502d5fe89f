// numeric: a decimal of any size with PostgreSQL's scale rules, and its bytes as PostgreSQL stores them.
// Leaves out the infinities: no statement that pgdrill plays makes one.

import { fail } from '../../shared/error.ts'
import type { Type, Value } from './type.ts'

const maximumDisplayScale = 1000
const minimumSignificantDigits = 16

/** coefficient / 10^scale, or not a number. */
export class Numeric {
  readonly coefficient: bigint
  readonly scale: number
  readonly isNaN: boolean

  constructor(coefficient: bigint, scale: number, notANumber = false) {
    this.coefficient = coefficient
    this.scale = scale
    this.isNaN = notANumber
  }

  static readonly nan = new Numeric(0n, 0, true)

  static of(integer: number | bigint): Numeric {
    return new Numeric(BigInt(integer), 0)
  }

  static parse(text: string): Numeric | undefined {
    const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?\s*$/i.exec(text)
    if (!match || (match[2] === '' && !match[3])) {
      return /^\s*nan\s*$/i.test(text) ? Numeric.nan : undefined
    }
    const fraction = match[3] ?? ''
    const exponent = Number(match[4] ?? 0)
    const digits = BigInt(match[2] + fraction)
    const scale = fraction.length - exponent
    const coefficient = scale < 0 ? digits * powerOfTen(-scale) : digits
    return new Numeric(match[1] === '-' ? -coefficient : coefficient, Math.max(0, scale))
  }

  /** The same value with `scale` digits after the point, rounded half away from zero. A negative scale rounds to tens. */
  round(scale: number): Numeric {
    if (this.isNaN || (scale === this.scale && scale >= 0)) return this
    if (scale > this.scale) return new Numeric(this.coefficient * powerOfTen(scale - this.scale), scale)
    const rounded = divideRounding(this.coefficient, powerOfTen(this.scale - scale))
    return scale >= 0 ? new Numeric(rounded, scale) : new Numeric(rounded * powerOfTen(-scale), 0)
  }

  truncate(scale: number): Numeric {
    if (this.isNaN || scale >= this.scale) return this.round(scale)
    const cut = this.coefficient / powerOfTen(this.scale - scale)
    return scale >= 0 ? new Numeric(cut, scale) : new Numeric(cut * powerOfTen(-scale), 0)
  }

  add(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.nan
    const scale = Math.max(this.scale, other.scale)
    return new Numeric(this.at(scale) + other.at(scale), scale)
  }

  subtract(other: Numeric): Numeric {
    return this.add(other.negate())
  }

  multiply(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.nan
    return new Numeric(this.coefficient * other.coefficient, this.scale + other.scale)
  }

  /** The number of digits after the point is PostgreSQL's: at least 16 significant ones. */
  divide(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.nan
    if (other.coefficient === 0n) fail('22012', 'division by zero')
    const scale = this.quotientScale(other)
    const numerator = this.coefficient * powerOfTen(scale + other.scale)
    return new Numeric(divideRounding(numerator, other.coefficient * powerOfTen(this.scale)), scale)
  }

  remainder(other: Numeric): Numeric {
    if (this.isNaN || other.isNaN) return Numeric.nan
    if (other.coefficient === 0n) fail('22012', 'division by zero')
    const scale = Math.max(this.scale, other.scale)
    return new Numeric(this.at(scale) % other.at(scale), scale)
  }

  negate(): Numeric {
    return this.isNaN ? this : new Numeric(-this.coefficient, this.scale)
  }

  /** Not a number is larger than everything and equal to itself. */
  compare(other: Numeric): number {
    if (this.isNaN || other.isNaN) return Number(this.isNaN) - Number(other.isNaN)
    const scale = Math.max(this.scale, other.scale)
    const a = this.at(scale)
    const b = other.at(scale)
    return a < b ? -1 : a > b ? 1 : 0
  }

  toString(): string {
    if (this.isNaN) return 'NaN'
    const negative = this.coefficient < 0n
    const digits = (negative ? -this.coefficient : this.coefficient).toString().padStart(this.scale + 1, '0')
    const whole = digits.slice(0, digits.length - this.scale)
    return `${negative ? '-' : ''}${whole}${this.scale > 0 ? `.${digits.slice(-this.scale)}` : ''}`
  }

  /** The value without trailing zeros, for hashing. */
  key(): string {
    const text = this.toString()
    return this.scale > 0 ? text.replace(/\.?0+$/, '').replace(/^-0$/, '0') : text
  }

  toNumber(): number {
    return Number(this.toString())
  }

  /** In base 10,000 as PostgreSQL holds it: digits without leading and trailing zeros, the first worth 10000^weight. */
  digits(): { readonly weight: number; readonly digits: number[] } {
    const padded = this.round(Math.ceil(this.scale / 4) * 4)
    let text = (padded.coefficient < 0n ? -padded.coefficient : padded.coefficient).toString()
    text = text.padStart(Math.ceil(text.length / 4) * 4, '0')
    const digits: number[] = []
    for (let at = 0; at < text.length; at += 4) digits.push(Number(text.slice(at, at + 4)))
    let weight = digits.length - 1 - padded.scale / 4
    while (digits[0] === 0) {
      digits.shift()
      weight--
    }
    while (digits.at(-1) === 0) digits.pop()
    return digits.length === 0 ? { weight: 0, digits } : { weight, digits }
  }

  private at(scale: number): bigint {
    return scale === this.scale ? this.coefficient : this.coefficient * powerOfTen(scale - this.scale)
  }

  private quotientScale(other: Numeric): number {
    const a = this.digits()
    const b = other.digits()
    let weight = a.weight - b.weight
    if ((a.digits[0] ?? 0) <= b.digits[0]) weight--
    const scale = Math.max(minimumSignificantDigits - weight * 4, this.scale, other.scale, 0)
    return Math.min(scale, maximumDisplayScale)
  }
}

export function powerOfTen(exponent: number): bigint {
  return BigInt(`1${'0'.repeat(exponent)}`)
}

/** Rounds half away from zero. */
function divideRounding(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n
  const a = numerator < 0n ? -numerator : numerator
  const b = denominator < 0n ? -denominator : denominator
  const quotient = (a * 2n + b) / (b * 2n)
  return negative ? -quotient : quotient
}

/** numeric(p,s) as pg_attribute.atttypmod has it. */
export function numericModifier(precision: number, scale: number): number {
  return ((precision << 16) | (scale & 0x7ff)) + 4
}

export function numericPrecisionAndScale(modifier: number): { readonly precision: number; readonly scale: number } {
  const packed = modifier - 4
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 }
}

function applyModifier(value: Value, modifier: number): Value {
  const { precision, scale } = numericPrecisionAndScale(modifier)
  const numeric = value as Numeric
  if (numeric.isNaN) return numeric
  const rounded = numeric.round(scale)
  const magnitude = rounded.coefficient < 0n ? -rounded.coefficient : rounded.coefficient
  const limit = powerOfTen(Math.max(0, precision - scale + rounded.scale))
  if (magnitude < limit) return rounded
  const exponent = precision - scale
  return fail('22003', 'numeric field overflow', {
    detail: `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${exponent === 0 ? '1' : `10^${exponent}`}.`,
  })
}

const negativeSign = 0x4000
const shortForm = 0x8000

function toBytes(numeric: Numeric): Uint8Array {
  if (numeric.isNaN) return new Uint8Array([0x00, 0xc0])
  const { weight, digits } = numeric.digits()
  const negative = numeric.coefficient < 0n
  const isShort = numeric.scale <= 63 && weight >= -64 && weight <= 63
  const headerSize = isShort ? 2 : 4
  const bytes = new Uint8Array(headerSize + digits.length * 2)
  const view = new DataView(bytes.buffer)
  if (isShort) {
    view.setUint16(0, shortForm | (negative ? 0x2000 : 0) | (numeric.scale << 7) | (weight & 0x7f), true)
  } else {
    view.setUint16(0, (negative ? negativeSign : 0) | numeric.scale, true)
    view.setInt16(2, weight, true)
  }
  for (const [index, digit] of digits.entries()) view.setInt16(headerSize + index * 2, digit, true)
  return bytes
}

function fromBytes(bytes: Uint8Array): Numeric {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = view.getUint16(0, true)
  if ((header & 0xc000) === 0xc000) return Numeric.nan
  const isShort = (header & shortForm) !== 0
  const negative = (header & (isShort ? 0x2000 : negativeSign)) !== 0
  const scale = isShort ? (header >> 7) & 0x3f : header & 0x3fff
  const weight = isShort ? ((header & 0x7f) ^ 0x40) - 0x40 : view.getInt16(2, true)
  let coefficient = 0n
  let power = weight + 1
  for (let at = isShort ? 2 : 4; at < bytes.length; at += 2) {
    coefficient = coefficient * 10000n + BigInt(view.getInt16(at, true))
    power--
  }
  // The digits are worth 10000^power each; bring them to 10^-scale.
  const exponent = power * 4 + scale
  const magnitude = exponent >= 0 ? coefficient * powerOfTen(exponent) : coefficient / powerOfTen(-exponent)
  return new Numeric(negative ? -magnitude : magnitude, scale)
}

export const numericType: Type = {
  oid: 1700,
  name: 'numeric',
  displayName: 'numeric',
  length: -1,
  align: 4,
  category: 'N',
  input: text => Numeric.parse(text) ?? fail('22P02', `invalid input syntax for type numeric: "${text}"`),
  output: value => String(value),
  compare: (a, b) => (a as Numeric).compare(b as Numeric),
  key: value => (value as Numeric).key(),
  applyModifier,
  toBytes: value => toBytes(value as Numeric),
  fromBytes,
}
