// The wall clock that a run shows: it begins at 2025-01-01 00:00:00 UTC, and virtual time moves it. What was prepared
// before the run has times before that.

import { day, hour, microsecond, minute, second } from '../../../model/units.ts'

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Days from 2000-01-01, PostgreSQL's epoch, to 2025-01-01. */
export const epochDays = 9132
const epoch = (epochDays * day) / microsecond

/** Virtual nanoseconds as a timestamptz, which counts microseconds since 2000: of SQL, and of the records of the WAL. */
export function timestampOf(nanoseconds: number): number {
  return epoch + Math.floor(nanoseconds / microsecond)
}

/** The virtual nanoseconds that a timestamptz stands for. */
export function nanosecondsOf(timestamp: number): number {
  return (timestamp - epoch) * microsecond
}

/** `2025-01-01 00:00:05 UTC`, as the log writes moments of the past. */
export function formatTimestamp(nanoseconds: number): string {
  return `${formatDate(nanoseconds)} ${formatTime(nanoseconds)} UTC`
}

/** `2025-01-01 00:00:05.012345+00`, as a timestamptz with its zone. */
export function formatTimestampTz(nanoseconds: number): string {
  const micros = Math.floor(modulo(nanoseconds, second) / microsecond)
  const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`
  return `${formatDate(nanoseconds)} ${formatTime(nanoseconds)}${fraction}+00`
}

export function formatDate(nanoseconds: number): string {
  let days = Math.floor(nanoseconds / day)
  let year = 2025
  for (; days < 0; days += daysOf(year)) year--
  for (; days >= daysOf(year); year++) days -= daysOf(year)
  let month = 0
  for (; days >= daysOfMonth(year, month); month++) days -= daysOfMonth(year, month)
  return `${year}-${two(month + 1)}-${two(days + 1)}`
}

function formatTime(nanoseconds: number): string {
  const time = modulo(nanoseconds, day)
  return `${two(Math.floor(time / hour))}:${two(Math.floor((time % hour) / minute))}:${two(Math.floor((time % minute) / second))}`
}

function modulo(dividend: number, divisor: number): number {
  return dividend - Math.floor(dividend / divisor) * divisor
}

function daysOf(year: number): number {
  return isLeap(year) ? 366 : 365
}

function daysOfMonth(year: number, month: number): number {
  return month === 1 && isLeap(year) ? 29 : monthDays[month]
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
