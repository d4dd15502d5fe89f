// The report for a GitHub workflow: what is wrong with a scenario, and a check that failed, become annotations at their
// lines, and a last line sums up.

import { positionOf, type SourceFile, type Span } from '../model/source.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Format, ReportedRun } from './run.ts'
import { summary } from './summary.ts'
import { headingOf } from './text.ts'
import { failed } from './verdicts.ts'

export const github: Format = {
  *complain(source, diagnostics) {
    for (const { code, span, message, help } of diagnostics) {
      yield annotation(source, span, code, help === undefined ? message : `${message}\n${help}`)
    }
  },
  *write(runs) {
    if (runs.length === 0) return
    for (const run of runs) {
      for (const verdict of run.verdicts.filter(failed)) yield annotationOf(verdict, run)
    }
    yield `${encoded(summary(runs))}\n`
  },
}

function annotationOf({ title, span, outcome, expected, actual }: Verdict, run: ReportedRun): string {
  const heading = headingOf(run)
  const name = heading === '' ? title : `${title} (${heading})`
  const text = `expected: ${expected}\n${outcome === 'undecided' ? 'undecided' : 'actual'}: ${actual}`
  return annotation(run.scenario.source, span, name, text)
}

function annotation(source: SourceFile, span: Span, title: string, text: string): string {
  const [from, to] = [positionOf(source, span.start), positionOf(source, span.end)]
  const properties = {
    file: source.name,
    line: from.line,
    endLine: to.line,
    // GitHub takes columns only where an annotation is of one line.
    ...(to.line === from.line ? { col: from.column, endColumn: to.column } : {}),
    title,
  }
  const written = Object.entries(properties).map(([name, value]) => `${name}=${encodedProperty(String(value))}`)
  return `::error ${written.join(',')}::${encoded(text)}\n`
}

/** GitHub reads a command from one line, and decodes these. */
function encoded(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function encodedProperty(text: string): string {
  return encoded(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
