// Plays a file of SQL as psql does (-a -A -v VERBOSITY=verbose, without its LOCATION and … NAME lines), and prints as it would.

import type { BackendMessage } from '../../../../src/runtime/simulated/shared/protocol.ts'
import type { TestSession } from './server.ts'

/** As psql reads a file: a statement ends with a semicolon at the end of a line. */
export function play(session: TestSession, text: string): string {
  const out: string[] = []
  let statement = ''
  for (const line of text.trimEnd().split('\n')) {
    out.push(line)
    statement += statement === '' ? line : `\n${line}`
    const quotes = (statement.match(/['"]/g) ?? []).length
    if (!line.endsWith(';') || quotes % 2 === 1) continue
    for (const message of session.query(statement)) out.push(...show(message, statement))
    statement = ''
  }
  return `${out.join('\n')}\n`
}

function show(message: BackendMessage, statement: string): string[] {
  switch (message.kind) {
    case 'rows': {
      const lines = message.rows.map(row => row.map(value => value ?? '').join('|'))
      const count = `(${lines.length} row${lines.length === 1 ? '' : 's'})`
      return [message.columns.map(column => column.name).join('|'), ...lines, count]
    }
    case 'command complete':
      // psql does not print the tags of queries.
      return /^(SELECT|SHOW|FETCH)/.test(message.tag) ? [] : [message.tag]
    case 'error':
    case 'notice': {
      const lines = [`${message.level}:  ${message.sqlstate}: ${message.message}`]
      if (message.position !== undefined) lines.push(...showPosition(statement, message.position))
      if (message.detail) lines.push(`DETAIL:  ${message.detail}`)
      if (message.hint) lines.push(`HINT:  ${message.hint}`)
      return lines
    }
    default:
      return []
  }
}

/** The line of the error with a caret under its place. */
function showPosition(statement: string, position: number): string[] {
  const before = [...statement].slice(0, position - 1).join('')
  const number = before.split('\n').length
  const line = statement.split('\n')[number - 1]
  const prefix = `LINE ${number}: `
  const column = before.length - before.lastIndexOf('\n') - 1
  return [prefix + line, `${' '.repeat(prefix.length + column)}^`]
}
