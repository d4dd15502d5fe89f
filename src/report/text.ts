// The text report: for each run its timeline and verdicts, at the end a table of the variants and one line of totals.

import { withoutCommonBeginning } from './beginnings.ts'
import { layOut } from './layout.ts'
import type { Line } from './line.ts'
import { recoveryRows } from './recovery.ts'
import type { Format, ReportedRun, ReportOptions } from './run.ts'
import { summary } from './summary.ts'
import { tableRows } from './table.ts'
import { timelineOf } from './timeline.ts'
import { verdictRows } from './verdicts.ts'
import { widthOf } from './width.ts'

export const text: Format = {
  *write(runs, options) {
    for (const row of rowsOf(runs, options)) yield `${row}\n`
  },
}

function* rowsOf(runs: readonly ReportedRun[], options: ReportOptions): Generator<string> {
  const { styles, width, detail } = options
  if (runs.length === 0) return
  yield* headRows(runs, options)
  let before: readonly Line[] = []
  for (const run of runs) {
    const heading = runs.length > 1 ? headingOf(run) : ''
    if (heading !== '') {
      yield ''
      yield styles.title(`── ${heading} ${'─'.repeat(Math.max(2, width - widthOf(heading) - 4))}`)
    }
    const lines = timelineOf(run.events, detail)
    const timeline = layOut(withoutCommonBeginning(lines, before), styles, width)
    before = lines
    if (timeline.length > 0) yield ''
    yield* timeline
    if (run.verdicts.length > 0) yield ''
    yield* verdictRows(run, options)
    const recovery = recoveryRows(run, options)
    if (recovery.length > 0) yield ''
    yield* recovery
  }
  const table = tableRows(runs, options)
  if (table.length > 0) yield ''
  yield* table
  yield ''
  const failed = runs.some(run => run.verdicts.some(verdict => verdict.outcome !== 'held'))
  yield `  ${(failed ? styles.failed : styles.held)(summary(runs))}`
}

/** The title, and at the right what was played. */
function* headRows(runs: readonly ReportedRun[], { styles, width }: ReportOptions): Generator<string> {
  const [{ scenario, engine }] = runs
  const versions = [...new Set(runs.map(run => run.scenario.postgres))]
  const seeds = [...new Set(runs.map(run => run.seed))]
  const facts = [
    `PostgreSQL ${versions.join(', ')}`,
    seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`,
    engine === 'simulated' ? 'simulated' : 'real servers',
  ].join(' · ')
  const gap = width - widthOf(scenario.title) - widthOf(facts)
  if (gap >= 2) yield `${styles.title(scenario.title)}${' '.repeat(gap)}${styles.faint(facts)}`
  else {
    yield styles.title(scenario.title)
    yield styles.faint(facts)
  }
}

/** What tells this run from the others of its file. */
export function headingOf({ scenario, permutation }: ReportedRun): string {
  const variant = Object.entries(scenario.variant).map(([name, value]) => `${name} = ${value}`)
  return [...variant, ...(permutation === undefined ? [] : [`permutation ${permutation}`])].join(', ')
}
