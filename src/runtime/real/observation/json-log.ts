// Reads the log as the logging collector writes it for log_destination = jsonlog: one object a line.

import { Lines } from './lines.ts'
import type { LogParser, LogPiece, LogRecord } from './log-record.ts'
import { logTime } from './log-time.ts'

export class JsonLog implements LogParser {
  private readonly lines = new Lines()

  feed(bytes: Buffer): LogPiece {
    const records: LogRecord[] = []
    const foreign: string[] = []
    for (const line of this.lines.feed(bytes)) {
      const record = recordOf(line)
      if (record) records.push(record)
      else foreign.push(line)
    }
    return { records, foreign }
  }

  /** A line that has ended is whole: nothing is ever held back. */
  settle(): LogPiece {
    return { records: [], foreign: [] }
  }
}

function recordOf(line: string): LogRecord | undefined {
  const entry = parse(line)
  const { pid, error_severity: level } = entry
  if (typeof pid !== 'number' || typeof level !== 'string') return undefined
  const text = (name: string) => (typeof entry[name] === 'string' ? (entry[name] as string) : undefined)
  const at = logTime(text('timestamp') ?? '')
  const sqlstate = text('state_code')
  const host = text('remote_host') ?? ''
  const position = entry.cursor_position
  return {
    ...(at === undefined ? {} : { at }),
    pid,
    level,
    ...(sqlstate === undefined || sqlstate === '00000' ? {} : { sqlstate }),
    remote: entry.remote_port === undefined ? host : `${host}(${entry.remote_port})`,
    backendType: text('backend_type') ?? '',
    message: (text('message') ?? '') + (position === undefined ? '' : ` at character ${position}`),
    ...optional('detail', text('detail')),
    ...optional('hint', text('hint')),
    ...optional('context', text('context')),
    ...optional('statement', text('statement')),
  }
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function optional<K extends string>(name: K, text: string | undefined): { readonly [P in K]?: string } {
  return text === undefined ? {} : ({ [name]: text } as { readonly [P in K]?: string })
}
