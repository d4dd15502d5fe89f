// The text report of many comparisons: in full those that differ, and a table of all.

import { padEnd, widthOf } from '../report/index.ts'
import type { Comparison } from './comparison.ts'
import { nameOf, serverName, type TextOptions, textOf } from './text.ts'

/** Whole lines, each ending in a newline. One comparison alone is told in full. */
export function comparisonsText(comparisons: readonly Comparison[], options: TextOptions): string {
  const told = comparisons.length === 1 ? comparisons : comparisons.filter(({ agrees }) => !agrees)
  const parts = told.map(comparison => textOf(comparison, options))
  if (comparisons.length > 1) parts.push([...tableRows(comparisons, options), '', totalRow(comparisons, options)])
  return parts.map(rows => rows.map(row => `${row}\n`).join('')).join('\n')
}

function tableRows(comparisons: readonly Comparison[], { styles }: TextOptions): readonly string[] {
  const servers = serversOf(comparisons)
  const names = [...new Set(comparisons.map(rowName))]
  const width = Math.max(...names.map(widthOf))
  const cells = (row: string) =>
    servers.map(server => {
      const comparison = comparisons.find(each => rowName(each) === row && serverName(each) === server)
      const text = comparison === undefined ? '' : cellOf(comparison)
      const style = comparison?.agrees ? styles.held : styles.failed
      return style(text) + ' '.repeat(Math.max(0, Math.max(widthOf(server), 16) - widthOf(text)))
    })
  const head = servers.map(server => padEnd(server, 16))
  return [
    `  ${padEnd('', width)}  ${head.join('  ')}`.trimEnd(),
    ...names.map(row => `  ${padEnd(row, width)}  ${cells(row).join('  ')}`.trimEnd()),
  ]
}

/** The servers that were played on, by their versions. */
export function serversOf(comparisons: readonly Comparison[]): readonly string[] {
  const sorted = [...comparisons].sort((one, other) => one.postgres - other.postgres)
  return [...new Set(sorted.map(serverName))]
}

/** What a row of a table is of: the file, and the variant and permutation where there are several. */
export function rowName(comparison: Comparison): string {
  const name = nameOf(comparison)
  return `${comparison.file}${name === comparison.title ? '' : name.slice(comparison.title.length)}`
}

function cellOf({ agrees, differences, checks }: Comparison): string {
  const skipped = checks.filter(({ result }) => result === 'skipped').length
  const says = agrees ? '✓ agrees' : `✗ differs (${differences.length})`
  return skipped === 0 ? says : `${says}, ${skipped} skipped`
}

function totalRow(comparisons: readonly Comparison[], { styles }: TextOptions): string {
  const agreeing = comparisons.filter(({ agrees }) => agrees).length
  const all = agreeing === comparisons.length
  const text = `${agreeing} of ${comparisons.length} comparisons agree`
  return `  ${(all ? styles.held : styles.failed)(text)}`
}
