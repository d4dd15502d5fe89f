// interval: months, days and microseconds, which PostgreSQL keeps apart. Text in the `postgres` style.

import { fail } from '../../shared/error.ts'
import { readInt8, writeInt8 } from './integer.ts'
import type { Type } from './type.ts'

export const microsecondsPerDay = 86_400_000_000

export class Interval {
  readonly months: number
  readonly days: number
  readonly microseconds: number

  constructor(months: number, days: number, microseconds: number) {
    this.months = months
    this.days = days
    this.microseconds = microseconds
  }

  add(other: Interval): Interval {
    return new Interval(this.months + other.months, this.days + other.days, this.microseconds + other.microseconds)
  }

  negate(): Interval {
    return new Interval(-this.months, -this.days, -this.microseconds)
  }

  /** Fractions of a month spill into days of a month of 30, fractions of a day into time, as interval_mul has it. */
  multiply(factor: number): Interval {
    const months = this.months * factor
    const wholeMonths = Math.trunc(months)
    const days = this.days * factor
    const wholeDays = Math.trunc(days)
    const spilledDays = (months - wholeMonths) * 30 + (days - wholeDays)
    const moreDays = Math.trunc(spilledDays)
    const microseconds = Math.round(this.microseconds * factor + (spilledDays - moreDays) * microsecondsPerDay)
    return new Interval(wholeMonths, wholeDays + moreDays, microseconds)
  }

  /** In microseconds, with months of 30 days: what comparison goes by. */
  span(): number {
    return (this.months * 30 + this.days) * microsecondsPerDay + this.microseconds
  }

  toString(): string {
    const parts: string[] = []
    const years = Math.trunc(this.months / 12)
    const months = this.months % 12
    const part = (count: number, unit: string) => {
      if (count === 0) return
      const sign = count > 0 && parts.some(each => each.startsWith('-')) ? '+' : ''
      parts.push(`${sign}${count} ${unit}${count === 1 ? '' : 's'}`)
    }
    part(years, 'year')
    part(months, 'mon')
    part(this.days, 'day')
    if (this.microseconds !== 0 || parts.length === 0) {
      const negativeBefore = parts.at(-1)?.startsWith('-') === true
      const sign = this.microseconds < 0 ? '-' : negativeBefore ? '+' : ''
      parts.push(sign + formatTime(Math.abs(this.microseconds)))
    }
    return parts.join(' ')
  }
}

/** Microseconds as HH:MM:SS[.ffffff]. */
export function formatTime(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1_000_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const fraction = String(microseconds % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return fraction === '' ? clock : `${clock}.${fraction}`
}

/** Each unit as [months, days, microseconds]. */
const units: Readonly<Record<string, readonly [number, number, number]>> = {
  us: [0, 0, 1],
  usec: [0, 0, 1],
  microsecond: [0, 0, 1],
  ms: [0, 0, 1000],
  msec: [0, 0, 1000],
  millisecond: [0, 0, 1000],
  s: [0, 0, 1_000_000],
  sec: [0, 0, 1_000_000],
  second: [0, 0, 1_000_000],
  m: [0, 0, 60_000_000],
  min: [0, 0, 60_000_000],
  minute: [0, 0, 60_000_000],
  h: [0, 0, 3_600_000_000],
  hr: [0, 0, 3_600_000_000],
  hour: [0, 0, 3_600_000_000],
  d: [0, 1, 0],
  day: [0, 1, 0],
  w: [0, 7, 0],
  week: [0, 7, 0],
  mon: [1, 0, 0],
  month: [1, 0, 0],
  y: [12, 0, 0],
  year: [12, 0, 0],
}

export function parseInterval(text: string): Interval | undefined {
  let result = new Interval(0, 0, 0)
  let rest = text.trim().toLowerCase().replace(/^@\s*/, '')
  const ago = / ago$/.test(rest)
  if (ago) rest = rest.slice(0, -4)
  if (rest === '') return undefined
  while (rest !== '') {
    const clock = /^([+-]?)(\d+):(\d{1,2})(?::(\d{1,2})(\.\d{1,6})?)?(?=\s|$)/.exec(rest)
    const quantity = clock ? undefined : /^([+-]?\d*\.?\d+)\s*([a-z]*)(?=\s|[+-]|\d|$)/.exec(rest)
    if (clock) {
      const seconds = Number(clock[2]) * 3600 + Number(clock[3]) * 60 + Number(clock[4] ?? 0)
      const microseconds = seconds * 1_000_000 + Math.round(Number(clock[5] ?? 0) * 1_000_000)
      result = result.add(new Interval(0, 0, clock[1] === '-' ? -microseconds : microseconds))
    } else if (quantity) {
      const name = quantity[2] === '' ? 's' : quantity[2]
      const unit = units[name] ?? units[name.replace(/s$/, '')]
      if (!unit) return undefined
      result = result.add(new Interval(...unit).multiply(Number(quantity[1])))
    } else return undefined
    rest = rest.slice((clock ?? quantity)![0].length).trimStart()
  }
  return ago ? result.negate() : result
}

export const intervalType: Type = {
  oid: 1186,
  name: 'interval',
  displayName: 'interval',
  length: 16,
  align: 8,
  category: 'T',
  isPreferred: true,
  input: text => parseInterval(text) ?? fail('22007', `invalid input syntax for type interval: "${text}"`),
  output: value => String(value),
  compare: (a, b) => (a as Interval).span() - (b as Interval).span(),
  key: value => (value as Interval).span(),
  write(view, at, value) {
    const interval = value as Interval
    writeInt8(view, at, interval.microseconds)
    view.setInt32(at + 8, interval.days, true)
    view.setInt32(at + 12, interval.months, true)
  },
  read: (view, at) =>
    new Interval(view.getInt32(at + 12, true), view.getInt32(at + 8, true), readInt8(view, at) as number),
}
