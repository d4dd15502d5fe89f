// The last line of a report: what held, how long it took, how much happened.

import { formatCount, formatSeconds } from '../model/format.ts'
import type { ReportedRun } from './run.ts'

/** "5 checks held · 10 s played in 0.09 s · 31,408 events"; of several runs the sums. */
export function summary(runs: readonly ReportedRun[]): string {
  const verdicts = runs.flatMap(run => run.verdicts)
  const failed = verdicts.filter(verdict => verdict.outcome !== 'held').length
  const total = (of: (run: ReportedRun) => number) => runs.reduce((sum, run) => sum + of(run), 0)
  const played = formatSeconds(total(run => run.endedAt))
  const timed = runs.length > 0 && runs.every(run => run.wallClock !== undefined)
  const took = timed ? ` in ${(total(run => run.wallClock!) / 1e9).toFixed(2)} s` : ''
  const several = runs.length > 1 ? [`${runs.length} runs`] : []
  const events = `${formatCount(total(run => run.eventCount))} events`
  return [checksPhrase(verdicts.length, failed), ...several, `${played} played${took}`, events].join(' · ')
}

function checksPhrase(total: number, failed: number): string {
  if (total === 0) return 'no checks'
  if (failed > 0) return `${formatCount(failed)} of ${formatCount(total)} ${total === 1 ? 'check' : 'checks'} failed`
  return `${formatCount(total)} ${total === 1 ? 'check' : 'checks'} held`
}
