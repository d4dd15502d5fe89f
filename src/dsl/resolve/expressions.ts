// Whether an expression speaks of what is there: names, properties, functions and their arguments, fields of events.
// Whether its units and types fit is left to the checks, who know what each operator does.

import type { Argument, Expression, PathSegment } from '../../model/scenario.ts'
import { type EventKind, eventKinds } from '../../model/trace.ts'
import type { FunctionDefinition, PropertyDefinition } from '../../model/vocabulary.ts'
import { didYouMean, list, nearest, suggestion } from '../suggest.ts'
import type { Context } from './context.ts'
import { aThing, type Declared } from './names.ts'
import { checkIndex } from './values.ts'

/** The fields that a bare name may be, inside `where` and as an argument of a function over a set. */
type Fields = readonly string[]

type Path = Extract<Expression, { kind: 'path' }>
type Call = Extract<Expression, { kind: 'call' }>

const placeFields = ['time', 'sequence', 'kind', 'cause', 'node', 'pid', 'process']

export function checkExpression(expression: Expression, context: Context, fields: Fields = []): void {
  switch (expression.kind) {
    case 'literal':
      return
    case 'script':
      context.complaints.add('misplaced', expression.span, 'SQL stands alone', 'write `query(node, $$ … $$)`')
      return
    case 'path':
      checkPath(expression, context, fields)
      return
    case 'call':
      checkCall(expression, context, fields)
      return
    case 'unary':
      checkExpression(expression.operand, context, fields)
      return
    case 'binary':
      checkExpression(expression.left, context, fields)
      checkExpression(expression.right, context, fields)
      return
    case 'in':
      checkExpression(expression.operand, context, fields)
      for (const choice of expression.choices) checkExpression(choice, context, fields)
  }
}

/** Gives the property that the path names, if it names one. */
function checkPath(path: Path, context: Context, fields: Fields): PropertyDefinition | undefined {
  const [{ name, index }, ...rest] = path.segments
  const { complaints, names, words } = context
  if (rest.length === 0 && index === undefined && fields.includes(name)) return undefined
  const declared = names.find(name)
  if (declared) {
    checkIndex(declared, index, path.span, context)
    return rest.length === 0 ? undefined : propertyOf(declared, rest, path, context)
  }
  const tops = words.vocabulary.properties.filter(({ of }) => of === 'top')
  const top = tops.find(property => property.name === path.segments.map(segment => segment.name).join('.'))
  if (top) return refused(top, path, context) ? undefined : top
  if ((name === 'start' || name === 'end') && rest.length === 0) return undefined
  const slip = nearest(name, [...fields, ...names.all(), ...tops.map(property => property.name)])
  const help =
    slip !== undefined
      ? `did you mean \`${slip}\`?`
      : fields.length > 0
        ? `a text stands in quotes; the elements of this set have ${list(fields)}`
        : `a condition speaks of what is declared, or of ${list(tops.map(property => property.name))}; a text stands in quotes`
  complaints.add('unknown-name', path.span, `nothing is named \`${name}\``, help)
  return undefined
}

function propertyOf(declared: Declared, rest: readonly PathSegment[], path: Path, context: Context) {
  const { complaints, words } = context
  const all = words.vocabulary.properties.filter(({ of }) => of === declared.thing)
  const found = all.find(property => matches(property.name.split('.'), rest))
  const written = rest.map(segment => segment.name).join('.')
  if (!found) {
    const known = all.map(property => property.name)
    const deeper = known.filter(name => name.startsWith(`${written}.`)).map(name => name.slice(written.length + 1))
    const help = deeper.length > 0 ? `of it there is ${list(deeper)}` : suggestion(written, known)
    const message =
      known.length === 0
        ? `nothing of ${aThing(declared.thing)} can be observed`
        : `${aThing(declared.thing)} has no \`${written}\` that can be observed`
    complaints.add('unknown-subject', path.span, message, help)
    return undefined
  }
  if (refused(found, path, context)) return undefined
  if (rest[0].name === 'settings') checkSettingName(rest[1].name, path, context)
  if (rest[0].name === 'slots') checkSlotName(rest[1].name, path, context)
  return found
}

/** `*` stands for any name. */
function matches(pattern: readonly string[], segments: readonly PathSegment[]): boolean {
  if (pattern.length !== segments.length) return false
  return pattern.every((part, at) => segments[at].index === undefined && (part === '*' || part === segments[at].name))
}

function refused({ notModelled }: PropertyDefinition, path: Path, { complaints }: Context): boolean {
  if (notModelled === undefined) return false
  const written = path.segments.map(segment => segment.name).join('.')
  complaints.add('not-modelled', path.span, `\`${written}\` cannot be observed yet`, notModelled)
  return true
}

function checkSettingName(name: string, path: Path, { complaints, words, postgres }: Context): void {
  const known = words.vocabulary.settings.map(setting => setting.name)
  if (known.includes(name)) return
  const message = `PostgreSQL ${postgres} has no setting \`${name}\``
  complaints.add('unknown-setting', path.span, message, didYouMean(name, known))
}

function checkSlotName(name: string, path: Path, { complaints, names }: Context): void {
  if (names.find(name, 'slot')) return
  complaints.add('unknown-name', path.span, `there is no slot \`${name}\``, names.suggest(name, 'slot'))
}

