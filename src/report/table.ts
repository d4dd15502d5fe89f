// One lesson, varied: a table of the variants, with a column a check.

import type { Verdict } from '../model/verdict.ts'
import type { ReportedRun, ReportOptions } from './run.ts'

/** Empty where there is only one variant. */
export function tableRows(runs: readonly ReportedRun[], { styles }: Pick<ReportOptions, 'styles'>): readonly string[] {
  const parameters = [...new Set(runs.flatMap(run => Object.keys(run.scenario.variant)))]
  const variants = new Set(runs.map(run => JSON.stringify(run.scenario.variant)))
  if (variants.size < 2) return []
  const checks = checksOf(runs)
  const widths = parameters.map(name =>
    Math.max(name.length, ...runs.map(run => (run.scenario.variant[name] ?? '').length)),
  )
  const line = (names: readonly string[], cells: readonly string[]) =>
    `  ${names.map((name, at) => name.padEnd(widths[at])).join('  ')}  ${cells.join(' ')}`.trimEnd()
  const numbers = checks.map((_check, at) => String(at + 1).padStart(3))
  const rows = [line(parameters, numbers)]
  for (const run of runs) {
    const cells = checks.map(({ span }) => {
      const verdict = run.verdicts.find(candidate => candidate.span.start === span.start)
      if (verdict === undefined) return '   '
      return verdict.outcome === 'held' ? styles.held('  ✓') : styles.failed('  ✗')
    })
    rows.push(
      line(
        parameters.map(name => run.scenario.variant[name] ?? ''),
        cells,
      ),
    )
  }
  return [...rows, '', ...checks.map(({ title }, at) => `  ${numbers[at]}  ${title}`)]
}

/** The checks of all runs, each once: a check is known by where it stands. */
function checksOf(runs: readonly ReportedRun[]): readonly Verdict[] {
  const checks = new Map<number, Verdict>()
  for (const verdict of runs.flatMap(run => run.verdicts)) {
    if (!checks.has(verdict.span.start)) checks.set(verdict.span.start, verdict)
  }
  return [...checks.values()]
}
