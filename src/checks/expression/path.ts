// Paths: a label's moment, a thing's name, a property of a node, a client or a step.

import type { Expression } from '../../model/scenario.ts'
import type { PropertyDefinition } from '../../model/vocabulary.ts'
import { eventSets, notModelled, propertySubjects, stateSets } from '../subjects/index.ts'
import type { PropertySubject, Target } from '../subjects/subject.ts'
import { broken, type Compiled, type Context } from './context.ts'

/** Names that every scenario has. */
export const constants: readonly string[] = ['true', 'false', 'null', 'start', 'end']

export type Path = Extract<Expression, { kind: 'path' }>

/** `shown`: the value appears in the verdict. */
export function compilePath(path: Path, context: Context, shown: boolean): Compiled {
  const [first, ...rest] = path.segments
  const thing = context.scope.get(first.name)
  const compiled =
    rest.length === 0 ? compileBare(path, context) : thing === 'label' ? compileLabel(path, context) : undefined
  if (compiled !== undefined) return compiled
  const found = findProperty(path, propertySubjects, context)
  if (found === undefined) return complainOf(path, context)
  context.requireTold(found.subject.kinds, path.span)
  const property = observeProperty(found.subject, found.target, context)
  if (shown) context.leaves.push({ text: context.textOf(path.span), ...property })
  return property
}

/** A name alone: a label is its moment, a declared thing stands for its name. */
function compileBare(path: Path, context: Context): Compiled | undefined {
  const [{ name }] = path.segments
  const thing = context.scope.get(name)
  if (thing === 'label') return compileLabel(path, context)
  if (thing !== undefined) return { dimension: 'thing', evaluate: () => name }
  if (name === 'true' || name === 'false') return { dimension: 'boolean', evaluate: () => name === 'true' }
  if (name === 'null') return { dimension: 'any', evaluate: () => null }
  if (name === 'start') return { dimension: 'moment', evaluate: () => 0 }
  if (name === 'end') return { dimension: 'moment', evaluate: () => context.end ?? null }
  return undefined
}

function compileLabel(path: Path, context: Context): Compiled {
  const [{ name }, second] = path.segments
  if (path.segments.length > 2 || (second !== undefined && second.name !== 'done')) return complainOf(path, context)
  const done = second !== undefined
  let time: number | null = null
  context.observers.push({
    kinds: ['label.reached'],
    windowed: false,
    feed(event) {
      if (event.kind !== 'label.reached' || event.label !== name || event.done !== done) return false
      time = event.time
      return true
    },
  })
  return { dimension: 'moment', evaluate: () => time }
}

function observeProperty(subject: PropertySubject, target: Target, context: Context): Compiled {
  const reducer = subject.reducer(target)
  context.requirePresence(subject.definition.of, target)
  if (subject.ledger) context.ledger = true
  context.observers.push({
    kinds: subject.kinds,
    windowed: false,
    feed(event) {
      const before = reducer.value(context.now)
      reducer.feed(event)
      return reducer.value(event.time) !== before
    },
  })
  return {
    dimension: subject.definition.dimension as Compiled['dimension'],
    evaluate: () => reducer.value(context.now),
  }
}

interface Described {
  readonly definition: PropertyDefinition
}

/** Finds what the path names among subjects of its thing; the rest of the path must match the definition's name. */
export function findProperty<S extends Described>(
  path: Path,
  subjects: readonly S[],
  context: Context,
): { readonly subject: S; readonly target: Target } | undefined {
  const [first, ...rest] = path.segments
  const thing = context.scope.get(first.name)
  const of = thing ?? 'top'
  const names = thing === undefined ? path.segments : rest
  if (names.some(segment => segment.index !== undefined)) return undefined
  for (const subject of subjects) {
    if (subject.definition.of !== of) continue
    const wild = matchName(
      subject.definition.name,
      names.map(segment => segment.name),
    )
    if (wild !== undefined) return { subject, target: { name: first.name, index: first.index, wild } }
  }
  return undefined
}

/** Gives what stood in the place of each `*`. */
function matchName(definition: string, names: readonly string[]): readonly string[] | undefined {
  const parts = definition.split('.')
  if (parts.length !== names.length) return undefined
  const wild: string[] = []
  for (const [at, part] of parts.entries()) {
    if (part === '*') wild.push(names[at])
    else if (part !== names[at]) return undefined
  }
  return wild
}

/** Nothing can be made of the path: says whether it is a set, known but not modelled, or unknown. */
export function complainOf(path: Path, context: Context): Compiled {
  const text = context.textOf(path.span)
  const refused = findProperty(
    path,
    notModelled.map(definition => ({ definition })),
    context,
  )
  const { name } = path.segments[0]
  const thing = context.scope.get(name)
  if (refused !== undefined) {
    const help = refused.subject.definition.notModelled
    context.complain('not-modelled', path.span, `${text} cannot be observed yet`, help)
  } else if (findProperty(path, [...eventSets, ...stateSets], context)) {
    context.complain('wrong-type', path.span, `${text} is a set`, `count(${text}), or first(${text})`)
  } else {
    const all = [...propertySubjects, ...eventSets, ...stateSets].map(subject => subject.definition)
    const known = all.filter(definition => definition.of === (thing ?? 'top')).map(definition => definition.name)
    const message = thing === undefined ? `there is no ${text}` : `${thing} ${name} has no such property: ${text}`
    context.complain(
      'unknown-subject',
      path.span,
      message,
      known.length > 0 ? `there are ${known.join(', ')}` : undefined,
    )
  }
  return broken
}
