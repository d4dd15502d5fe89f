// Values: each type of parameter reads the text that stands in its place, and says what would be right.

import type { Value } from '../../model/scenario.ts'
import type { Span } from '../../model/source.ts'
import type { Parameter, ParameterType, Thing } from '../../model/vocabulary.ts'
import { type Quantity, quantityOf, unitsOf } from '../expression/literal.ts'
import { list, suggestion, thereAre } from '../suggest.ts'
import type { Text } from '../syntax.ts'
import type { Context } from './context.ts'
import { readMoment } from './moments.ts'
import { aThing, type Declared } from './names.ts'

type Of<T extends ParameterType['type']> = Extract<ParameterType, { type: T }>

const booleans: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  yes: true,
  off: false,
  false: false,
  no: false,
}

/** `what` names the place in messages: `with`, `cpus`, the word itself. */
export function readValue(raw: Text, parameter: Parameter, what: string, context: Context): Value | undefined {
  if (parameter.type === 'prose') return { type: 'text', text: raw.text, span: raw.span }
  if (parameter.type === 'moment') {
    const moment = readMoment(raw, context)
    return moment && { type: 'moment', moment, text: raw.text, span: raw.span }
  }
  const text = context.given(raw)
  if (!text) return undefined
  const { span } = text
  switch (parameter.type) {
    case 'text':
    case 'any':
      return { type: 'text', text: text.text, span }
    case 'name':
    case 'declares':
      return { type: 'name', text: text.text, span }
    case 'keyword':
      return readKeyword(text, parameter, what, context)
    case 'boolean':
      return readBoolean(text, what, context)
    case 'refers':
      return readReference(text, parameter, context)
    case 'step':
      return readStep(text, context)
    case 'number':
    case 'duration':
    case 'size':
    case 'bandwidth':
    case 'percent':
      return readNumber(text, parameter, what, context)
  }
}

function readKeyword(text: Text, type: Of<'keyword'>, what: string, { complaints }: Context): Value | undefined {
  const { text: word, span } = text
  if (type.choices.includes(word)) return { type: 'keyword', text: word, span }
  if (type.also?.includes(word)) {
    const help = `played so far: ${list(type.choices)}`
    complaints.add('not-modelled', span, `\`${word}\` is not played yet`, help)
    return undefined
  }
  const help = suggestion(word, [...type.choices, ...(type.also ?? [])], thereAre(type.choices))
  complaints.add('out-of-range', span, `\`${what}\` takes no \`${word}\``, help)
  return undefined
}

function readBoolean(text: Text, what: string, { complaints }: Context): Value | undefined {
  const boolean = Object.hasOwn(booleans, text.text) ? booleans[text.text] : undefined
  if (boolean !== undefined) return { type: 'boolean', boolean, text: text.text, span: text.span }
  complaints.add('wrong-type', text.span, `\`${what}\` is either on or off`, 'write `on` or `off`')
  return undefined
}

const examples: Readonly<Record<Quantity['dimension'], string>> = {
  number: '`8`',
  duration: '`5s`',
  size: '`16MB`',
  bandwidth: '`100MB/s`',
  percent: '`90%`',
}
const called: Readonly<Record<Quantity['dimension'], string>> = {
  number: 'a number',
  duration: 'a time',
  size: 'a size',
  bandwidth: 'a bandwidth',
  percent: 'a share',
}

