// The grammar of conditions, checks and moments: one language, read from the same tokens in both spellings. Gives the
// expression with spans within its own text; names and types are the resolver's.

import { EmbeddedActionsParser, type IToken } from 'chevrotain'
import type { Argument, BinaryOperator, Expression, PathSegment, Quantifier } from '../../model/scenario.ts'
import type { Span } from '../../model/source.ts'
import { errorMessages } from '../messages.ts'
import * as token from '../tokens.ts'
import { endOf } from '../tokens.ts'
import { literalOf, unquoted } from './literal.ts'

/** A parameter's value, given its name without the colon; undefined where there is none. */
export type Lookup = (name: string, span: Span) => string | undefined

class ExpressionParser extends EmbeddedActionsParser {
  lookup: Lookup = () => undefined
  private readonly numbers: typeof literalOf = (image, span) => literalOf(image, span)

  constructor() {
    super(token.tokenTypes, { errorMessageProvider: errorMessages, maxLookahead: 2, skipValidations: true })
    this.performSelfAnalysis()
  }

  formula = this.RULE('formula', () => {
    const quantifier = this.OPTION(() => this.CONSUME(token.Quantifier))
    const expression = this.SUBRULE(this.expression)
    return { quantifier: quantifier?.image as Quantifier | undefined, expression }
  })

  expression = this.RULE('expression', (): Expression => {
    let left = this.SUBRULE(this.conjunction)
    this.MANY(() => {
      this.CONSUME(token.Or)
      const right = this.SUBRULE1(this.conjunction)
      left = this.ACTION(() => binary('or', left, right))
    })
    return left
  })

  conjunction = this.RULE('conjunction', (): Expression => {
    let left = this.SUBRULE(this.negation)
    this.MANY(() => {
      this.CONSUME(token.And)
      const right = this.SUBRULE1(this.negation)
      left = this.ACTION(() => binary('and', left, right))
    })
    return left
  })

  negation = this.RULE(
    'negation',
    (): Expression =>
      this.OR([
        {
          ALT: () => {
            const not = this.CONSUME(token.Not)
            const operand = this.SUBRULE(this.negation)
            return this.ACTION(() => unary('not', not, operand))
          },
        },
        { ALT: () => this.SUBRULE(this.comparison) },
      ]),
  )

  comparison = this.RULE('comparison', (): Expression => {
    const left = this.SUBRULE(this.sum)
    const whole = this.OPTION(() =>
      this.OR([
        {
          ALT: () => {
            const operator = this.CONSUME(token.Comparison)
            const right = this.SUBRULE1(this.sum)
            return this.ACTION(() => binary(operator.image as BinaryOperator, left, right))
          },
        },
        {
          ALT: () => {
            this.CONSUME(token.In)
            const { choices, end } = this.SUBRULE(this.choices)
            return this.ACTION((): Expression => {
              return { kind: 'in', operand: left, choices, span: { start: left.span.start, end } }
            })
          },
        },
      ]),
    )
    return whole ?? left
  })

