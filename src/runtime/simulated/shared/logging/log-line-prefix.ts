// log_line_prefix: what stands before each line of a text log. Mirrors log_line_prefix of elog.c.

import { formatTimestamp } from '../timestamp.ts'
import type { LogEntry } from './log-entry.ts'
import { unixTime, unixTimeWithMilliseconds, withMilliseconds } from './log-time.ts'

/** undefined: it has nothing to say of this entry, and only padding shows. */
type Escape = (entry: LogEntry, lineNumber: number) => string | undefined

const orUnknown = (name: string) => (name === '' ? '[unknown]' : name)

const escapes: Readonly<Record<string, Escape>> = {
  a: entry => entry.session && orUnknown(entry.applicationName),
  b: entry => entry.backendType,
  u: entry => entry.session && orUnknown(entry.session.user),
  d: entry => entry.session && orUnknown(entry.session.database),
  c: sessionId,
  p: entry => String(entry.pid),
  P: entry => (entry.leader === undefined ? undefined : String(entry.leader)),
  l: (_entry, lineNumber) => String(lineNumber),
  m: entry => withMilliseconds(entry.at),
  t: entry => formatTimestamp(entry.at),
  n: entry => unixTimeWithMilliseconds(entry.at),
  s: entry => formatTimestamp(entry.startedAt),
  i: entry => entry.session?.activity,
  r: entry => entry.session && `${entry.session.host}(${entry.session.port})`,
  h: entry => entry.session?.host,
  v: entry => (entry.virtualTransaction === '' ? undefined : entry.virtualTransaction),
  x: entry => String(entry.transaction),
  e: entry => entry.sqlstate,
  // Query identifiers are not computed.
  Q: () => '0',
}

/** When the session began and its pid, both in hexadecimal digits. */
export function sessionId({ startedAt, pid }: LogEntry): string {
  return `${unixTime(startedAt).toString(16)}.${pid.toString(16)}`
}

export function linePrefix(pattern: string, entry: LogEntry, lineNumber: number): string {
  let out = ''
  for (const [written, literal, padding, letter] of pattern.matchAll(/([^%]+)|%(-?\d*)([^\d-])|%/gs)) {
    if (literal !== undefined) out += literal
    else if (letter === '%') out += '%'
    else if (letter === 'q') {
      // Those without a session say no more.
      if (!entry.session) return out
    } else if (written !== '%' && Object.hasOwn(escapes, letter)) {
      out += padded(escapes[letter](entry, lineNumber) ?? '', padding)
    }
  }
  return out
}

function padded(text: string, padding: string): string {
  const width = Number(padding)
  return padding === '' || padding === '-' ? text : width < 0 ? text.padEnd(-width) : text.padStart(width)
}
