// Two logs in two columns: the places where they differ, with a little of what stands around them.

import { padEnd, type Styles, widthOf, wrap } from '../report/index.ts'
import { type Cell, isDifference, type LogPhase, type LogRow } from './comparison.ts'

/** How many rows that agree stand before and after one that differs. */
const around = 2
const narrowest = 24

/** Empty where nothing differs. */
export function sideBySide(
  { node, after, rows, orders }: LogPhase,
  server: string,
  styles: Styles,
  width: number,
): readonly string[] {
  const shown = rows.map((_row, at) => rows.slice(Math.max(0, at - around), at + around + 1).some(isDifference))
  if (!shown.includes(true) && orders.length === 0) return []
  const column = Math.max(narrowest, Math.floor((width - 7) / 2))
  const lines = [styles.title(`  The log of ${node}${after === '' ? ' from the start' : ` after: ${after}`}`)]
  if (shown.includes(true)) lines.push(`    ${padEnd('simulated', column)} │ ${server}`)
  rows.forEach((row, at) => {
    if (shown[at]) lines.push(...rowsOf(row, column, styles))
    else if (shown[at - 1]) lines.push(styles.faint('    …'))
  })
  for (const { rule, text, simulatedAfter, realAfter } of orders) {
    lines.push(...wrapped(`the order "${rule}" differs: ${text}`, width - 4).map(each => `  ${styles.failed(each)}`))
    lines.push(...wrapped(`simulated after: ${simulatedAfter || 'nothing'}`, width - 6).map(each => `    ${each}`))
    lines.push(...wrapped(`${server} after: ${realAfter || 'nothing'}`, width - 6).map(each => `    ${each}`))
  }
  return lines
}

const marks = { same: ' ', 'only simulated': '<', 'only real': '>', moved: '↕', details: '≠' } as const

function rowsOf(row: LogRow, column: number, styles: Styles): readonly string[] {
  const style = isDifference(row) ? styles.failed : row.mark === 'same' ? (text: string) => text : styles.faint
  const [left, right] = [cellRows(row.simulated, column), cellRows(row.real, column)]
  const lines: string[] = []
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const mark = at > 0 ? ' ' : row.tolerated === undefined ? marks[row.mark] : '~'
    const cells = `${padEnd(left[at] ?? '', column)} │ ${right[at] ?? ''}`.trimEnd()
    lines.push(`  ${style(`${mark} ${cells}`)}`)
  }
  for (const { name, simulated = 'none', real = 'none' } of row.details ?? []) {
    const pair = [`${name.toUpperCase()}: ${simulated}`, `${name.toUpperCase()}: ${real}`]
    const [one, other] = pair.map(text => wrapped(text, column - 2).map(each => `  ${each}`))
    for (let at = 0; at < Math.max(one.length, other.length); at++) {
      lines.push(`    ${style(`${padEnd(one[at] ?? '', column)} │ ${other[at] ?? ''}`.trimEnd())}`)
    }
  }
  return lines
}

function cellRows(cell: Cell | undefined, column: number): readonly string[] {
  if (cell === undefined) return []
  const [first, ...rest] = wrapped(`${cell.process}: ${cell.text.replaceAll(/\s+/g, ' ')}`, column - 2)
  return [first, ...rest.map(each => `  ${each}`)]
}

/** Words that are longer than the room are broken: a column must not push the other. */
export function wrapped(text: string, room: number): readonly string[] {
  return wrap(text, room, room).flatMap(row => {
    const parts: string[] = []
    let rest = row
    while (widthOf(rest) > room) {
      parts.push(rest.slice(0, room))
      rest = rest.slice(room)
    }
    return [...parts, rest]
  })
}
