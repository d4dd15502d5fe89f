// date, timestamp and timestamptz: microseconds (days for date) since 2000-01-01. The time zone is UTC everywhere.

import { fail } from '../../shared/error.ts'
import { readInt8, writeInt8 } from './integer.ts'
import { formatTime, type Interval, microsecondsPerDay } from './interval.ts'
import { comparePrimitives, type Type } from './type.ts'

/** Days from 1970-01-01 to 2000-01-01. */
const epochDays = 10957

export interface CalendarDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Days since 2000-01-01 of a date of the Gregorian calendar. */
export function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146097 + dayOfEra - 719468 - epochDays
}

export function dateFromDays(days: number): CalendarDate {
  const shifted = days + epochDays + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

function formatDate(days: number): string {
  const { year, month, day } = dateFromDays(days)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

export function formatTimestamp(microseconds: number): string {
  const days = Math.floor(microseconds / microsecondsPerDay)
  return `${formatDate(days)} ${formatTime(microseconds - days * microsecondsPerDay)}`
}

const pattern =
  /^(\d{4,})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?\s*(z|utc|[+-]\d{1,2}(?::?\d{2})?)?$/i

/** Microseconds since 2000-01-01; a zone in the text is applied only with `useZone`. */
function parseTimestamp(text: string, typeName: string, useZone: boolean): number {
  const trimmed = text.trim()
  if (/^epoch$/i.test(trimmed)) return -epochDays * microsecondsPerDay
  const match = pattern.exec(trimmed)
  if (!match) fail('22007', `invalid input syntax for type ${typeName}: "${text}"`)
  const [year, month, day, hours, minutes, seconds] = [1, 2, 3, 4, 5, 6].map(index => Number(match[index] ?? 0))
  const days = daysFromDate(year, month, day)
  const back = dateFromDays(days)
  if (back.month !== month || back.day !== day || hours > 24 || minutes > 59 || seconds > 60) {
    fail('22008', `date/time field value out of range: "${text}"`, {
      hint: 'Perhaps you need a different "datestyle" setting.',
    })
  }
  const fraction = Math.round(Number(match[7] ?? 0) * 1_000_000)
  const local = days * microsecondsPerDay + (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + fraction
  return useZone ? local - zoneOffset(match[8]) : local
}

function zoneOffset(zone: string | undefined): number {
  const match = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone ?? '')
  if (!match) return 0
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60
  return (match[1] === '-' ? -seconds : seconds) * 1_000_000
}

/** Months first, with the day cut to the month's length, then days, then time. */
export function addInterval(microseconds: number, interval: Interval): number {
  let result = microseconds
  if (interval.months !== 0) {
    const days = Math.floor(result / microsecondsPerDay)
    const { year, month, day } = dateFromDays(days)
    const months = year * 12 + month - 1 + interval.months
    const newYear = Math.floor(months / 12)
    const newMonth = months - newYear * 12 + 1
    const lastDay =
      daysFromDate(newMonth === 12 ? newYear + 1 : newYear, newMonth === 12 ? 1 : newMonth + 1, 1) -
      daysFromDate(newYear, newMonth, 1)
    result += (daysFromDate(newYear, newMonth, Math.min(day, lastDay)) - days) * microsecondsPerDay
  }
  return result + interval.days * microsecondsPerDay + interval.microseconds
}

const stored = {
  length: 8,
  align: 8,
  category: 'D',
  compare: comparePrimitives,
  write: writeInt8,
  read: readInt8,
} as const

export const timestampType: Type = {
  ...stored,
  oid: 1114,
  name: 'timestamp',
  displayName: 'timestamp without time zone',
  input: text => parseTimestamp(text, 'timestamp', false),
  output: value => formatTimestamp(value as number),
}

export const timestamptzType: Type = {
  ...stored,
  oid: 1184,
  name: 'timestamptz',
  displayName: 'timestamp with time zone',
  isPreferred: true,
  input: text => parseTimestamp(text, 'timestamp with time zone', true),
  output: value => `${formatTimestamp(value as number)}+00`,
}

export const dateType: Type = {
  oid: 1082,
  name: 'date',
  displayName: 'date',
  length: 4,
  align: 4,
  category: 'D',
  compare: comparePrimitives,
  input: text => Math.floor(parseTimestamp(text, 'date', false) / microsecondsPerDay),
  output: value => formatDate(value as number),
  write: (view, at, value) => view.setInt32(at, value as number, true),
  read: (view, at) => view.getInt32(at, true),
}
