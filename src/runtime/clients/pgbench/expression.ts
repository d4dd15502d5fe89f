// pgbench's expression language, compiled to closures in one pass. Operators and their precedence are pgbench's:
// or · and · not · is, isnull, notnull · comparisons · | # & << >> · ~ · + - · * / % · unary.

import { distance } from 'fastest-levenshtein'
import type { FunctionContext, PgbenchFunction } from './functions.ts'
import { functions, missingFunctions } from './functions.ts'
import * as operators from './operators.ts'
import { type Token, tokenize } from './tokens.ts'
import { Double, type PgbenchValue, ScriptError, toCondition, wholeNumber } from './value.ts'

export interface Environment extends FunctionContext {
  readonly variables: Map<string, PgbenchValue>
}

export type Evaluate = (environment: Environment) => PgbenchValue

/** Thrown and caught within the parser of scripts, where it becomes a diagnostic. */
export class ExpressionError extends Error {
  readonly start: number
  readonly end: number
  readonly help: string | undefined

  constructor(message: string, at: { readonly start: number; readonly end: number }, help?: string) {
    super(message)
    this.start = at.start
    this.end = Math.max(at.end, at.start + 1)
    this.help = help
  }
}

const deepest = 100
const longest = 2000

/** Throws an ExpressionError where `text` from `start` to `end` is not an expression. */
export function compileExpression(text: string, start: number, end: number): Evaluate {
  const tokens = tokenize(text, start, end)
  if (tokens.length > longest) throw new ExpressionError('the expression is too long', { start, end })
  return new ExpressionParser(tokens).whole()
}

