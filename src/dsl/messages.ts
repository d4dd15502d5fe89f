// What the parsers say when a text does not fit the grammar, in the words of the language instead of chevrotain's.

import type { IParserErrorMessageProvider, IRecognitionException, IToken, TokenType } from 'chevrotain'
import type { Span } from '../model/source.ts'
import { quantityOf } from './expression/literal.ts'
import { endOf, NumberToken } from './tokens.ts'

const names: Readonly<Record<string, string>> = {
  Name: 'a name',
  Number: 'a number',
  Text: 'a text',
  Param: 'a parameter',
  PrepositionWord: 'a preposition',
  OpenParenthesis: '`(`',
  CloseParenthesis: '`)`',
  Comma: '`,`',
  Equal: '`=`',
  Dot: '`.`',
}

const wantedByRule: Readonly<Record<string, string>> = { statement: 'a word', phrase: 'a word' }

/** The messages hold only what would fit; `describe` makes the sentence. */
export const errorMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => nameOfType(expected),
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: ({ ruleName }) => wantedByRule[ruleName] ?? 'a value',
  buildEarlyExitMessage: ({ ruleName }) => wantedByRule[ruleName] ?? 'a value',
}

function nameOfType({ name }: TokenType): string {
  return names[name] ?? `\`${name}\``
}

/** Offsets are those of the tokens. */
export function describe(error: IRecognitionException): { span: Span; message: string; found?: IToken } {
  const wanted = error.message
  const { token, previousToken } = error as IRecognitionException & { previousToken?: IToken }
  const atEnd = Number.isNaN(token.startOffset) || token.image === ''
  if (atEnd) {
    const last = previousToken && !Number.isNaN(previousToken.startOffset) ? previousToken : undefined
    const span = last ? { start: last.startOffset, end: endOf(last) } : { start: 0, end: 0 }
    return { span, message: last ? `${wanted} must follow \`${shorten(last.image)}\`` : `${wanted} is missing` }
  }
  const span = { start: token.startOffset, end: endOf(token) }
  const image = shorten(token.image)
  const message = wanted === '' ? `\`${image}\` does not fit here` : `expected ${wanted}, found \`${image}\``
  return { span, message, found: token }
}

export function shorten(text: string): string {
  const line = text.split('\n', 1)[0]
  return line.length > 30 || line.length < text.length ? `${line.slice(0, 30)}…` : line
}

/** What is wrong with `5 s` and `1h30min`; undefined where the tokens are no number and unit. */
export function joinUnits(number: IToken | undefined, unit: IToken): string | undefined {
  const quantity = quantityOf(`1${unit.image}`)
  if (number?.tokenType !== NumberToken || !quantity || 'unknown' in quantity) return undefined
  if (/^\d/.test(unit.image)) return 'write one number and one unit: `90min`'
  return `write \`${number.image}${unit.image}\`, without a space`
}

/** Operators that other languages have, and what they are here. */
export const foreignOperators: Readonly<Record<string, string>> = {
  '!=': 'write `<>`, as in SQL',
  '==': 'write `=`, as in SQL',
  '&&': 'write `and`',
  '||': 'write `or`',
  '!': 'write `not`',
}
