// A run as the viewer is given it: everything that the viewer shows, as plain data that JSON and messages between threads
// carry, with the events in columns. web/viewer/model/events.ts makes events of the columns again.

import { positionOf } from '../model/source.ts'
import { type EventKind, type EventKindDefinition, eventKinds, type TraceEvent } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Line } from './line.ts'
import { type Measure, measuresOf } from './recovery.ts'
import type { ReportedRun } from './run.ts'
import { timelineOf } from './timeline.ts'

/** `null` where an event does not have the field. Numbers of a `delta` column are differences to the row before. */
export interface Column {
  readonly name: string
  /** text: places in `strings`; flag: 0 or 1. */
  readonly type: 'number' | 'delta' | 'text' | 'flag'
  /** One a row, or one for all rows. */
  readonly values: readonly (number | null)[] | number
}

/** All events of one kind, in their order. */
export interface EventTable {
  readonly kind: EventKind
  readonly rows: number
  /** Those that no row has are left out. */
  readonly columns: readonly Column[]
}

export interface ViewerVerdict {
  readonly title: string
  readonly outcome: Verdict['outcome']
  readonly expected: string
  readonly actual: string
  readonly at?: number
  /** Sequence numbers. */
  readonly evidence: readonly number[]
  /** In `source`, from 1. */
  readonly line: number
}

export interface ViewerRun {
  readonly pgdrill: string
  readonly title: string
  readonly file: string
  /** The scenario's text. */
  readonly source: string
  readonly postgres: number
  readonly variant: Readonly<Record<string, string>>
  readonly permutation?: string
  readonly engine: ReportedRun['engine']
  readonly seed: number
  /** Nanoseconds since the start of the run. */
  readonly endedAt: number
  readonly verdicts: readonly ViewerVerdict[]
  /** What a crash or a failover has cost. */
  readonly measures: readonly Measure[]
  /** The text timeline's lines, those of the level lifecycle. */
  readonly story: readonly Line[]
  readonly strings: readonly string[]
  readonly tables: readonly EventTable[]
}

/** `version` is pgdrill's. */
export function viewerRunOf(run: ReportedRun, version: string): ViewerRun {
  const { scenario, permutation, engine, seed, endedAt } = run
  const strings = new Strings()
  const tables = tablesOf(run.events, strings)
  return {
    pgdrill: version,
    title: scenario.title,
    file: scenario.source.name,
    source: scenario.source.text,
    postgres: scenario.postgres,
    variant: scenario.variant,
    ...(permutation === undefined ? {} : { permutation }),
    engine,
    seed,
    endedAt,
    verdicts: run.verdicts.map(verdict => {
      const { span, ...rest } = verdict
      return { ...rest, line: positionOf(scenario.source, span.start).line }
    }),
    measures: measuresOf(run.recovery ?? {}),
    story: timelineOf(run.events, 'lifecycle'),
    strings: strings.all,
    tables,
  }
}

class Strings {
  readonly all: string[] = []
  private readonly places = new Map<string, number>()

  placeOf(text: string): number {
    const known = this.places.get(text)
    if (known !== undefined) return known
    this.places.set(text, this.all.length)
    return this.all.push(text) - 1
  }
}

/** Grow steadily: their differences are short. */
const steady = new Set(['time', 'sequence', 'cause'])

const common = { time: 'duration', sequence: 'number', cause: 'number', node: 'text', pid: 'number', process: 'text' }

function tablesOf(events: readonly TraceEvent[], strings: Strings): EventTable[] {
  const byKind = new Map<EventKind, TraceEvent[]>()
  for (const event of events) {
    const those = byKind.get(event.kind)
    if (those) those.push(event)
    else byKind.set(event.kind, [event])
  }
  return [...byKind].map(([kind, rows]) => {
    const { fields } = eventKinds[kind] as unknown as EventKindDefinition
    const columns = Object.entries({ ...common, ...fields }).flatMap(([name, type]) =>
      columnOf(name, type, rows as unknown as readonly Row[], strings),
    )
    return { kind, rows: rows.length, columns }
  })
}

type Row = Readonly<Record<string, number | string | boolean | undefined>>

function columnOf(name: string, field: string, rows: readonly Row[], strings: Strings): Column[] {
  if (rows.every(row => row[name] === undefined)) return []
  const type = typeOf(name, field)
  const values = rows.map(row => {
    const value = row[name]
    return value === undefined ? null : typeof value === 'string' ? strings.placeOf(value) : Number(value)
  })
  if (type !== 'delta' && values.every(value => value === values[0])) return [{ name, type, values: values[0]! }]
  if (type === 'delta') {
    let before = 0
    values.forEach((value, at) => {
      if (value === null) return
      values[at] = value - before
      before = value
    })
  }
  return [{ name, type, values }]
}

function typeOf(name: string, field: string): Column['type'] {
  if (field.startsWith('text')) return 'text'
  if (field.startsWith('boolean')) return 'flag'
  return steady.has(name) || field.startsWith('lsn') ? 'delta' : 'number'
}
