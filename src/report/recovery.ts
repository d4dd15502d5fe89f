// What a crash or a failover has cost, under the verdicts: the recovery point and the recovery time as they were measured,
// and the ledger of commits by client.

import { formatCount, formatMoment, formatSeconds } from '../model/format.ts'
import type { CommitLedger, Recovery, RecoveryPoint, RecoveryTime } from '../model/recovery.ts'
import { wrap } from './layout.ts'
import type { ReportedRun, ReportOptions } from './run.ts'

const indent = ' '.repeat(7)

/** One figure, as a picture of the run shows it. */
export interface Measure {
  readonly name: 'RPO' | 'RTO'
  readonly phrase: string
  /** The ledger by client, a line each. */
  readonly more: readonly string[]
  /** Where to look, in nanoseconds. */
  readonly at?: number
}

export function measuresOf({ point, time }: Recovery): readonly Measure[] {
  const measures: Measure[] = []
  if (point) {
    const more = point.ledger.map(
      ({ client, acknowledged, lost, ghosts }) =>
        `${client}: ${formatCount(acknowledged)} acknowledged, ${formatCount(lost)} lost, ${formatCount(ghosts)} ghosts`,
    )
    measures.push({ name: 'RPO', phrase: pointPhrase(point), more })
  }
  if (time) measures.push({ name: 'RTO', phrase: timePhrase(time), more: [], at: time.from })
  return measures
}

/** Empty where nothing was measured. */
export function recoveryRows(
  { recovery = {} }: ReportedRun,
  { styles, width }: Pick<ReportOptions, 'styles' | 'width'>,
): readonly string[] {
  const { point, time } = recovery
  const rows: string[] = []
  const say = (name: string, phrase: string) => {
    const lines = wrap(phrase, width - indent.length, width - indent.length)
    rows.push(...lines.map((line, at) => `${at === 0 ? `  ${styles.title(name)}  ` : indent}${line}`))
  }
  if (point) say('RPO', pointPhrase(point))
  if (point && point.ledger.length > 1) rows.push(...ledgerRows(point.ledger))
  if (time) say('RTO', timePhrase(time))
  return rows
}

/** "1.98 s: of 5,400 acknowledged commits 312 are lost, the oldest was acknowledged that long before the fault". */
function pointPhrase({ time, ledger }: RecoveryPoint): string {
  const sum = (of: (each: CommitLedger) => number) => ledger.reduce((total, each) => total + of(each), 0)
  const lost = sum(each => each.lost)
  const ghosts = sum(each => each.ghosts)
  const of = `of ${formatCount(sum(each => each.acknowledged))} acknowledged commits`
  const back = `the oldest of them acknowledged ${formatSeconds(time)} before the fault`
  const found =
    lost === 0 ? `${of} none is lost` : `${of} ${formatCount(lost)} ${lost === 1 ? 'is' : 'are'} lost, ${back}`
  const besides = ghosts === 0 ? '' : `; ${formatCount(ghosts)} there that nobody was told of`
  return `${time === 0 ? '0 s' : formatSeconds(time)}: ${found}${besides}`
}

function ledgerRows(ledger: readonly CommitLedger[]): readonly string[] {
  const heads = ['client', 'acknowledged', 'survived', 'lost', 'ghosts']
  const lines = ledger.map(({ client, acknowledged, lost, ghosts }) => [
    client,
    ...[acknowledged, acknowledged - lost, lost, ghosts].map(formatCount),
  ])
  const widths = heads.map((head, at) => Math.max(head.length, ...lines.map(line => line[at].length)))
  return [heads, ...lines].map(cells => {
    const [name, ...counts] = cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
    return `${indent}${[name, ...counts].join('  ')}`
  })
}

function timePhrase({ time, from, ended }: RecoveryTime): string {
  const begin = formatMoment(from)
  return ended
    ? `${formatSeconds(time)}: from ${begin} to the next acknowledged commit`
    : `over ${formatSeconds(time)}: from ${begin} to the end no commit was acknowledged`
}
