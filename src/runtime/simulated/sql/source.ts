// The text of a query: a template whose `$1` … stand for literals that the client put in. Knows where the places of
// the template are in the text as it was sent, which is what error positions count in.

import { PostgresError } from '../shared/error.ts'
import { findParameters } from './parser.ts'

export interface Query {
  readonly template: string
  /** Literal texts for `$1` …, as the client wrote them into its query. */
  readonly values: readonly string[]
}

/** The query string as the client sent it: the template with its literals put in. */
export function queryText(query: Query): string {
  if (query.values.length === 0) return query.template
  let text = ''
  let last = 0
  for (const { start, end, number } of parametersOf(query.template)) {
    text += query.template.slice(last, start) + (query.values[number - 1] ?? `$${number}`)
    last = end
  }
  return text + query.template.slice(last)
}

interface Place {
  /** UTF-16 offsets. */
  readonly start: number
  readonly end: number
  readonly number: number
}

const places = new Map<string, readonly Place[]>()

function parametersOf(template: string): readonly Place[] {
  let found = places.get(template)
  if (!found) {
    found = findParameters(template).map(({ start, end, number }) => ({
      start: utf16Offset(template, start),
      end: utf16Offset(template, end),
      number,
    }))
    if (places.size >= 2000) places.clear()
    places.set(template, found)
  }
  return found
}

/** Of the character that begins at this byte of the text's UTF-8. */
export function utf16Offset(text: string, byteOffset: number): number {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    if (bytes >= byteOffset) return at
    const code = text.charCodeAt(at)
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3
    if (code >= 0xd800 && code < 0xdc00) {
      bytes++
      at++
    }
  }
  return text.length
}

/** Of the character with this number, counted in code points from 0. */
export function utf16OffsetOfCodePoint(text: string, codePoint: number): number {
  return [...text].slice(0, codePoint).join('').length
}

/** A place in the template as PostgreSQL reports it: in code points from 1, in the text that was sent. */
export function position(query: Query, byteOffset: number): number {
  const at = utf16Offset(query.template, byteOffset)
  let before = ''
  let last = 0
  if (query.values.length > 0) {
    for (const place of parametersOf(query.template)) {
      if (place.end > at) break
      before += query.template.slice(last, place.start) + (query.values[place.number - 1] ?? '')
      last = place.end
    }
  }
  before += query.template.slice(last, at)
  return [...before].length + 1
}

/**
 * An error of the analysis: its place is a byte offset in the template, which only who knows the query can translate.
 * It never leaves the session.
 */
export class ErrorAt {
  readonly error: PostgresError
  readonly location: number

  constructor(error: PostgresError, location: number) {
    this.error = error
    this.location = location
  }

  /** The error with its place in this query. */
  in(query: Query): PostgresError {
    const { level, sqlstate, message, detail, hint } = this.error
    return new PostgresError(level, sqlstate, message, { detail, hint, position: position(query, this.location) })
  }
}

/** Fails at a place: a byte offset in the template; -1 or missing if it has none. */
export function failAt(
  location: number | undefined,
  sqlstate: string,
  message: string,
  more: { readonly detail?: string; readonly hint?: string } = {},
): never {
  const error = new PostgresError('ERROR', sqlstate, message, more)
  if (location === undefined || location < 0) throw error
  throw new ErrorAt(error, location)
}

/** Runs `action`; an error without a place gets this one. */
export function at<T>(location: number | undefined, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof PostgresError && location !== undefined && location >= 0) throw new ErrorAt(error, location)
    throw error
  }
}
