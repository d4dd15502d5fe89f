// The report for test harnesses: TAP 14, a test point a check; what failed says why in a YAML block below.

import type { Verdict } from '../model/verdict.ts'
import type { Format, ReportedRun } from './run.ts'
import { headingOf } from './text.ts'
import { failed, placeOf } from './verdicts.ts'

export const tap: Format = {
  *write(runs) {
    yield 'TAP version 14\n'
    const points = runs.flatMap(run => run.verdicts.map(verdict => ({ run, verdict })))
    yield points.length === 0 ? '1..0 # SKIP there are no checks\n' : `1..${points.length}\n`
    let number = 0
    for (const { run, verdict } of points) {
      yield `${failed(verdict) ? 'not ok' : 'ok'} ${++number} - ${description(verdict, run)}\n`
      if (failed(verdict)) yield* why(verdict, run)
    }
  },
}

/** A `#` would begin a directive. */
function description(verdict: Verdict, run: ReportedRun): string {
  const heading = headingOf(run)
  const text = `${run.scenario.title}${heading === '' ? '' : ` (${heading})`}: ${verdict.title}`
  return text.replaceAll(/\s+/g, ' ').replaceAll('\\', '\\\\').replaceAll('#', '\\#')
}

/** Strings are written as JSON, which YAML takes. */
function* why(verdict: Verdict, run: ReportedRun): Generator<string> {
  yield '  ---\n'
  const fields = {
    outcome: verdict.outcome,
    expected: verdict.expected,
    actual: verdict.actual,
    at: placeOf(verdict, run),
  }
  for (const [name, text] of Object.entries(fields)) yield `  ${name}: ${JSON.stringify(text)}\n`
  yield '  ...\n'
}