  choices = this.RULE('choices', () => {
    const choices: Expression[] = []
    this.CONSUME(token.OpenParenthesis)
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => void choices.push(this.SUBRULE(this.sum)) })
    const close = this.CONSUME(token.CloseParenthesis)
    return { choices, end: close.startOffset + 1 }
  })

  sum = this.RULE('sum', (): Expression => {
    let left = this.SUBRULE(this.product)
    this.MANY(() => {
      const operator = this.OR([{ ALT: () => this.CONSUME(token.Plus) }, { ALT: () => this.CONSUME(token.Minus) }])
      const right = this.SUBRULE1(this.product)
      left = this.ACTION(() => binary(operator.image as BinaryOperator, left, right))
    })
    return left
  })

  product = this.RULE('product', (): Expression => {
    let left = this.SUBRULE(this.unary)
    this.MANY(() => {
      const operator = this.OR([{ ALT: () => this.CONSUME(token.Star) }, { ALT: () => this.CONSUME(token.Slash) }])
      const right = this.SUBRULE1(this.unary)
      left = this.ACTION(() => binary(operator.image as BinaryOperator, left, right))
    })
    return left
  })

  unary = this.RULE(
    'unary',
    (): Expression =>
      this.OR([
        {
          ALT: () => {
            const sign = this.OR1([{ ALT: () => this.CONSUME(token.Plus) }, { ALT: () => this.CONSUME(token.Minus) }])
            const operand = this.SUBRULE(this.unary)
            return this.ACTION(() => unary(sign.image as '+' | '-', sign, operand))
          },
        },
        {
          ALT: () => {
            const number = this.CONSUME(token.NumberToken)
            return this.ACTION(() => this.numbers(number.image, spanOf(number)))
          },
        },
        {
          ALT: () => {
            const text = this.CONSUME(token.TextToken)
            return this.ACTION(() => textLiteral(unquoted(text.image), spanOf(text)))
          },
        },
        {
          ALT: () => {
            const script = this.CONSUME(token.Script)
            return this.ACTION((): Expression => {
              const tag = script.image.indexOf('$', 1) + 1
              return { kind: 'script', text: linesOf(script.image.slice(tag, -tag)), span: spanOf(script) }
            })
          },
        },
        {
          ALT: () => {
            const param = this.CONSUME(token.Param)
            return this.ACTION(() => {
              const value = this.lookup(param.image.slice(1), spanOf(param)) ?? ''
              return /^\d/.test(value) ? this.numbers(value, spanOf(param)) : textLiteral(value, spanOf(param))
            })
          },
        },
        { ALT: () => this.SUBRULE(this.named) },
        {
          ALT: () => {
            const open = this.CONSUME(token.OpenParenthesis)
            const inner = this.SUBRULE(this.expression)
            const close = this.CONSUME(token.CloseParenthesis)
            return this.ACTION(() => ({ ...inner, span: { start: open.startOffset, end: close.startOffset + 1 } }))
          },
        },
      ]),
  )

  /** A path, or a call if a parenthesis follows. */
  named = this.RULE('named', (): Expression => {
    const segments: PathSegment[] = []
    const first = this.SUBRULE(this.segment)
    segments.push(first.segment)
    let { end } = first
    this.MANY(() => {
      this.CONSUME(token.Dot)
      const next = this.SUBRULE1(this.segment)
      this.ACTION(() => {
        segments.push(next.segment)
        end = next.end
      })
    })
    const called = this.OPTION(() => {
      const all: Argument[] = []
      this.CONSUME(token.OpenParenthesis)
      this.MANY_SEP({ SEP: token.Comma, DEF: () => void all.push(this.SUBRULE(this.argument)) })
      const close = this.CONSUME(token.CloseParenthesis)
      return { all, end: close.startOffset + 1 }
    })
    return this.ACTION((): Expression => {
      const { start } = first
      if (!called) return { kind: 'path', segments, span: { start, end } }
      const name = segments.map(nameOf).join('.')
      return { kind: 'call', name, arguments: called.all, span: { start, end: called.end } }
    })
  })

  segment = this.RULE('segment', () => {
    const name = this.OR([{ ALT: () => this.CONSUME(token.Name) }, { ALT: () => this.CONSUME(token.PhraseWord) }])
    const index = this.OPTION(() => this.CONSUME(token.Index))
    return this.ACTION(() => ({
      segment: { name: name.image, ...(index && { index: Number(index.image.slice(1, -1)) }) },
      start: name.startOffset,
      end: endOf(index ?? name),
    }))
  })

  argument = this.RULE('argument', (): Argument => {
    const expression = this.SUBRULE(this.expression)
    const where = this.OPTION(() => {
      this.CONSUME(token.Where)
      return this.SUBRULE1(this.expression)
    })
    return { expression, ...(where && { where }) }
  })
}

/** Without the indentation that the place in the file gives. */
function linesOf(sql: string): string {
  return sql.trim().replace(/[ \t\r]*\n\s*/g, '\n')
}

function nameOf({ name, index }: PathSegment): string {
  return index === undefined ? name : `${name}[${index}]`
}

function spanOf(found: IToken): Span {
  return { start: found.startOffset, end: endOf(found) }
}

function textLiteral(value: string, span: Span): Expression {
  return { kind: 'literal', dimension: 'text', value, span }
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right, span: { start: left.span.start, end: right.span.end } }
}

function unary(operator: 'not' | '-' | '+', sign: IToken, operand: Expression): Expression {
  return { kind: 'unary', operator, operand, span: { start: sign.startOffset, end: operand.span.end } }
}

let parser: ExpressionParser | undefined

export function expressionParser(): ExpressionParser {
  parser ??= new ExpressionParser()
  return parser
}
