// What the settings that say where recovery is to stop may be. Mirrors the check hooks of guc.c for them.

import { day, hour, microsecond, minute, second } from '../../../model/units.ts'

/** At most one of them may be set. */
export const targetSettings = [
  'recovery_target',
  'recovery_target_lsn',
  'recovery_target_name',
  'recovery_target_time',
  'recovery_target_xid',
]

const longestName = 63

const rules: Readonly<Record<string, readonly [isRight: (text: string) => boolean, help: string]>> = {
  recovery_target: [text => text === 'immediate', 'The only allowed value is "immediate".'],
  recovery_target_lsn: [text => /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(text), 'Write it as 0/3000060'],
  recovery_target_name: [text => text.length <= longestName, `Its length is at most ${longestName} characters`],
  recovery_target_time: [
    text => parseTimestampTz(text) !== undefined,
    'Write it as 2025-01-01 00:00:05.25+00, or in `restore` as a moment',
  ],
  recovery_target_timeline: [
    text => /^(latest|current|[1-9]\d{0,9})$/.test(text),
    'It is latest, current, or the number of a timeline',
  ],
  recovery_target_xid: [text => /^\d{1,10}$/.test(text), 'It is the number of a transaction'],
}

/** What is wrong with the value; undefined: nothing, or the setting is none of these. */
export function complaintOfTarget(name: string, text: string): string | undefined {
  const rule = rules[name]
  return rule === undefined || rule[0](text) ? undefined : rule[1]
}

const timestamp =
  /^\s*(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?\s*(?:\+00(?::?00)?|UTC|GMT)?\s*$/i

/** Days before each month of a year that is no leap year. */
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]
const runYear = 2025

/**
 * A moment as the log writes it, or a timestamptz in UTC, with or without its zone: nanoseconds since the start of the
 * run, which is 2025-01-01. Undefined: it is neither.
 */
export function parseTimestampTz(text: string): number | undefined {
  const match = timestamp.exec(text)
  if (!match) return undefined
  const [year, month, date, hours, minutes, seconds] = match.slice(1, 7).map(each => Number(each ?? 0))
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const length = month === 2 && isLeap ? 29 : daysBefore[month] - daysBefore[month - 1]
  if (!(date >= 1 && date <= length) || hours > 23 || minutes > 59 || seconds > 59) return undefined
  const days = daysBeforeYear(year) - daysBeforeYear(runYear) + daysBefore[month - 1] + (month > 2 && isLeap ? 1 : 0)
  const micros = Number((match[7] ?? '').padEnd(6, '0'))
  return (days + date - 1) * day + hours * hour + minutes * minute + seconds * second + micros * microsecond
}

/** From the beginning of the calendar that leap years follow. */
function daysBeforeYear(year: number): number {
  const before = year - 1
  return 365 * before + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)
}
