// The report for continuous integration: JUnit XML, a test suite a run and a test case a check.

import type { Format, ReportedRun } from './run.ts'
import { headingOf } from './text.ts'
import { placeOf } from './verdicts.ts'

export const junit: Format = function* (runs) {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pgdrill">\n'
  for (const run of runs) yield* suite(run)
  yield '</testsuites>\n'
}

function* suite(run: ReportedRun): Generator<string> {
  const { scenario, verdicts } = run
  const heading = headingOf(run)
  const name = heading === '' ? scenario.title : `${scenario.title} (${heading})`
  const failures = verdicts.filter(verdict => verdict.outcome !== 'held').length
  const time = run.wallClock === undefined ? '' : ` time="${(run.wallClock / 1e9).toFixed(3)}"`
  yield `  <testsuite name="${escaped(name)}" tests="${verdicts.length}" failures="${failures}"${time}>\n`
  for (const verdict of verdicts) {
    const place = placeOf(verdict, run)
    const [file, line] = [place.slice(0, place.lastIndexOf(':')), place.slice(place.lastIndexOf(':') + 1)]
    const begin = `    <testcase name="${escaped(verdict.title)}" classname="${escaped(name)}" file="${escaped(file)}" line="${line}"`
    if (verdict.outcome === 'held') yield `${begin}/>\n`
    else {
      const text = `expected: ${verdict.expected}\nactual: ${verdict.actual}\nat: ${place}`
      yield `${begin}>\n      <failure type="${verdict.outcome}" message="${escaped(verdict.actual)}">${escaped(text)}</failure>\n    </testcase>\n`
    }
  }
  yield '  </testsuite>\n'
}

/** Letters that XML cannot hold at all are replaced. */
function escaped(text: string): string {
  return [...text]
    .map(letter => {
      const code = letter.codePointAt(0)!
      if (code < 0x20 && letter !== '\n' && letter !== '\t') return '\uFFFD'
      return named[letter] ?? letter
    })
    .join('')
}

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}
