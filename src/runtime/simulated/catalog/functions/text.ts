// Functions of texts. Characters are code points.

import { fail } from '../../shared/error.ts'
import type { PureFunction } from '../callable.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { booleanType } from '../types/boolean.ts'
import { anyType } from '../types/identifiers.ts'
import { int4Type } from '../types/integer.ts'
import { bpcharType, characterCount, textSize, textType, trimBlanks } from '../types/text.ts'
import type { Type } from '../types/type.ts'

function fn(
  name: string,
  parameters: readonly Type[],
  returns: Type,
  evaluate: PureFunction['evaluate'],
): PureFunction {
  return { name, parameters, returns, evaluate }
}

/** Positions count from 1 and may lie before the text; a length counts from there. */
function substring(text: string, start: number, length?: number): string {
  if (length !== undefined && length < 0) fail('22011', 'negative substring length not allowed')
  const end = length === undefined ? undefined : Math.max(0, start - 1 + length)
  return [...text].slice(Math.max(0, start - 1), end).join('')
}

function left(text: string, count: number): string {
  return [...text].slice(0, count).join('')
}

function right(text: string, count: number): string {
  const characters = [...text]
  return characters.slice(count < 0 ? -count : Math.max(0, characters.length - count)).join('')
}

/** What fills `text` up to `length` characters; undefined if it has enough. */
function padding(text: string, length: number, fill: string): string | undefined {
  const missing = length - characterCount(text)
  if (missing <= 0) return undefined
  const characters = [...fill]
  if (characters.length === 0) return ''
  return Array.from({ length: missing }, (_, index) => characters[index % characters.length]).join('')
}

function lpad(text: string, length: number, fill = ' '): string {
  return (padding(text, length, fill) ?? '') + left(text, Math.max(0, length))
}

function rpad(text: string, length: number, fill = ' '): string {
  return left(text, Math.max(0, length)) + (padding(text, length, fill) ?? '')
}

/** Where a part begins, from 1; 0 if it does not occur. */
function strpos(text: string, part: string): number {
  const at = text.indexOf(part)
  return at < 0 ? 0 : characterCount(text.slice(0, at)) + 1
}

function trimLeft(text: string, characters: string): string {
  let at = 0
  while (at < text.length && characters.includes(text[at])) at++
  return text.slice(at)
}

function trimRight(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text[end - 1])) end--
  return text.slice(0, end)
}

function splitPart(text: string, delimiter: string, field: number): string {
  if (field === 0) fail('22023', 'field position must not be zero')
  const parts = delimiter === '' ? [text] : text.split(delimiter)
  return parts[field > 0 ? field - 1 : parts.length + field] ?? ''
}

function repeat(text: string, count: number): string {
  if (text.length * count > 1_073_741_819) fail('54000', 'requested length too large')
  return count > 0 ? text.repeat(count) : ''
}

function initcap(text: string): string {
  return text.toLowerCase().replace(/[\p{L}\p{N}]+/gu, word => word[0].toUpperCase() + word.slice(1))
}

const text = textType
const lengthOf = (value: string) => characterCount(value)

export const textFunctions: readonly PureFunction[] = [
  ...['length', 'char_length', 'character_length'].flatMap(name => [
    fn(name, [text], int4Type, lengthOf),
    fn(name, [bpcharType], int4Type, value => characterCount(trimBlanks(value))),
  ]),
  fn('octet_length', [text], int4Type, textSize),
  fn('upper', [text], text, value => value.toUpperCase()),
  fn('lower', [text], text, value => value.toLowerCase()),
  fn('initcap', [text], text, initcap),
  fn('repeat', [text, int4Type], text, repeat),
  ...['substr', 'substring'].flatMap(name => [
    fn(name, [text, int4Type], text, substring),
    fn(name, [text, int4Type, int4Type], text, substring),
  ]),
  fn('left', [text, int4Type], text, left),
  fn('right', [text, int4Type], text, right),
  fn('lpad', [text, int4Type, text], text, lpad),
  fn('lpad', [text, int4Type], text, (value, length) => lpad(value, length)),
  fn('rpad', [text, int4Type, text], text, rpad),
  fn('rpad', [text, int4Type], text, (value, length) => rpad(value, length)),
  fn('ltrim', [text], text, value => trimLeft(value, ' ')),
  fn('ltrim', [text, text], text, trimLeft),
  fn('rtrim', [text], text, value => trimRight(value, ' ')),
  fn('rtrim', [text, text], text, trimRight),
  fn('btrim', [text], text, value => trimRight(trimLeft(value, ' '), ' ')),
  fn('btrim', [text, text], text, (value, characters) => trimRight(trimLeft(value, characters), characters)),
  fn('replace', [text, text, text], text, (value, from, to) =>
    from === '' ? value : value.replaceAll(from, () => to),
  ),
  fn('strpos', [text, text], int4Type, strpos),
  fn('position', [text, text], int4Type, strpos),
  fn('reverse', [text], text, value => [...value].reverse().join('')),
  fn('split_part', [text, text, int4Type], text, splitPart),
  fn('starts_with', [text, text], booleanType, (value, part) => value.startsWith(part)),
  fn('ascii', [text], int4Type, value => value.codePointAt(0) ?? 0),
  fn('chr', [int4Type], text, code =>
    code > 0 ? String.fromCodePoint(code) : fail('54000', 'null character not permitted'),
  ),
  fn('quote_literal', [text], text, value => `'${value.replaceAll("'", "''")}'`),
  fn('quote_ident', [text], text, quoteIdentifier),
  {
    ...fn('concat', [anyType], text, (...values) => values.filter(each => each !== null).join('')),
    isVariadic: true,
    acceptsNull: true,
  },
  {
    ...fn('concat_ws', [text, anyType], text, (separator, ...values) =>
      separator === null ? null : values.filter(each => each !== null).join(separator),
    ),
    isVariadic: true,
    acceptsNull: true,
  },
]