function checkCall(call: Call, context: Context, fields: Fields): void {
  const { complaints, words } = context
  const { functions } = words.vocabulary
  const definition = functions.find(({ name }) => name === call.name)
  if (!definition) {
    const all = functions.map(({ name }) => name)
    const help = call.name === 'random' ? '`random` is drawn in moments' : suggestion(call.name, all)
    complaints.add('unknown-name', call.span, `there is no function \`${call.name}\``, help)
    return
  }
  const { takes, optionalFrom } = definition
  const variadic = takes.at(-1) === 'sets'
  const least = optionalFrom ?? takes.length
  const given = call.arguments.length
  if (given < least || (!variadic && given > takes.length)) {
    const count = least === takes.length ? `${least}` : `${least} to ${takes.length}`
    const message = `\`${call.name}\` takes ${variadic ? `at least ${least}` : count} argument${count === '1' ? '' : 's'}, not ${given}`
    complaints.add('wrong-type', call.span, message, usage(definition))
  }
  let own: Fields = []
  for (const [at, argument] of call.arguments.entries()) {
    const type = takes[Math.min(at, takes.length - 1)]
    if (type === 'set' || type === 'sets') own = checkSet(argument, definition, context, fields)
    else checkScalar(argument, type, definition, context, own.length > 0 ? own : fields)
  }
}

function usage({ name, takes, optionalFrom }: FunctionDefinition): string {
  const required = takes.slice(0, optionalFrom)
  const shown = required.map(type => (type === 'sets' ? 'set, set, …' : type === 'script' ? '$$ … $$' : type))
  return `write \`${name}(${shown.join(', ')})\``
}

/** Gives the fields of the set's elements. */
function checkSet(
  { expression, where }: Argument,
  definition: FunctionDefinition,
  context: Context,
  fields: Fields,
): Fields {
  const before = expression.kind === 'path' ? checkPath(expression, context, fields) : undefined
  if (expression.kind !== 'path') {
    context.complaints.add('wrong-type', expression.span, 'a set must stand here', usage(definition))
    return []
  }
  if (before && before.dimension !== 'set') {
    const message = `\`${before.name}\` is one value, and \`${definition.name}\` wants a set`
    context.complaints.add('wrong-type', expression.span, message, 'sets are `events`, `log` and the like')
    return []
  }
  const own = before ? fieldsOf(before, where, context) : []
  // A set that is unknown has been complained about; its condition would only repeat that.
  if (where && before) checkExpression(where, context, own)
  return own
}

function fieldsOf(set: PropertyDefinition, where: Expression | undefined, context: Context): Fields {
  if (set.fields) return Object.keys(set.fields)
  const kind = where && kindIn(where, context)
  const kinds = kind === undefined ? Object.values(eventKinds) : [eventKinds[kind]]
  return [...new Set([...placeFields, ...kinds.flatMap(({ fields }) => Object.keys(fields))])]
}

/** The one kind that `where kind = '…' and …` leaves. Kinds that do not exist are complained about. */
function kindIn(where: Expression, context: Context): EventKind | undefined {
  if (where.kind !== 'binary') return undefined
  if (where.operator === 'and') return kindIn(where.left, context) ?? kindIn(where.right, context)
  const { left, right } = where
  if (left.kind !== 'path' || left.segments.length !== 1 || left.segments[0].name !== 'kind') return undefined
  if (right.kind !== 'literal' || right.dimension !== 'text') return undefined
  const kinds = Object.keys(eventKinds)
  if (!kinds.includes(right.value) && (where.operator === '=' || where.operator === '<>')) {
    const message = `there is no event \`${right.value}\``
    context.complaints.add('unknown-subject', right.span, message, suggestion(right.value, kinds))
    return undefined
  }
  return where.operator === '=' ? (right.value as EventKind) : undefined
}

function checkScalar(
  { expression, where }: Argument,
  type: FunctionDefinition['takes'][number],
  definition: FunctionDefinition,
  context: Context,
  fields: Fields,
): void {
  const { complaints, names } = context
  if (where) complaints.add('misplaced', where.span, '`where` stands behind a set only', usage(definition))
  if (type === 'script') {
    if (expression.kind !== 'script')
      complaints.add('wrong-type', expression.span, 'SQL must stand here', usage(definition))
  } else if (type === 'node') {
    const name =
      expression.kind === 'path' && expression.segments.length === 1 ? expression.segments[0].name : undefined
    if (name === undefined) complaints.add('wrong-type', expression.span, 'a node must stand here', usage(definition))
    else if (names.find(name)?.thing !== 'node') {
      complaints.add('unknown-name', expression.span, `there is no node \`${name}\``, names.suggest(name, 'node'))
    }
  } else if (type === 'field') {
    const name =
      expression.kind === 'path' && expression.segments.length === 1 ? expression.segments[0].name : undefined
    if (name !== undefined && (fields.length === 0 || fields.includes(name))) return
    const message =
      name === undefined ? 'a field must stand here' : `the elements of this set have no field \`${name}\``
    complaints.add(
      'unknown-subject',
      expression.span,
      message,
      name === undefined ? usage(definition) : suggestion(name, fields),
    )
  } else checkExpression(expression, context, fields)
}

/** The SQL of every `query`, with its place. */
export function scriptsIn(expression: Expression): readonly Extract<Expression, { kind: 'script' }>[] {
  switch (expression.kind) {
    case 'script':
      return [expression]
    case 'unary':
      return scriptsIn(expression.operand)
    case 'binary':
      return [...scriptsIn(expression.left), ...scriptsIn(expression.right)]
    case 'in':
      return [expression.operand, ...expression.choices].flatMap(scriptsIn)
    case 'call':
      return expression.arguments.flatMap(({ expression: inner, where }) => [
        ...scriptsIn(inner),
        ...(where ? scriptsIn(where) : []),
      ])
    default:
      return []
  }
}
