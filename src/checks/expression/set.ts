// Sets and their `where`: which events are elements, and which fields they have. A `where` that names kinds narrows
// what is listened to, so that `events where kind = 'lock.waited'` costs nothing but those.

import type { Argument, Expression } from '../../model/scenario.ts'
import { type EventKind, type EventKindDefinition, eventKinds, type TraceEvent } from '../../model/trace.ts'
import type { Dimension } from '../../model/vocabulary.ts'
import { eventSets, stateSets } from '../subjects/index.ts'
import type { StateTable } from '../subjects/subject.ts'
import type { Compiled, Context, Element } from './context.ts'
import { requireTruth } from './operators.ts'
import { complainOf, findProperty, type Path } from './path.ts'

type Fields = Readonly<Record<string, Dimension>>
type CompileWhere = (expression: Expression, context: Context, fields: Fields) => Compiled

export interface CompiledSet {
  readonly text: string
  readonly fields: Fields
  readonly kinds: readonly EventKind[]
  contains(event: TraceEvent): boolean
  /** Set where the elements are not events but things that are there at the instant. */
  readonly state?: { readonly table: StateTable; satisfies(element: Element): boolean }
}

const everyKind = Object.keys(eventKinds) as EventKind[]

/** What every event has. */
const commonFields: Fields = {
  time: 'moment',
  sequence: 'number',
  kind: 'text',
  cause: 'number',
  node: 'thing',
  pid: 'number',
  process: 'text',
}

/** Complains and gives undefined if the argument is no set. */
export function compileSet(
  argument: Argument | undefined,
  call: Expression & { kind: 'call' },
  context: Context,
  compileWhere: CompileWhere,
): CompiledSet | undefined {
  const path = argument?.expression
  if (argument === undefined || path?.kind !== 'path') {
    context.complain('wrong-type', path?.span ?? call.span, `${call.name} needs a set`)
    return undefined
  }
  const span = argument.where === undefined ? path.span : { start: path.span.start, end: argument.where.span.end }
  const text = context.textOf(span)
  const state = findProperty(path, stateSets, context)
  if (state !== undefined) {
    const fields = state.subject.definition.fields ?? {}
    const where = conditionOf(argument.where, fields, context, compileWhere)
    context.requirePresence(state.subject.definition.of, state.target)
    context.requireTold(state.subject.kinds, path.span)
    const table = state.subject.table(state.target)
    return { text, fields, kinds: state.subject.kinds, contains: () => false, state: { table, satisfies: where } }
  }
  return compileEventSet(argument, path, text, context, compileWhere)
}

function compileEventSet(
  { where }: Argument,
  path: Path,
  text: string,
  context: Context,
  compileWhere: CompileWhere,
): CompiledSet | undefined {
  const found = findProperty(path, eventSets, context)
  if (found === undefined) {
    if (findable(path, context)) context.complain('wrong-type', path.span, `${context.textOf(path.span)} is no set`)
    else complainOf(path, context)
    return undefined
  }
  const { subject, target } = found
  const named = subject.kinds ?? narrowedKinds(where, context)
  if (named !== undefined) context.requireTold(named, path.span)
  const kinds = named ?? everyKind
  const fields = subject.definition.fields ?? fieldsOf(kinds)
  const condition = conditionOf(where, fields, context, compileWhere)
  context.requirePresence(subject.definition.of, target)
  const wanted = new Set(kinds)
  return {
    text,
    fields,
    kinds,
    contains: event => wanted.has(event.kind) && subject.contains(event, target) && condition(event as never),
  }
}

/** Whether the path is something else than a set, and needs no complaint about its name. */
function findable(path: Path, context: Context): boolean {
  return path.segments.length === 1 && context.scope.has(path.segments[0].name)
}

function conditionOf(
  where: Expression | undefined,
  fields: Fields,
  context: Context,
  compileWhere: CompileWhere,
): (element: Element) => boolean {
  if (where === undefined) return () => true
  const condition = compileWhere(where, context, fields)
  requireTruth(where, condition, context)
  return element => condition.evaluate(element) === true
}

/** The fields that events of these kinds have; one whose type differs between them can be anything. */
function fieldsOf(kinds: readonly EventKind[]): Fields {
  const fields: Record<string, Dimension> = { ...commonFields }
  for (const kind of kinds) {
    for (const [name, type] of Object.entries((eventKinds[kind] as unknown as EventKindDefinition).fields)) {
      const dimension = type.replace('?', '') as Dimension
      fields[name] = !Object.hasOwn(fields, name) || fields[name] === dimension ? dimension : 'any'
    }
  }
  return fields
}

/** The kinds that a `where` admits, if one of its conditions, all joined by `and`, names them. */
function narrowedKinds(where: Expression | undefined, context: Context): readonly EventKind[] | undefined {
  if (where === undefined) return undefined
  if (where.kind === 'binary' && where.operator === 'and') {
    return narrowedKinds(where.left, context) ?? narrowedKinds(where.right, context)
  }
  if (where.kind === 'binary' && where.operator === '=' && isKindField(where.left))
    return kindsIn([where.right], context)
  if (where.kind === 'in' && isKindField(where.operand)) return kindsIn(where.choices, context)
  return undefined
}

function isKindField(expression: Expression): boolean {
  return expression.kind === 'path' && expression.segments.length === 1 && expression.segments[0].name === 'kind'
}

function kindsIn(names: readonly Expression[], context: Context): readonly EventKind[] | undefined {
  const kinds: EventKind[] = []
  for (const name of names) {
    if (name.kind !== 'literal' || name.dimension !== 'text') return undefined
    if (Object.hasOwn(eventKinds, name.value)) kinds.push(name.value as EventKind)
    else {
      const subject = name.value.split('.')[0]
      const near = everyKind.filter(kind => kind.startsWith(`${subject}.`))
      const help = near.length > 0 ? `there are ${near.join(', ')}` : undefined
      context.complain('unknown-name', name.span, `no event is of the kind '${name.value}'`, help)
    }
  }
  return kinds
}
