// Lays lines out in columns: time, node, process, what happened. Long texts go on under themselves.

import { formatMoment } from '../model/format.ts'
import type { Line, Tone } from './line.ts'
import type { Style, Styles } from './styles.ts'
import { widthOf } from './width.ts'

interface Columns {
  readonly time: number
  readonly who: number
  readonly process: number
  /** Where the text begins. */
  readonly text: number
  readonly width: number
}

/** A name that is wider than this pushes its own line, and not all of them. */
const widest = { who: 14, process: 23 }
const margin = 2

export function layOut(lines: readonly Line[], styles: Styles, width: number): readonly string[] {
  const columns = columnsOf(lines, width)
  const rows: string[] = []
  let who = ''
  lines.forEach((line, at) => {
    if (line.tone === 'fault' && at > 0 && lines[at - 1].tone !== 'fault') rows.push('')
    rows.push(...rowsOf(line, who, columns, styles))
    who = line.who
  })
  return rows
}

function columnsOf(lines: readonly Line[], width: number): Columns {
  let [time, who, process] = [11, 0, 0]
  for (const line of lines) {
    if (line.time !== undefined) time = Math.max(time, formatMoment(line.time).length)
    if (line.process === '') continue
    who = wider(who, line.who, widest.who)
    process = wider(process, line.process, widest.process)
  }
  return { time, who, process, text: margin + time + 2 + who + 2 + process + 2, width }
}

function wider(width: number, text: string, limit: number): number {
  const needed = widthOf(text)
  return needed > limit ? width : Math.max(width, needed)
}

function rowsOf(line: Line, whoBefore: string, columns: Columns, styles: Styles): readonly string[] {
  const time = line.time === undefined ? '…'.padStart(columns.time - 6) : formatMoment(line.time)
  const who = line.who === whoBefore ? '' : line.who
  const begin = `${line.marked ? '▸ ' : '  '}${styles.time(line.time === undefined ? time.padEnd(columns.time) : time.padStart(columns.time))}  `
  const [names, overflow] = namesOf(who, line, columns, styles)
  const style = textStyle(line.tone, styles)
  const room = Math.max(30, columns.width - columns.text)
  const [first, ...rest] = wrap(line.text, room, room - overflow)
  const indent = ' '.repeat(columns.text)
  const rows = [`${begin}${names}  ${style(first)}`.trimEnd(), ...rest.map(row => indent + style(row))]
  for (const more of line.more) {
    rows.push(...wrap(more, room - 2, room).map((row, at) => indent + styles.faint(at === 0 ? row : `  ${row}`)))
  }
  return rows
}

/** The two columns before the text, and by how much they are too wide. What has no process has both for its name. */
function namesOf(who: string, line: Line, columns: Columns, styles: Styles): readonly [string, number] {
  if (line.process === '') {
    const width = columns.who + 2 + columns.process
    return [padded(who, width, whoStyle(line, styles)), Math.max(0, widthOf(who) - width)]
  }
  const names = `${padded(who, columns.who, whoStyle(line, styles))}  ${padded(line.process, columns.process, styles.process)}`
  const overflow = Math.max(0, widthOf(who) - columns.who) + Math.max(0, widthOf(line.process) - columns.process)
  return [names, overflow]
}

function padded(text: string, width: number, style: Style): string {
  return style(text) + ' '.repeat(Math.max(0, width - widthOf(text)))
}

function whoStyle(line: Line, styles: Styles): Style {
  if (line.tone === 'fault') return styles.fault
  if (line.tone === 'note') return styles.note
  return line.process.startsWith('[') || line.process.startsWith('×') ? styles.client : styles.node
}

function textStyle(tone: Tone, styles: Styles): Style {
  return tone === 'plain' ? text => text : styles[tone]
}

/** Breaks at blanks; a word that is longer than the room stays whole. Line breaks of the text are kept. */
export function wrap(text: string, room: number, firstRoom: number): readonly string[] {
  const rows: string[] = []
  for (const part of text.split('\n')) {
    let row = ''
    for (const word of part.replaceAll('\t', '  ').split(' ')) {
      const limit = rows.length === 0 ? firstRoom : room
      if (row !== '' && widthOf(row) + 1 + widthOf(word) > limit) {
        rows.push(row)
        row = word
      } else row = row === '' ? word : `${row} ${word}`
    }
    rows.push(row)
  }
  return rows
}
