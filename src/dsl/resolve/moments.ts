// Moments: a time since the start, `start`, `end`, a label, `random(a, b)`, plus or minus durations.

import type { Expression, Moment, PathSegment } from '../../model/scenario.ts'
import type { Span } from '../../model/source.ts'
import { readExpression } from '../expression/read.ts'
import type { Text } from '../syntax.ts'
import type { Context } from './context.ts'
import { aThing } from './names.ts'

const shapes = 'a moment is a time (`5s`), `start`, `end`, a label or `random(4s, 6s)`, plus or minus a time'

export function readMoment(text: Text, context: Context): Moment | undefined {
  const whole = context.given(text)
  const expression = whole && readExpression(whole, context.lookup, context.complaints)
  const moment = expression && momentOf(expression, context)
  return moment && { ...moment, span: text.span }
}

function momentOf(expression: Expression, context: Context): Moment | undefined {
  const { span } = expression
  switch (expression.kind) {
    case 'literal':
      if (expression.dimension === 'duration') return { from: 'start', offset: expression.value, span }
      if (expression.dimension === 'number') {
        if (!Number.isNaN(expression.value)) {
          context.complaints.add(
            'wrong-unit',
            span,
            'a moment needs a unit',
            'write `5s`; there are ns, us, ms, s, min, h and d',
          )
        }
        return undefined
      }
      if (expression.dimension === 'text') return labelOf(expression.value.split('.'), span, context)
      break
    case 'path':
      return labelOf(expression.segments.map(segmentText), span, context)
    case 'call':
      return randomOf(expression, context)
    case 'binary': {
      if (expression.operator !== '+' && expression.operator !== '-') break
      const base = momentOf(expression.left, context)
      const offset = durationOf(expression.right, context)
      if (!base || offset === undefined) return undefined
      return { ...base, offset: base.offset + (expression.operator === '+' ? offset : -offset) }
    }
  }
  context.complaints.add('wrong-type', span, 'this is no moment', shapes)
  return undefined
}

function durationOf(expression: Expression, context: Context): number | undefined {
  if (expression.kind === 'literal' && expression.dimension === 'duration') return expression.value
  if (expression.kind === 'literal' && expression.dimension === 'number') {
    if (!Number.isNaN(expression.value)) {
      context.complaints.add(
        'wrong-unit',
        expression.span,
        'a time needs a unit',
        'write `3s`; there are ns, us, ms, s, min, h and d',
      )
    }
    return undefined
  }
  context.complaints.add('wrong-type', expression.span, 'a time must stand here, such as `3s`', shapes)
  return undefined
}

function segmentText({ name, index }: PathSegment): string {
  return index === undefined ? name : `${name}[${index}]`
}

/** In phrases a name and a text are one. */
function labelOf([name, ...rest]: readonly string[], span: Span, context: Context): Moment | undefined {
  const { complaints, names } = context
  if (rest.length === 0 && (name === 'start' || name === 'end')) {
    return { from: name, offset: 0, span }
  }
  const declared = names.find(name)
  if (!declared) {
    complaints.add('unknown-name', span, `there is no label \`${name}\``, names.suggest(name, 'label') ?? shapes)
    return undefined
  }
  if (declared.thing !== 'label') {
    const help = 'a label is given with `as`: `at 5s stop primary as outage`'
    complaints.add('wrong-type', span, `\`${name}\` is ${aThing(declared.thing)} and no moment`, help)
    return undefined
  }
  const done = rest[0] === 'done'
  if (rest.length > 1 || (rest.length === 1 && !done)) {
    complaints.add('wrong-type', span, 'of a label there is the moment itself and `.done`', `write \`${name}\``)
    return undefined
  }
  if (done && !declared.lasts) {
    const message = `\`${declared.word}\` takes no time, so \`${name}.done\` does not exist`
    complaints.add('moment', span, message, `write \`${name}\``)
  }
  return { from: 'label', label: name, done, offset: 0, span }
}

function randomOf(call: Extract<Expression, { kind: 'call' }>, context: Context): Moment | undefined {
  const { span } = call
  const bounds = call.arguments.map(({ expression }) => durationOf(expression, context))
  if (call.name !== 'random' || bounds.length !== 2) {
    context.complaints.add('wrong-type', span, 'this is no moment', shapes)
    return undefined
  }
  const [low, high] = bounds
  if (low === undefined || high === undefined) return undefined
  if (low > high) context.complaints.add('out-of-range', span, 'the first bound is later than the second', 'swap them')
  return { from: 'random', low, high, offset: 0, span }
}
