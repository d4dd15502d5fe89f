// Moments as the log writes them, in UTC, and names of files with moments in them. Mirrors get_formatted_log_time and
// pg_strftime.

import { day, millisecond, second } from '../../../../model/units.ts'
import { epochDays, formatTimestamp } from '../timestamp.ts'

/** From 1970 to the start of the run, in seconds: PostgreSQL's epoch is 10957 days after 1970. */
const unixStart = (10_957 + epochDays) * (day / second)

/** `2025-01-01 00:00:05.123 UTC` */
export function withMilliseconds(nanoseconds: number): string {
  return formatTimestamp(nanoseconds).replace(' UTC', `.${milliseconds(nanoseconds)} UTC`)
}

/** Seconds since 1970. */
export function unixTime(nanoseconds: number): number {
  return unixStart + Math.floor(nanoseconds / second)
}

/** `1735689605.123` */
export function unixTimeWithMilliseconds(nanoseconds: number): string {
  return `${unixTime(nanoseconds)}.${milliseconds(nanoseconds)}`
}

function milliseconds(nanoseconds: number): string {
  const within = nanoseconds - Math.floor(nanoseconds / second) * second
  return String(Math.floor(within / millisecond)).padStart(3, '0')
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** Fills a pattern of strftime(3) with a moment; letters that it does not know stand as they are. */
export function fillPattern(pattern: string, nanoseconds: number): string {
  const [date, time] = formatTimestamp(nanoseconds).split(' ')
  const [year, month, dayOfMonth] = date.split('-')
  const [hours, minutes, seconds] = time.split(':')
  const days = Math.floor(unixTime(nanoseconds) / (day / second))
  // 1970 began on a Thursday.
  const weekday = (days + 4) % 7
  const dayOfYear = days - Math.floor(firstOfYear(Number(year))) + 1
  const values: Readonly<Record<string, string>> = {
    Y: year,
    y: year.slice(2),
    C: year.slice(0, 2),
    m: month,
    d: dayOfMonth,
    e: dayOfMonth.replace(/^0/, ' '),
    H: hours,
    I: String(Number(hours) % 12 || 12).padStart(2, '0'),
    M: minutes,
    S: seconds,
    p: Number(hours) < 12 ? 'AM' : 'PM',
    j: String(dayOfYear).padStart(3, '0'),
    a: weekdays[weekday].slice(0, 3),
    A: weekdays[weekday],
    b: months[Number(month) - 1].slice(0, 3),
    h: months[Number(month) - 1].slice(0, 3),
    B: months[Number(month) - 1],
    u: String(weekday || 7),
    w: String(weekday),
    s: String(unixTime(nanoseconds)),
    F: date,
    T: time,
    D: `${month}/${dayOfMonth}/${year.slice(2)}`,
    R: `${hours}:${minutes}`,
    z: '+0000',
    Z: 'UTC',
    n: '\n',
    t: '\t',
    '%': '%',
  }
  return pattern.replace(/%(.)/g, (written, letter: string) => values[letter] ?? written)
}

/** In days since 1970. */
function firstOfYear(year: number): number {
  const before = year - 1
  const leaps = (until: number) => Math.floor(until / 4) - Math.floor(until / 100) + Math.floor(until / 400)
  return (year - 1970) * 365 + leaps(before) - leaps(1969)
}
