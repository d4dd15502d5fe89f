// When a line of the log was written.

const pattern = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) (UTC|GMT|[+-]\d\d(?::?\d\d)?)$/

/** Reads PostgreSQL's `2026-11-22 14:42:05.900 UTC` as milliseconds since 1970; undefined for zones known by name only. */
export function logTime(text: string): number | undefined {
  const match = pattern.exec(text)
  if (!match) return undefined
  const [, date, time, zone] = match
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}` : 'Z'
  const at = Date.parse(`${date}T${time}${offset}`)
  return Number.isNaN(at) ? undefined : at
}