function readNumber(text: Text, type: Parameter, what: string, { complaints }: Context): Value | undefined {
  const dimension = type.type as Quantity['dimension']
  const quantity = quantityOf(text.text)
  const { span } = text
  const units = dimension === 'number' ? 'without a unit' : `with a unit: ${unitsOf[dimension]}`
  const help = `write ${called[dimension]} ${units}, such as ${examples[dimension]}`
  if (!quantity) {
    complaints.add('wrong-type', span, `\`${what}\` takes ${called[dimension]}, not \`${text.text}\``, help)
    return undefined
  }
  if ('unknown' in quantity || quantity.dimension !== dimension) {
    const message =
      'unknown' in quantity
        ? `there is no unit \`${quantity.unknown}\``
        : `\`${what}\` takes ${called[dimension]}, and \`${text.text}\` is ${called[quantity.dimension]}`
    complaints.add('wrong-unit', span, message, help)
    return undefined
  }
  const { value } = quantity
  const { min = 0, max = Number.MAX_SAFE_INTEGER, integer = false } = type.type === 'number' ? type : {}
  if (integer && !Number.isInteger(value)) {
    complaints.add(
      'wrong-type',
      span,
      `\`${what}\` takes a whole number`,
      `write \`${Math.max(min, Math.floor(value))}\``,
    )
  } else if (value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`
    complaints.add('out-of-range', span, `\`${what}\` must be ${range}`)
  }
  return { type: dimension, number: value, text: text.text, span }
}

function readReference(text: Text, type: Of<'refers'>, context: Context): Value | undefined {
  const random = /^random\(\s*(.*?)\s*\)$/s.exec(text.text)
  const [, name, digits] = /^(.*?)(?:\[(\d+)\])?$/s.exec(random ? random[1] : text.text)!
  const { span } = text
  if (type.words?.includes(text.text)) return { type: 'keyword', text: text.text, span }
  const declared = findThing(name, type.things, span, context)
  if (!declared) return undefined
  if (random && !type.random) {
    context.complaints.add('wrong-type', span, '`random` may not stand here', `write \`${name}\``)
  }
  const index = digits === undefined ? undefined : Number(digits)
  checkIndex(declared, index, span, context)
  return {
    type: 'reference',
    name,
    ...(index !== undefined && { index }),
    ...(random && { random: true }),
    text: text.text,
    span,
  }
}

export function findThing(
  name: string,
  things: readonly Thing[],
  span: Span,
  { names, complaints }: Context,
): Declared | undefined {
  const declared = names.find(name, things[0] === 'slot' ? 'slot' : undefined)
  const wanted = things.map(aThing).join(' or ')
  if (!declared) {
    const message = things.length === 1 ? `there is no ${things[0]} \`${name}\`` : `nothing is named \`${name}\``
    complaints.add('unknown-name', span, message, names.suggest(name, ...things))
    return undefined
  }
  if (things.includes(declared.thing)) return declared
  const message = `\`${name}\` is ${aThing(declared.thing)}, and ${wanted} must stand here`
  complaints.add('wrong-type', span, message, names.suggest(name, ...things))
  return undefined
}

export function checkIndex(declared: Declared, index: number | undefined, span: Span, { complaints }: Context): void {
  if (index === undefined) return
  const { name, times = 1 } = declared
  if (declared.thing !== 'client') {
    complaints.add('wrong-type', span, `there is one \`${name}\``, `write \`${name}\``)
  } else if (index >= times) {
    const message =
      times === 1 ? `there is only \`${name}[0]\`` : `there are \`${name}[0]\` to \`${name}[${times - 1}]\``
    complaints.add('out-of-range', span, message)
  }
}

function readStep(text: Text, context: Context): Value | undefined {
  const { complaints, names } = context
  const match = /^([^()]*?)\s*(?:\(([^()]*)\))?$/s.exec(text.text)
  if (!match) {
    complaints.add('wrong-type', text.span, 'this is no step', 'write `b1`, or `b1(a2)` for one that waits for another')
    return undefined
  }
  const [, name, inner] = match
  if (!findThing(name, ['step'], text.span, context)) return undefined
  const markers = inner === undefined ? [] : inner.split(',').map(marker => marker.trim())
  for (const marker of markers) {
    if (marker === '*' || names.find(marker)?.thing === 'step') continue
    const help = names.suggest(marker, 'step') ?? 'a marker is a step, or `*`'
    complaints.add('unknown-name', text.span, `there is no step \`${marker}\` to wait for`, help)
  }
  if (markers.includes(name)) {
    complaints.add('circle', text.span, `\`${name}\` waits for itself`, 'name a step of another session')
  }
  return { type: 'step', name, markers, text: text.text, span: text.span }
}