const binary: readonly (readonly string[])[] = [
  ['<', '>', '=', '<=', '>=', '<>', '!='],
  ['|', '#', '&', '<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]

class ExpressionParser {
  private readonly tokens: readonly Token[]
  private at = 0
  private depth = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  whole(): Evaluate {
    const evaluate = this.or()
    if (this.next.kind !== 'end') throw this.unexpected()
    return evaluate
  }

  private get next(): Token {
    return this.tokens[this.at]
  }

  private takes(...texts: string[]): string | undefined {
    const { kind, text } = this.next
    if ((kind !== 'operator' && kind !== 'name') || !texts.includes(text)) return undefined
    this.at++
    return text
  }

  private needs(text: string): void {
    if (!this.takes(text)) throw this.unexpected(`"${text}" was expected`)
  }

  private unexpected(help?: string): ExpressionError {
    const token = this.next
    if (token.kind === 'end') return new ExpressionError('the expression ends too early', token, help)
    return new ExpressionError(`"${token.text}" does not belong here`, token, help)
  }

  private or(): Evaluate {
    if (++this.depth > deepest) throw new ExpressionError('the expression is nested too deeply', this.next)
    let left = this.and()
    while (this.takes('or')) left = operators.or(left, this.and())
    this.depth--
    return left
  }

  private and(): Evaluate {
    let left = this.not()
    while (this.takes('and')) left = operators.and(left, this.not())
    return left
  }

  private not(): Evaluate {
    let count = 0
    while (this.takes('not')) count++
    let operand = this.is()
    for (; count > 0; count--) operand = operators.not(operand)
    return operand
  }

  private is(): Evaluate {
    let operand = this.binary(0)
    for (;;) {
      if (this.takes('isnull')) operand = operators.is(operand, 'null', false)
      else if (this.takes('notnull')) operand = operators.is(operand, 'null', true)
      else if (this.takes('is')) {
        const negated = this.takes('not') !== undefined
        const what = this.takes('null', 'true', 'false')
        if (!what) throw this.unexpected('null, true or false was expected')
        operand = operators.is(operand, what as 'null' | 'true' | 'false', negated)
      } else return operand
    }
  }

  private binary(level: number): Evaluate {
    if (level === binary.length) return this.unary()
    let left = this.binary(level + 1)
    for (let operator = this.takes(...binary[level]); operator; operator = this.takes(...binary[level])) {
      left = operators.binary(operator, left, this.binary(level + 1))
      if (level === 0 && binary[0].includes(this.next.text)) throw this.unexpected('comparisons do not chain')
    }
    return left
  }

  private unary(): Evaluate {
    // What follows ~ binds tighter, sums included: ~ :a + :b is ~ (:a + :b).
    if (this.takes('~')) return operators.bitwiseNot(this.binary(2))
    let negative = false
    for (let sign = this.takes('-', '+'); sign; sign = this.takes('-', '+')) if (sign === '-') negative = !negative
    const operand = this.primary()
    return negative ? operators.negate(operand) : operand
  }

  private primary(): Evaluate {
    const token = this.next
    if (token.kind === 'number') {
      this.at++
      return constant(numberOf(token))
    }
    if (token.kind === 'variable') {
      this.at++
      return variable(token.text)
    }
    if (this.takes('(')) {
      const inner = this.or()
      this.needs(')')
      return inner
    }
    if (token.kind !== 'name') throw this.unexpected()
    this.at++
    if (token.text === 'true' || token.text === 'false') return constant(token.text === 'true')
    if (token.text === 'null') return constant(null)
    if (token.text === 'case') return this.cases()
    return this.call(token)
  }

  private cases(): Evaluate {
    const branches: (readonly [Evaluate, Evaluate])[] = []
    while (this.takes('when')) {
      const condition = this.or()
      this.needs('then')
      branches.push([condition, this.or()])
    }
    if (branches.length === 0) throw this.unexpected('"when" was expected')
    const otherwise = this.takes('else') ? this.or() : constant(null)
    this.needs('end')
    return environment => {
      for (const [condition, result] of branches) if (toCondition(condition(environment))) return result(environment)
      return otherwise(environment)
    }
  }

  private call(name: Token): Evaluate {
    if (this.next.text !== '(') {
      throw new ExpressionError(`"${name.text}" is not a function call`, name, `a variable is written :${name.text}`)
    }
    const definition = functionOf(name)
    this.needs('(')
    const values: Evaluate[] = []
    if (!this.takes(')')) {
      do values.push(this.or())
      while (this.takes(','))
      this.needs(')')
    }
    const { minimum, maximum, call } = definition
    if (values.length < minimum || values.length > maximum) {
      const takes =
        maximum === minimum ? String(minimum) : maximum === Infinity ? `${minimum} or more` : `${minimum} to ${maximum}`
      throw new ExpressionError(`${name.text}() takes ${takes} arguments, not ${values.length}`, name)
    }
    return environment =>
      call(
        values.map(value => value(environment)),
        environment,
      )
  }
}

function functionOf(name: Token): PgbenchFunction {
  if (Object.hasOwn(functions, name.text)) return functions[name.text]
  if (Object.hasOwn(missingFunctions, name.text)) throw new ExpressionError(missingFunctions[name.text], name)
  const closest = Object.keys(functions).find(each => distance(each, name.text) <= Math.max(1, each.length / 4))
  throw new ExpressionError(
    `pgbench has no function ${name.text}()`,
    name,
    closest ? `did you mean ${closest}()?` : `there are ${Object.keys(functions).join(', ')}`,
  )
}

function constant(value: PgbenchValue): Evaluate {
  return () => value
}

function numberOf(token: Token): PgbenchValue {
  if (!/^\d+$/.test(token.text)) return new Double(Number(token.text))
  try {
    return wholeNumber(Number(token.text))
  } catch {
    throw new ExpressionError(`${token.text} is too large`, token, 'whole numbers go up to 9007199254740991 here')
  }
}

function variable(name: string): Evaluate {
  return ({ variables }) => {
    const value = variables.get(name)
    if (value === undefined) throw new ScriptError(`undefined variable "${name}"`)
    return value
  }
}
