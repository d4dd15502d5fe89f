// Makes events of a run's columns (src/report/viewer-run.ts), in the order in which they were told.

import type { TraceEvent } from '../../../src/model/trace.ts'
import type { Column, EventTable, ViewerRun } from '../../../src/report/viewer-run.ts'

type Row = Record<string, number | string | boolean>

export function eventsOf(run: Pick<ViewerRun, 'tables' | 'strings'>): readonly TraceEvent[] {
  const events = run.tables.flatMap(table => rowsOf(table, run.strings)) as unknown as TraceEvent[]
  return events.sort((one, other) => one.sequence - other.sequence)
}

function rowsOf(table: EventTable, strings: readonly string[]): Row[] {
  const rows: Row[] = Array.from({ length: table.rows }, () => ({ kind: table.kind }))
  for (const column of table.columns) fill(rows, column, strings)
  return rows
}

function fill(rows: readonly Row[], { name, type, values }: Column, strings: readonly string[]): void {
  const meaning = (value: number) => (type === 'text' ? strings[value] : type === 'flag' ? value === 1 : value)
  if (typeof values === 'number') {
    const same = meaning(values)
    for (const row of rows) row[name] = same
    return
  }
  let before = 0
  for (let at = 0; at < rows.length; at++) {
    const value = values[at]
    if (value === null) continue
    before += value
    rows[at][name] = type === 'delta' ? before : meaning(value)
  }
}
