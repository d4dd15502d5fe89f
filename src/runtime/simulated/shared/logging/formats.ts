// The three formats of the log: text with a prefix before each line, CSV and JSON. Mirrors send_message_to_server_log,
// write_csvlog and write_jsonlog.

import { formatTimestamp } from '../timestamp.ts'
import type { LogEntry } from './log-entry.ts'
import { linePrefix, sessionId } from './log-line-prefix.ts'
import { withMilliseconds } from './log-time.ts'

export type LogDestination = 'stderr' | 'csvlog' | 'jsonlog'

export const logDestinations: readonly LogDestination[] = ['stderr', 'csvlog', 'jsonlog']

/** `nextLine` counts the lines of the process that logs. */
export function textLog(
  entry: LogEntry,
  options: { readonly prefix: string; readonly verbosity: string; readonly nextLine: () => number },
): string {
  const { prefix, verbosity, nextLine } = options
  let out = ''
  const line = (title: string, text: string | undefined) => {
    if (text === undefined) return
    out += `${linePrefix(prefix, entry, nextLine())}${title}:  ${text.replaceAll('\n', '\n\t')}\n`
  }
  const code = verbosity === 'verbose' ? `${entry.sqlstate}: ` : ''
  const place = entry.position === undefined ? '' : ` at character ${entry.position}`
  line(entry.level, `${code}${entry.message}${place}`)
  if (verbosity !== 'terse') {
    line('DETAIL', entry.detail)
    line('HINT', entry.hint)
    line('CONTEXT', entry.context)
  }
  line('STATEMENT', entry.statement)
  return out
}

const quoted = (text: string | undefined) => (text === undefined ? '' : `"${text.replaceAll('"', '""')}"`)

export function csvLog(entry: LogEntry, lineNumber: number): string {
  const { session } = entry
  // Names are unknown before the startup packet was read, and then there are none.
  const known = (name: string | undefined) => quoted(name === '' ? undefined : name)
  const fields = [
    withMilliseconds(entry.at),
    known(session?.user),
    known(session?.database),
    entry.pid,
    session ? quoted(`${session.host}:${session.port}`) : '',
    sessionId(entry),
    lineNumber,
    quoted(session?.activity),
    formatTimestamp(entry.startedAt),
    entry.virtualTransaction,
    entry.transaction,
    entry.level,
    entry.sqlstate,
    quoted(entry.message),
    quoted(entry.detail),
    quoted(entry.hint),
    '',
    '',
    quoted(entry.context),
    quoted(entry.statement),
    entry.statement === undefined ? '' : (entry.position ?? ''),
    '',
    quoted(entry.applicationName),
    quoted(entry.backendType),
    entry.leader ?? '',
    0,
  ]
  return `${fields.join(',')}\n`
}

export function jsonLog(entry: LogEntry, lineNumber: number): string {
  const { session } = entry
  const named = (name: string | undefined) => (name === '' ? undefined : name)
  const fields = {
    timestamp: withMilliseconds(entry.at),
    user: named(session?.user),
    dbname: named(session?.database),
    pid: entry.pid,
    remote_host: session?.host,
    remote_port: session?.port,
    session_id: sessionId(entry),
    line_num: lineNumber,
    ps: session?.activity,
    session_start: formatTimestamp(entry.startedAt),
    vxid: named(entry.virtualTransaction),
    txid: entry.transaction,
    error_severity: entry.level,
    state_code: entry.hasSqlstate ? entry.sqlstate : undefined,
    message: entry.message,
    detail: entry.detail,
    hint: entry.hint,
    context: entry.context,
    statement: entry.statement,
    cursor_position: entry.statement === undefined ? undefined : entry.position,
    application_name: named(entry.applicationName),
    backend_type: entry.backendType,
    leader_pid: entry.leader,
    query_id: 0,
  }
  return `${JSON.stringify(fields)}\n`
}
