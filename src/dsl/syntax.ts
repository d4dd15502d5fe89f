// The raw tree: what stands in which slot, as text with its place in the file. Both spellings are read into it, and it
// is printed in both. It knows no words and no types.

import type { Preposition } from '../model/scenario.ts'
import type { Span } from '../model/source.ts'
import type { Section } from '../model/vocabulary.ts'

/** A piece of the source, without its quotes, escapes and indentation. */
export interface Text {
  readonly text: string
  /** All of it, quotes included. */
  readonly span: Span
  /** Where `text` begins in the source, if it stands there as it is. */
  readonly origin: number
  /** Otherwise the place of each of its code units. */
  readonly offsets?: readonly number[]
}

export interface RawParameter {
  readonly preposition: Preposition
  readonly span: Span
  readonly values: readonly Text[]
}

export interface RawSetting {
  readonly name: Text
  readonly values: readonly Text[]
}

export interface RawStatement {
  readonly span: Span
  /** Missing where a lead has nothing but a block. */
  readonly word?: Text
  readonly at?: Text
  readonly when?: Text
  readonly about: readonly Text[]
  readonly parameters: readonly RawParameter[]
  readonly that?: Text
  readonly settings: readonly RawSetting[]
  readonly body: readonly RawStatement[]
  readonly script?: Text
  /** Comment lines before the statement, without their `#`. */
  readonly comments: readonly string[]
  /** The YAML section that it stands in; `.drill` has none. */
  readonly section?: Section
}

export interface RawScenario {
  readonly statements: readonly RawStatement[]
  /** First names of statements that could not be read, so that nobody complains that they are missing. */
  readonly unread: readonly string[]
  /** Comment lines after the last statement. */
  readonly comments: readonly string[]
}

/** The place in the source of an offset in the text. */
export function placeOf(text: Text, offset: number): number {
  return text.offsets ? (text.offsets[offset] ?? text.span.end) : text.origin + offset
}

export function spanOf(text: Text, start: number, end: number): Span {
  const from = placeOf(text, start)
  return { start: from, end: Math.max(from, end > start ? placeOf(text, end - 1) + 1 : from) }
}
