// The report for other programs: one JSON object a line, and `record` says what it is. A run begins with a `run` line,
// then come its events, its verdicts, and an `end` line. Fields are added over time, never changed; `format` counts up
// if that cannot be kept.

import { eventKinds, levels } from '../model/trace.ts'
import type { Format, ReportedRun, ReportOptions } from './run.ts'
import { placeOf } from './verdicts.ts'

const format = 1

export const ndjson: Format = { write }

function* write(runs: readonly ReportedRun[], { version, detail }: ReportOptions): Generator<string> {
  for (const run of runs) {
    const { scenario, permutation, engine, seed, endedAt, eventCount } = run
    yield record('run', {
      format,
      pgdrill: version,
      file: scenario.source.name,
      title: scenario.title,
      postgres: scenario.postgres,
      variant: scenario.variant,
      permutation,
      engine,
      seed,
    })
    for (const event of run.events) {
      if (levels.indexOf(eventKinds[event.kind].level) <= levels.indexOf(detail)) yield record('event', event)
    }
    for (const verdict of run.verdicts) {
      const { span: _span, ...rest } = verdict
      yield record('verdict', { ...rest, place: placeOf(verdict, run) })
    }
    yield record('end', { endedAt, eventCount, wallClock: run.wallClock, recovery: run.recovery })
  }
}

function record(type: 'run' | 'event' | 'verdict' | 'end', fields: object): string {
  return `${JSON.stringify({ record: type, ...fields })}\n`
}
