// Functions of dates, timestamps and intervals that depend on their arguments alone.

import { fail } from '../../shared/error.ts'
import type { PureFunction } from '../callable.ts'
import { float8Type } from '../types/float.ts'
import { type Interval, intervalType, microsecondsPerDay } from '../types/interval.ts'
import { Numeric, numericType } from '../types/numeric.ts'
import { textType } from '../types/text.ts'
import { dateFromDays, dateType, daysFromDate, timestampType, timestamptzType } from '../types/timestamp.ts'
import type { Type } from '../types/type.ts'

/** Microseconds from 1970-01-01 to 2000-01-01. */
const epochOffset = 946_684_800_000_000

const microsecondsOf: Readonly<Record<string, number>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
  day: microsecondsPerDay,
}

/** Cuts off what is smaller than the unit. */
function truncate(unitText: string, microseconds: number): number {
  const unit = unitText.toLowerCase().replace(/^(second|minute|hour|day|week|month|year)s$/, '$1')
  const size = microsecondsOf[unit]
  if (size) return Math.floor(microseconds / size) * size
  const days = Math.floor(microseconds / microsecondsPerDay)
  const { year, month } = dateFromDays(days)
  switch (unit) {
    // 2000-01-01 was a Saturday; weeks begin on Monday.
    case 'week':
      return (days - ((((days + 5) % 7) + 7) % 7)) * microsecondsPerDay
    case 'month':
      return daysFromDate(year, month, 1) * microsecondsPerDay
    case 'quarter':
      return daysFromDate(year, month - ((month - 1) % 3), 1) * microsecondsPerDay
    case 'year':
      return daysFromDate(year, 1, 1) * microsecondsPerDay
    default:
      return fail('22023', `timestamp units "${unitText}" not recognized`)
  }
}

/** Millionths as a numeric with six digits. */
const millionths = (value: number, scale = 6) => new Numeric(BigInt(value), scale)

function extractFromTimestamp(field: string, microseconds: number): Numeric {
  const days = Math.floor(microseconds / microsecondsPerDay)
  const time = microseconds - days * microsecondsPerDay
  const { year, month, day } = dateFromDays(days)
  switch (field.toLowerCase()) {
    case 'epoch':
      return millionths(microseconds + epochOffset)
    case 'microseconds':
      return Numeric.of(time % 60_000_000)
    case 'milliseconds':
      return millionths(time % 60_000_000, 3)
    case 'second':
      return millionths(time % 60_000_000)
    case 'minute':
      return Numeric.of(Math.floor(time / 60_000_000) % 60)
    case 'hour':
      return Numeric.of(Math.floor(time / 3_600_000_000))
    case 'day':
      return Numeric.of(day)
    case 'month':
      return Numeric.of(month)
    case 'year':
      return Numeric.of(year)
    case 'dow':
      return Numeric.of((((days + 6) % 7) + 7) % 7)
    case 'doy':
      return Numeric.of(days - daysFromDate(year, 1, 1) + 1)
    default:
      return fail('0A000', `extract of "${field}" is not played yet`)
  }
}

function extractFromInterval(field: string, interval: Interval): Numeric {
  const { months, days, microseconds } = interval
  switch (field.toLowerCase()) {
    // A year counts 365.25 days, a month of the rest 30.
    case 'epoch': {
      const years = Math.trunc(months / 12)
      return millionths(years * 31_557_600_000_000 + ((months % 12) * 30 + days) * microsecondsPerDay + microseconds)
    }
    case 'second':
      return millionths(microseconds % 60_000_000)
    case 'minute':
      return Numeric.of(Math.trunc(microseconds / 60_000_000) % 60)
    case 'hour':
      return Numeric.of(Math.trunc(microseconds / 3_600_000_000))
    case 'day':
      return Numeric.of(days)
    case 'month':
      return Numeric.of(months % 12)
    case 'year':
      return Numeric.of(Math.trunc(months / 12))
    default:
      return fail('0A000', `extract of "${field}" is not played yet`)
  }
}

/** extract gives a numeric, date_part the same as a float. */
function extraction(type: Type, extract: (field: string, value: never) => Numeric): PureFunction[] {
  return [
    {
      name: 'extract',
      parameters: [textType, type],
      returns: numericType,
      evaluate: extract as PureFunction['evaluate'],
    },
    {
      name: 'date_part',
      parameters: [textType, type],
      returns: float8Type,
      evaluate: (field, value) => extract(field, value as never).toNumber(),
    },
  ]
}

export const timeFunctions: readonly PureFunction[] = [
  ...[timestampType, timestamptzType].flatMap(type => [
    { name: 'date_trunc', parameters: [textType, type], returns: type, evaluate: truncate },
    ...extraction(type, extractFromTimestamp),
  ]),
  ...extraction(dateType, (field, days: number) => extractFromTimestamp(field, days * microsecondsPerDay).round(0)),
  ...extraction(intervalType, extractFromInterval),
  {
    name: 'to_timestamp',
    parameters: [float8Type],
    returns: timestamptzType,
    evaluate: (seconds: number) => Math.round(seconds * 1_000_000) - epochOffset,
  },
]
