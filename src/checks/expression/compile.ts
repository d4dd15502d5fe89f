// Turns an expression into something that can be evaluated at any instant, and says where its units and types do not
// fit. One walk does both: what type-checks is what runs.

import type { Argument, Expression } from '../../model/scenario.ts'
import type { Dimension } from '../../model/vocabulary.ts'
import { functionWords } from '../functions/index.ts'
import type { Scalar } from '../monitor.ts'
import { isArithmetic, isComparison, numberOf } from '../values.ts'
import { broken, type Compiled, type Context } from './context.ts'
import { nameOf } from './names.ts'
import { arithmetic, comparison, inList, junction, matching, negation } from './operators.ts'
import { compilePath, constants, type Path } from './path.ts'
import { type CompiledSet, compileSet } from './set.ts'

type Call = Extract<Expression, { kind: 'call' }>

/** What a function of the language compiles its arguments with. */
export interface Compiler {
  readonly context: Context
  expression(expression: Expression): Compiled
  /** Complains and gives undefined if the argument is no set. */
  set(argument: Argument | undefined, call: Call): CompiledSet | undefined
}

/** The fields of the element, inside a `where`. */
type Fields = Readonly<Record<string, Dimension>>

export function compileExpression(expression: Expression, context: Context, fields?: Fields): Compiled {
  switch (expression.kind) {
    case 'literal':
      return { dimension: expression.dimension, evaluate: () => expression.value }
    case 'script':
      context.complain('misplaced', expression.span, 'SQL may stand only in query(node, $$…$$)')
      return broken
    case 'path': {
      return compileField(expression, context, fields) ?? compilePath(expression, context, fields === undefined)
    }
    case 'call':
      return compileCall(expression, context, fields)
    case 'unary':
      return compileUnary(expression, context, fields)
    case 'binary': {
      const { operator } = expression
      const left = compileExpression(expression.left, context, fields)
      const right = compileExpression(expression.right, context, fields)
      if (operator === 'and' || operator === 'or') return junction(expression, operator, left, right, context)
      if (isArithmetic(operator)) return arithmetic(expression, operator, left, right, context)
      if (isComparison(operator)) return comparison(expression, operator, left, right, context)
      return matching(expression, operator, left, context)
    }
    case 'in': {
      const operand = compileExpression(expression.operand, context, fields)
      const choices = expression.choices.map(choice => compileExpression(choice, context, fields))
      return inList(expression, operand, choices, context)
    }
  }
}

/** A bare name inside `where` is the element's field if it has one of that name, else a declared thing. */
function compileField(path: Path, context: Context, fields: Fields | undefined): Compiled | undefined {
  const [{ name, index }] = path.segments
  if (fields === undefined || path.segments.length > 1 || index !== undefined) return undefined
  if (Object.hasOwn(fields, name)) {
    return { dimension: fields[name], evaluate: element => (element?.[name] ?? null) as Scalar }
  }
  if (context.scope.has(name) || constants.includes(name)) return undefined
  const help = `there are ${Object.keys(fields).join(', ')}`
  context.complain('unknown-subject', path.span, `the elements of the set have no field ${name}`, help)
  return broken
}

function compileUnary(
  expression: Extract<Expression, { kind: 'unary' }>,
  context: Context,
  fields: Fields | undefined,
): Compiled {
  const operand = compileExpression(expression.operand, context, fields)
  if (expression.operator === 'not') return negation(expression, operand, context)
  if (['text', 'boolean', 'thing', 'moment', 'lsn'].includes(operand.dimension)) {
    context.complain('wrong-type', expression.span, `a sign cannot stand before ${nameOf(operand.dimension)}`)
    return broken
  }
  const sign = expression.operator === '-' ? -1 : 1
  return {
    dimension: operand.dimension,
    evaluate(element) {
      const value = numberOf(operand.evaluate(element))
      return value === null ? null : sign * value
    },
  }
}

function compileCall(call: Call, context: Context, fields: Fields | undefined): Compiled {
  if (fields !== undefined) {
    context.complain('misplaced', call.span, `${call.name}(…) cannot stand inside where, which looks at one element`)
    return broken
  }
  const word = functionWords.find(({ definition }) => definition.name === call.name)
  if (word === undefined) {
    const known = functionWords.map(({ definition }) => definition.name).join(', ')
    context.complain('unknown-name', call.span, `there is no function ${call.name}`, `there are ${known}`)
    return broken
  }
  const least = word.definition.optionalFrom ?? word.definition.takes.length
  const open = word.definition.takes.at(-1) === 'sets'
  if (call.arguments.length < least || (!open && call.arguments.length > word.definition.takes.length)) {
    context.complain('wrong-type', call.span, `${call.name} takes (${word.definition.takes.join(', ')})`)
    return broken
  }
  const compiler: Compiler = {
    context,
    expression: expression => compileExpression(expression, context),
    set: argument => compileSet(argument, call, context, compileExpression),
  }
  const compiled = word.compile(call, compiler)
  context.leaves.push({ text: context.textOf(call.span), ...compiled })
  return compiled
}
