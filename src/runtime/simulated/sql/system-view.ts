// A system view: rows that the server computes when it is read. views/ makes them and hands them to the session.

import type { Type, Value } from '../catalog/types/type.ts'
import type { Execution } from './expressions/execution.ts'

export interface SystemView {
  /** With () behind it if it is a function in FROM. */
  readonly name: string
  /** The extension that it comes with; missing: every database has it. */
  readonly extension?: string
  /** The first major that has it; missing: all have. */
  readonly since?: number
  readonly columns: readonly {
    readonly name: string
    readonly type: Type
    /** Majors that have the column; missing: all. */
    readonly since?: number
    readonly until?: number
  }[]
  /** Values of all columns, those of other majors too. */
  readonly rows: (execution: Execution) => Value[][]
}

/** The views as a server of this major has them. */
export function viewsOf(views: ReadonlyMap<string, SystemView>, version: number): ReadonlyMap<string, SystemView> {
  const there = [...views].filter(([, { since = 0 }]) => since <= version)
  return new Map(there.map(([name, view]) => [name, ofVersion(view, version)]))
}

function ofVersion(view: SystemView, version: number): SystemView {
  const isThere = view.columns.map(({ since = 0, until = version }) => since <= version && version <= until)
  if (!isThere.includes(false)) return view
  return {
    ...view,
    columns: view.columns.filter((_, index) => isThere[index]),
    rows: execution => view.rows(execution).map(row => row.filter((_, index) => isThere[index])),
  }
}
