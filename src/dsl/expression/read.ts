// Text -> expression, with spans in the file. Reads what stands in `that`, `when` and in moments, of both spellings.

import { type IToken, tokenMatcher } from 'chevrotain'
import type { Argument, Expression, Formula } from '../../model/scenario.ts'
import type { Complaints } from '../complaints.ts'
import { deepestNesting, mostTokensOfExpression } from '../limits.ts'
import { describe, foreignOperators, joinUnits, shorten } from '../messages.ts'
import { nearest } from '../suggest.ts'
import { spanOf, type Text } from '../syntax.ts'
import * as token from '../tokens.ts'
import { depthOf, endOf } from '../tokens.ts'
import { quantityOf, unitsOf } from './literal.ts'
import { onOneLine } from './one-line.ts'
import { expressionParser, type Lookup } from './parser.ts'

export function readExpression(text: Text, lookup: Lookup, complaints: Complaints): Expression | undefined {
  const tokens = tokensOf(text, complaints)
  const expression = tokens && parse('expression', text, tokens, lookup, complaints)
  return expression && placed(expression, text)
}

export function readFormula(text: Text, lookup: Lookup, complaints: Complaints): Formula | undefined {
  const tokens = tokensOf(text, complaints)
  const formula = tokens && parse('formula', text, tokens, lookup, complaints)
  if (!formula) return undefined
  const { quantifier, expression } = formula
  const line = onOneLine(text.text)
  return { ...(quantifier && { quantifier }), expression: placed(expression, text), span: text.span, text: line }
}

function tokensOf(text: Text, complaints: Complaints): readonly IToken[] | undefined {
  const tokens = token.lexer.tokenize(text.text).tokens.filter(found => found.tokenType !== token.Newline)
  for (const found of tokens) checkToken(text, found, complaints)
  if (tokens.some(({ tokenType }) => [...token.broken, token.Foreign].includes(tokenType))) return undefined
  if (tokens.length > mostTokensOfExpression || depthOf(tokens) > deepestNesting) {
    const message = tokens.length > mostTokensOfExpression ? 'too long' : `nested more than ${deepestNesting} deep`
    complaints.add('too-large', text.span, `the expression is ${message}`, 'split it into several checks')
    return undefined
  }
  return tokens
}

function checkToken(text: Text, found: IToken, complaints: Complaints): void {
  const span = spanOf(text, found.startOffset, endOf(found))
  if (found.tokenType === token.Foreign) {
    complaints.add('syntax', span, `there is no operator \`${found.image}\``, foreignOperators[found.image])
  } else if (found.tokenType === token.Unknown) {
    complaints.add('syntax', span, `\`${shorten(found.image)}\` means nothing here`)
  } else if (found.tokenType === token.OpenText) {
    complaints.add('syntax', span, 'this text is never closed', `close it with ${found.image[0]} on the same line`)
  } else if (found.tokenType === token.OpenScript) {
    complaints.add('syntax', span, 'this SQL is never closed', 'close it with `$$`')
  } else if (found.tokenType === token.NumberToken) {
    const quantity = quantityOf(found.image)
    if (!quantity || !('unknown' in quantity)) return
    const known = `time: ${unitsOf.duration}; size: ${unitsOf.size}; bandwidth: ${unitsOf.bandwidth}; share: %`
    complaints.add('wrong-unit', span, `there is no unit \`${quantity.unknown}\``, known)
  }
}

type Parsed<R extends 'expression' | 'formula'> = ReturnType<ReturnType<typeof expressionParser>[R]>

function parse<R extends 'expression' | 'formula'>(
  rule: R,
  text: Text,
  tokens: readonly IToken[],
  lookup: Lookup,
  complaints: Complaints,
): Parsed<R> | undefined {
  if (tokens.length === 0) {
    complaints.add('missing', text.span, 'the condition is empty')
    return undefined
  }
  const parser = expressionParser()
  parser.input = tokens as IToken[]
  parser.lookup = (name, span) => lookup(name, spanOf(text, span.start, span.end))
  const parsed = parser[rule]()
  const error = parser.errors[0]
  if (!error) return parsed as Parsed<R>
  const { span, message, found } = describe(error)
  complaints.add('syntax', spanOf(text, span.start, span.end), message, helpFor(found, tokens))
  return undefined
}

function helpFor(found: IToken | undefined, tokens: readonly IToken[]): string | undefined {
  if (!found) return undefined
  const before = tokens.slice(0, tokens.indexOf(found))
  const apart = before.length > 0 && !tokenMatcher(before.at(-1)!, token.Operator)
  if (apart && tokenMatcher(found, token.Comparison)) return 'comparisons do not chain: join two of them with `and`'
  if (tokenMatcher(found, token.Quantifier)) return 'one of always, never and eventually stands first, and none inside'
  if (found.tokenType === token.Where) return '`where` stands behind a set, inside the parentheses of a function'
  if (tokenMatcher(found, token.PrepositionWord)) return 'parameters stand before `that`'
  if (found.tokenType === token.Script) return 'SQL is asked with `query(node, $$ … $$)`'
  const last = before.at(-1)
  const units = joinUnits(last, found)
  if (units !== undefined) return units
  const quantifier = before.length === 1 ? nearest(last?.image ?? '', ['always', 'never', 'eventually']) : undefined
  return quantifier && `did you mean \`${quantifier}\`?`
}

/** The expression with its spans moved from its text into the file. */
function placed(expression: Expression, text: Text): Expression {
  const span = spanOf(text, expression.span.start, expression.span.end)
  const inner = (operand: Expression) => placed(operand, text)
  switch (expression.kind) {
    case 'unary':
      return { ...expression, span, operand: inner(expression.operand) }
    case 'binary':
      return { ...expression, span, left: inner(expression.left), right: inner(expression.right) }
    case 'in':
      return { ...expression, span, operand: inner(expression.operand), choices: expression.choices.map(inner) }
    case 'call':
      return {
        ...expression,
        span,
        arguments: expression.arguments.map(
          (argument): Argument => ({
            expression: inner(argument.expression),
            ...(argument.where && { where: inner(argument.where) }),
          }),
        ),
      }
    default:
      return { ...expression, span }
  }
}
