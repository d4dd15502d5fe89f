// The report for test harnesses: TAP 14, a test point a check; what failed says why in a YAML block below, and what a crash
// or a failover has cost stands in comments behind its run.

import type { Verdict } from '../model/verdict.ts'
import { recoveryRows } from './recovery.ts'
import type { Format, ReportedRun } from './run.ts'
import { plain } from './styles.ts'
import { headingOf } from './text.ts'
import { failed, placeOf } from './verdicts.ts'

export const tap: Format = {
  *write(runs) {
    yield 'TAP version 14\n'
    const count = runs.reduce((sum, { verdicts }) => sum + verdicts.length, 0)
    yield count === 0 ? '1..0 # SKIP there are no checks\n' : `1..${count}\n`
    let number = 0
    for (const run of runs) {
      for (const verdict of run.verdicts) {
        yield `${failed(verdict) ? 'not ok' : 'ok'} ${++number} - ${description(verdict, run)}\n`
        if (failed(verdict)) yield* why(verdict, run)
      }
      for (const row of recoveryRows(run, { styles: plain, width })) yield `#${row.slice(1)}\n`
    }
  },
}

/** Of comments. */
const width = 120

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
