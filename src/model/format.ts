// How numbers with units are written, the same everywhere.

import { hour, millisecond, minute, second } from './units.ts'

/** A place in the WAL as PostgreSQL prints it: 0/1500028. */
export function formatLsn(lsn: number): string {
  return `${Math.floor(lsn / 0x1_0000_0000)
    .toString(16)
    .toUpperCase()}/${(lsn % 0x1_0000_0000).toString(16).toUpperCase()}`
}

/** 0/1500028 as a byte position. */
export function parseLsn(text: string): number {
  const [high, low] = text.split('/')
  return Number.parseInt(high, 16) * 0x1_0000_0000 + Number.parseInt(low, 16)
}

/** A duration in the unit that reads best: 12 ns, 3.4 ms, 5.02 s, 59 min. */
export function formatSeconds(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds} ns`
  if (nanoseconds < millisecond) return `${trim(nanoseconds / 1000)} µs`
  if (nanoseconds < second) return `${trim(nanoseconds / millisecond)} ms`
  if (nanoseconds < 2 * minute) return `${trim(nanoseconds / second)} s`
  if (nanoseconds < 2 * hour) return `${trim(nanoseconds / minute)} min`
  return `${trim(nanoseconds / hour)} h`
}

/** A size in the unit that reads best: 512 B, 16 MB. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let size = bytes
  for (; Math.abs(size) >= 1024 && unit < units.length - 1; unit++) size /= 1024
  return `${trim(size)} ${units[unit]}`
}

/** A count with its thousands separated: 31,408. */
export function formatCount(count: number): string {
  const [whole, fraction] = String(count).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** A moment of a run, in seconds with the digits in threes: 5.000 031. */
export function formatMoment(nanoseconds: number): string {
  const microseconds = Math.floor(nanoseconds / 1000)
  const digits = String(microseconds % 1_000_000).padStart(6, '0')
  return `${Math.floor(microseconds / 1_000_000)}.${digits.slice(0, 3)} ${digits.slice(3)}`
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3).replace(/\.0+$|(\.\d*[1-9])0+$/, '$1')
}
