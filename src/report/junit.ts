// The report for continuous integration: JUnit XML, a test suite a run and a test case a check. It keeps to the schema
// of Jenkins's xUnit plugin (junit-10.xsd), which knows no file and line of a test case: a failure's text says them.

import type { Format, ReportedRun } from './run.ts'
import { headingOf } from './text.ts'
import { failed, placeOf } from './verdicts.ts'
import { escapeXml } from './xml.ts'

export const junit: Format = {
  *write(runs) {
    const checks = runs.flatMap(run => run.verdicts)
    const counts = `tests="${checks.length}" failures="${checks.filter(failed).length}" errors="0"`
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pgdrill" ${counts}>\n`
    for (const run of runs) yield* suite(run)
    yield '</testsuites>\n'
  },
}

function* suite(run: ReportedRun): Generator<string> {
  const { scenario, verdicts } = run
  const heading = headingOf(run)
  const name = heading === '' ? scenario.title : `${scenario.title} (${heading})`
  const counts = `tests="${verdicts.length}" failures="${verdicts.filter(failed).length}" errors="0"`
  const time = run.wallClock === undefined ? '' : ` time="${(run.wallClock / 1e9).toFixed(3)}"`
  const file = escapeXml(scenario.source.name)
  yield `  <testsuite name="${escapeXml(name)}" ${counts} file="${file}"${time}>\n`
  yield* properties(run)
  for (const verdict of verdicts) {
    const begin = `    <testcase name="${escapeXml(verdict.title)}" classname="${escapeXml(name)}"`
    if (!failed(verdict)) yield `${begin}/>\n`
    else {
      const text = `expected: ${verdict.expected}\nactual: ${verdict.actual}\nat: ${placeOf(verdict, run)}`
      yield `${begin}>\n      <failure type="${verdict.outcome}" message="${escapeXml(verdict.actual)}">${escapeXml(text)}</failure>\n    </testcase>\n`
    }
  }
  yield '  </testsuite>\n'
}

/** What a crash or a failover has cost; times are seconds. */
function* properties({ recovery }: ReportedRun): Generator<string> {
  if (!recovery) return
  const { point, time } = recovery
  const values: Record<string, string | number> = {}
  if (point) {
    values['rpo.seconds'] = seconds(point.time)
    for (const { client, acknowledged, lost, ghosts } of point.ledger) {
      Object.assign(values, {
        [`${client}.acknowledged`]: acknowledged,
        [`${client}.lost`]: lost,
        [`${client}.ghosts`]: ghosts,
      })
    }
  }
  if (time) values[time.ended ? 'rto.seconds' : 'rto.seconds.at-least'] = seconds(time.time)
  yield '    <properties>\n'
  for (const [name, value] of Object.entries(values)) {
    yield `      <property name="${escapeXml(name)}" value="${value}"/>\n`
  }
  yield '    </properties>\n'
}

function seconds(nanoseconds: number): string {
  return (nanoseconds / 1e9).toFixed(6)
}
