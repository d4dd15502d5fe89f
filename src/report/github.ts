// The report for a GitHub workflow: a failed check becomes an annotation at its line in the scenario, and a last line
// sums up.

import { positionOf } from '../model/source.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Format, ReportedRun } from './run.ts'
import { summary } from './summary.ts'
import { headingOf } from './text.ts'
import { failed } from './verdicts.ts'

export const github: Format = {
  *write(runs) {
    for (const run of runs) {
      for (const verdict of run.verdicts.filter(failed)) yield annotation(verdict, run)
    }
    yield `${message(summary(runs))}\n`
  },
}

function annotation(verdict: Verdict, run: ReportedRun): string {
  const { source } = run.scenario
  const [from, to] = [positionOf(source, verdict.span.start), positionOf(source, verdict.span.end)]
  const heading = headingOf(run)
  const properties = {
    file: source.name,
    line: from.line,
    endLine: Math.max(from.line, to.line),
    // GitHub takes columns only where an annotation is of one line.
    ...(to.line === from.line ? { col: from.column, endColumn: to.column } : {}),
    title: heading === '' ? verdict.title : `${verdict.title} (${heading})`,
  }
  const written = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`)
  const text = `expected: ${verdict.expected}\n${verdict.outcome === 'undecided' ? 'undecided' : 'actual'}: ${verdict.actual}`
  return `::error ${written.join(',')}::${message(text)}\n`
}

/** GitHub reads a command from one line, and decodes these. */
function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
