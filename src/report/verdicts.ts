// The verdicts under a timeline: a line for what held, and for what failed the expectation, the observation, its moment
// and the events around it.

import { formatMoment } from '../model/format.ts'
import { positionOf } from '../model/source.ts'
import type { Verdict } from '../model/verdict.ts'
import { layOut, wrap } from './layout.ts'
import { type Line, lineOf } from './line.ts'
import type { ReportedRun, ReportOptions } from './run.ts'
import { worthTelling } from './timeline.ts'
import { padEnd, widthOf } from './width.ts'

const titleWidth = 42

export function verdictRows(run: ReportedRun, { styles, width, detail }: ReportOptions): readonly string[] {
  const titles = Math.min(titleWidth, Math.max(0, ...run.verdicts.map(({ title }) => widthOf(title))))
  const rows: string[] = []
  for (const verdict of run.verdicts) {
    if (failed(verdict)) rows.push(...failedRows(verdict, run, { width, styles, detail }))
    else rows.push(...heldRows(verdict, placeOf(verdict, run), titles, width, styles))
  }
  return rows
}

/** Undecided counts as failed. */
export function failed({ outcome }: Verdict): boolean {
  return outcome !== 'held'
}

/** The check's place, as editors and terminals open it: kill-backend.drill:24. */
export function placeOf(verdict: Verdict, { scenario }: ReportedRun): string {
  return `${scenario.source.name}:${positionOf(scenario.source, verdict.span.start).line}`
}

function heldRows(
  verdict: Verdict,
  place: string,
  titles: number,
  width: number,
  styles: ReportOptions['styles'],
): readonly string[] {
  const title = clip(verdict.title, width - 6 - place.length)
  const begin = `  ${styles.held('✓')} ${padEnd(title, titles)}  `
  const length = 4 + Math.max(titles, widthOf(title)) + 2
  const line = place.slice(place.lastIndexOf(':'))
  for (const written of [place, line]) {
    const gap = width - length - widthOf(verdict.actual) - written.length
    if (gap >= 2) return [`${begin}${verdict.actual}${' '.repeat(gap)}${styles.faint(written)}`]
  }
  const gap = ' '.repeat(Math.max(2, width - length + 2 - place.length))
  const rest = wrap(verdict.actual, width - 6, width - 6)
  return [`${begin.trimEnd()}${gap}${styles.faint(place)}`, ...rest.map(row => `      ${row}`)]
}

/** A check without prose is called by its formula, which may be long. */
function clip(title: string, room: number): string {
  return widthOf(title) <= room ? title : `${title.slice(0, room - 1)}…`
}

function failedRows(
  verdict: Verdict,
  run: ReportedRun,
  { styles, width, detail }: Pick<ReportOptions, 'styles' | 'width' | 'detail'>,
): readonly string[] {
  const place = placeOf(verdict, run)
  const title = clip(verdict.title, width - 6 - place.length)
  const gap = ' '.repeat(Math.max(2, width - 4 - widthOf(title) - place.length))
  const rows = [`  ${styles.failed('✗')} ${styles.failed(title)}${gap}${styles.faint(place)}`]
  const field = (name: string, text: string) => {
    const lines = wrap(text, width - 17, width - 17)
    rows.push(...lines.map((line, at) => `      ${styles.faint((at === 0 ? name : '').padEnd(11))}${line}`))
  }
  field('expected', verdict.expected)
  field(verdict.outcome === 'undecided' ? 'undecided' : 'actual', verdict.actual)
  if (verdict.at !== undefined) field('at', formatMoment(verdict.at))
  rows.push(...layOut(around(verdict, run, detail), styles, width - 4).map(row => `    ${row}`.trimEnd()))
  return rows
}

/** The events that decided, marked, and the two before and after the newest of them. */
function around(verdict: Verdict, run: ReportedRun, detail: ReportOptions['detail']): readonly Line[] {
  const decided = new Set(verdict.evidence)
  const told = new Set(worthTelling(run.events, detail))
  const candidates = run.events.filter(
    event => decided.has(event.sequence) || (told.has(event) && event.kind !== 'client.acknowledged'),
  )
  const newest = candidates.findLastIndex(event => decided.has(event.sequence))
  if (newest === -1) return []
  return candidates
    .filter((event, at) => decided.has(event.sequence) || Math.abs(at - newest) <= 2)
    .map(event => ({ ...lineOf(event), marked: decided.has(event.sequence) }))
}
