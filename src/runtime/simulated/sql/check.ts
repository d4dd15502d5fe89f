// Checks SQL before a run, without a catalog: PostgreSQL's own grammar, and what pgdrill does not play yet. Names and
// types of columns are looked up only when the statement runs, as a server does it.

import type { Node, VariableSetStmt } from '@pgsql/types'
import { notPlayedSetting } from '../settings/setting-refusal.ts'
import { kindOf, locationOf, stringOf } from './analysis/tree.ts'
import { findType } from './analysis/typename.ts'
import { allFunctions } from './functions/all.ts'
import { isKnownFunction } from './functions/known-functions.ts'
import { isKnownRelation } from './known-relations.ts'
import { parse } from './parser.ts'
import { refusals } from './refusals.ts'
import { ErrorAt, utf16Offset, utf16OffsetOfCodePoint } from './source.ts'
import { settingText } from './statements/settings.ts'
import { isPlayed } from './statements/utilities.ts'

export interface SqlProblem {
  readonly message: string
  /** UTF-16 offset in the text that was checked. */
  readonly position: number
  readonly help?: string
}

/**
 * Everything wrong with `text` (one or more statements; `$1` … may stand for literals) on a server of this version.
 * `loadParser` must have been awaited.
 */
export function checkSql(text: string, majorVersion: number): SqlProblem[] {
  const parsed = parseWithLiterals(text)
  if (!('statements' in parsed)) {
    return [{ message: parsed.message, position: utf16OffsetOfCodePoint(text, parsed.position) }]
  }
  const problems: SqlProblem[] = []
  const report = (message: string, location: number, help?: string) => {
    const position = utf16Offset(text, Math.max(0, location))
    if (problems.some(each => each.position === position && each.message === message)) return
    problems.push({ message, position, ...(help ? { help } : {}) })
  }
  for (const { node, start } of parsed.statements) {
    const place = skipBlanks(text, start)
    if (isPlayed(node)) visit(node, place, majorVersion, report)
    else report(`${statementName(text, place)} is not played yet`, place)
  }
  return problems.sort((a, b) => a.position - b.position)
}

type Report = (message: string, location: number, help?: string) => void

/** Literals may stand where the grammar takes no parameter; of the same length, so that places stay. */
function parseWithLiterals(text: string): ReturnType<typeof parse> {
  const parsed = parse(text)
  if ('statements' in parsed || !/\$\d/.test(text)) return parsed
  for (const literal of [(digits: string) => `1${digits}`, (digits: string) => `'${'x'.repeat(digits.length - 1)}'`]) {
    const filled = parse(text.replace(/\$(\d+)/g, (_, digits: string) => literal(digits)))
    if ('statements' in filled) return filled
  }
  return parsed
}

/** A statement's text begins with the blanks and comments before it. */
function skipBlanks(text: string, start: number): number {
  const from = utf16Offset(text, start)
  const blanks = /^(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text.slice(from))![0]
  return start + new TextEncoder().encode(blanks).length
}

/** Its first words. */
function statementName(text: string, place: number): string {
  const words = text.slice(utf16Offset(text, place)).match(/[a-z]+/gi) ?? ['this']
  const count = /^(create|alter|drop|refresh|reassign|import|security)$/i.test(words[0]) ? 2 : 1
  return words.slice(0, count).join(' ').toUpperCase()
}

/** Walks a tree; what does not say where it stands is placed at the nearest thing around it that does. */
function visit(value: unknown, place: number, version: number, report: Report): void {
  if (Array.isArray(value)) {
    for (const each of value) visit(each, place, version, report)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const { location } = value as { location?: number }
  const here = typeof location === 'number' && location >= 0 ? location : place
  for (const [key, inner] of Object.entries(value)) {
    if (/^[A-Z]/.test(key) && typeof inner === 'object' && inner !== null)
      checkNode({ [key]: inner } as unknown as Node, here, version, report)
    else if (key === 'withClause') checkNode({ WithClause: inner } as Node, here, version, report)
    else if (key === 'typeName') checkType({ TypeName: inner } as Node, here, report)
    visit(inner, here, version, report)
  }
}

function checkNode(node: Node, place: number, version: number, report: Report): void {
  const kind = kindOf(node)
  const own = locationOf('JoinExpr' in node ? node.JoinExpr.rarg : node)
  const here = own >= 0 ? own : place
  for (const { what, when, help } of refusals[kind] ?? []) {
    if (when(Object.values(node)[0], version)) report(`${what} is not played yet`, here, help)
  }
  if ('VariableSetStmt' in node) checkSetting(node.VariableSetStmt, here, version, report)
  if ('AlterSystemStmt' in node) checkSetting(node.AlterSystemStmt.setstmt!, here, version, report)
  if ('RangeVar' in node) {
    const { schemaname, relname = '' } = node.RangeVar
    if (isKnownRelation(relname, schemaname, version)) report(`${relname} is not played yet`, here)
  }
  if ('FuncCall' in node) {
    const name = stringOf(node.FuncCall.funcname!.at(-1)!)
    if (!allFunctions.has(name) && isKnownFunction(name)) report(`function ${name} is not played yet`, here)
  }
}

function checkSetting({ kind, name = '', args = [] }: VariableSetStmt, place: number, version: number, report: Report) {
  if (kind !== 'VAR_SET_VALUE' || !args.every(arg => 'A_Const' in arg)) return
  const reason = notPlayedSetting(name, settingText(name, args), version)
  if (reason !== undefined) report(`${name} is not played yet`, place, reason)
}

const serial = /^(small|big)?serial[248]?$/

function checkType(node: Node, place: number, report: Report): void {
  if (!('TypeName' in node)) return
  const name = node.TypeName.names?.at(-1)
  if (name && serial.test(stringOf(name))) return
  try {
    findType(node.TypeName)
  } catch (error) {
    if (!(error instanceof ErrorAt)) throw error
    report(error.error.message, error.location >= 0 ? error.location : place, error.error.hint)
  }
}
