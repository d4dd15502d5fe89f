// The servers' own logs, as PostgreSQL writes them: a file for each node and each format that its log_destination names.
// Programs that read PostgreSQL's logs read these.

import type { EventKind } from '../model/trace.ts'
import type { ReportedRun } from './run.ts'

/** What must be recorded for them. */
export const serverLogKinds: readonly EventKind[] = ['log.written']

const endings: Readonly<Record<string, string>> = { stderr: 'log', csvlog: 'csv', jsonlog: 'json' }

/** By the file's name: `primary.log`. */
export function serverLogs(run: ReportedRun): ReadonlyMap<string, string> {
  const lines = new Map<string, string[]>()
  for (const event of run.events) {
    if (event.kind !== 'log.written') continue
    const name = `${event.node}.${endings[event.destination]}`
    const file = lines.get(name)
    if (file) file.push(event.text)
    else lines.set(name, [event.text])
  }
  return new Map([...lines].map(([name, texts]) => [name, texts.join('')]))
}
