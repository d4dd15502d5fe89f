// A condition on one line, as verdicts show it, and broken over several where a line would be too long to read.

import { type IToken, tokenMatcher } from 'chevrotain'
import * as token from '../tokens.ts'
import { endOf } from '../tokens.ts'

/** Without comments and line breaks; spaces are kept as single ones. */
export function onOneLine(text: string): string {
  return piecesOf(text)
    .join('')
    .replace(/\s*\n\s*/g, ' ')
}

/** One entry a line. Breaks before `and` and `or`, and between the arguments of a call that is still too long. */
export function broken(text: string, width: number): readonly string[] {
  const pieces = piecesOf(text)
  const line = pieces.join('')
  if (line.length <= width && !line.includes('\n')) return [line]
  const clauses: string[][] = [[]]
  let depth = 0
  for (const piece of pieces) {
    const image = piece.trim()
    if (image === '(') depth++
    if (image === ')') depth--
    if (depth === 0 && (image === 'and' || image === 'or')) clauses.push([])
    clauses.at(-1)!.push(piece)
  }
  const lines = clauses.flatMap(clause => (clause.join('').length <= width ? [clause.join('')] : callOf(clause)))
  // The lines of SQL stay lines: a comment in it ends with its line.
  return lines.flatMap(each => each.trim().split('\n'))
}

/** A clause with the arguments of its outermost calls on lines of their own. */
function callOf(clause: readonly string[]): readonly string[] {
  const lines = ['']
  let depth = 0
  for (const [at, piece] of clause.entries()) {
    const image = piece.trim()
    if (image === ')') depth--
    lines[lines.length - 1] += lines.at(-1) === '' ? image : piece
    if (image === '(') depth++
    if (depth === 1 && (image === ',' || (image === '(' && hasArguments(clause.slice(at + 1))))) lines.push('')
  }
  return lines
}

/** Whether a comma stands before the parenthesis that closes. */
function hasArguments(rest: readonly string[]): boolean {
  let depth = 0
  for (const piece of rest) {
    const image = piece.trim()
    if (image === '(') depth++
    if (image === ')' && --depth < 0) return false
    if (image === ',' && depth === 0) return true
  }
  return false
}

/** The tokens' images, each with the space before it. */
function piecesOf(text: string): readonly string[] {
  const tokens = token.lexer.tokenize(text).tokens.filter(found => found.tokenType !== token.Newline)
  return tokens.map((found, at) => {
    const last = tokens[at - 1]
    const apart = last !== undefined && endOf(last) < found.startOffset
    const image = found.tokenType === token.Script ? found.image.replace(/[ \t\r]*\n\s*/g, '\n') : found.image
    return apart && !hugs(last, found) ? ` ${image}` : image
  })
}

function hugs(last: IToken, next: IToken): boolean {
  return (
    tokenMatcher(last, token.OpenParenthesis) ||
    tokenMatcher(next, token.CloseParenthesis) ||
    tokenMatcher(next, token.Comma)
  )
}
