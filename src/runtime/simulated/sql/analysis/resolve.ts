// Chooses among functions or operators of one name by the types of the arguments. Mirrors func_select_candidate.

import type { Callable } from '../../catalog/callable.ts'
import { findCast } from '../../catalog/casts.ts'
import { anyType } from '../../catalog/types/identifiers.ts'
import { textType, unknownType } from '../../catalog/types/text.ts'
import type { Category, Type } from '../../catalog/types/type.ts'

export type Resolution<C extends Callable> =
  | { readonly found: C; readonly parameters: readonly Type[] }
  | { readonly failure: 'none' | 'ambiguous' }

interface Candidate<C extends Callable> {
  readonly callable: C
  /** One for each argument: a variadic's last is repeated. */
  readonly parameters: readonly Type[]
}

export function canCoerceImplicitly(from: Type, to: Type): boolean {
  return from === to || from === unknownType || to === anyType || findCast(from, to, 'implicit') !== undefined
}

function arrange<C extends Callable & { readonly isVariadic?: boolean }>(callable: C, count: number): Candidate<C>[] {
  const { parameters } = callable
  if (callable.isVariadic) {
    if (count < parameters.length) return []
    const last = parameters[parameters.length - 1]
    const filled = Array.from({ length: count }, (_, index) => parameters[index] ?? last)
    return [{ callable, parameters: filled }]
  }
  return parameters.length === count ? [{ callable, parameters }] : []
}

export function resolve<C extends Callable>(callables: readonly C[], types: readonly Type[]): Resolution<C> {
  const candidates = callables.flatMap(callable => arrange(callable, types.length))
  const exact = candidates.find(each => each.parameters.every((type, index) => type === types[index]))
  if (exact) return found(exact)
  const assumed = isBinaryOfUnknown(types, callables)
    ? types.map(type => (type === unknownType ? known(types) : type))
    : undefined
  const sameType = assumed && candidates.find(each => each.parameters.every((type, index) => type === assumed[index]))
  if (sameType) return found(sameType)
  const possible = candidates.filter(each =>
    each.parameters.every((type, index) => canCoerceImplicitly(types[index], type)),
  )
  return choose(possible, types)
}

/** An operator with one operand of unknown type: it is first taken for the type of the other. */
function isBinaryOfUnknown(types: readonly Type[], callables: readonly Callable[]): boolean {
  const isOperator = callables.some(each => /^[^a-z_]/.test(each.name))
  return isOperator && types.length === 2 && types.filter(type => type === unknownType).length === 1
}

function known(types: readonly Type[]): Type {
  return types.find(type => type !== unknownType)!
}

function found<C extends Callable>({ callable, parameters }: Candidate<C>): Resolution<C> {
  return { found: callable, parameters }
}

function choose<C extends Callable>(possible: readonly Candidate<C>[], types: readonly Type[]): Resolution<C> {
  if (possible.length === 0) return { failure: 'none' }
  const count = (test: (parameter: Type, argument: Type) => boolean) => (candidate: Candidate<C>) =>
    candidate.parameters.filter((parameter, index) => test(parameter, types[index])).length
  const isExact = (parameter: Type, argument: Type) =>
    parameter === argument || (argument.name === 'varchar' && parameter === textType)
  let best = keepMost(possible, count(isExact))
  if (best.length === 1) return found(best[0])
  best = keepMost(
    best,
    count((parameter, argument) => {
      if (argument === unknownType) return false
      return (
        isExact(parameter, argument) || (parameter.isPreferred === true && parameter.category === argument.category)
      )
    }),
  )
  if (best.length === 1) return found(best[0])
  best = byUnknowns(best, types)
  if (best.length === 1) return found(best[0])
  const lastGuess = byKnownType(best, types)
  return lastGuess ? found(lastGuess) : { failure: 'ambiguous' }
}

function keepMost<T>(candidates: readonly T[], score: (candidate: T) => number): readonly T[] {
  const most = candidates.reduce((highest, each) => Math.max(highest, score(each)), 0)
  return candidates.filter(each => score(each) === most)
}

/** For arguments of unknown type: the string category if a candidate takes it, else the one that all agree on. */
function byUnknowns<C extends Callable>(
  candidates: readonly Candidate<C>[],
  types: readonly Type[],
): readonly Candidate<C>[] {
  let best = candidates
  const chosen = new Map<number, Category>()
  for (const [index, type] of types.entries()) {
    if (type !== unknownType) continue
    const categories = new Set(best.map(each => each.parameters[index].category))
    if (categories.has('S')) chosen.set(index, 'S')
    else if (categories.size === 1) chosen.set(index, [...categories][0])
    else return best
  }
  for (const [index, category] of chosen) {
    const fitting = best.filter(each => each.parameters[index].category === category)
    const preferred = fitting.filter(each => each.parameters[index].isPreferred)
    best = preferred.length > 0 ? preferred : fitting
  }
  return best.length > 0 ? best : candidates
}

/** If all known arguments have one type, the unknown ones are taken for it too. */
function byKnownType<C extends Callable>(
  candidates: readonly Candidate<C>[],
  types: readonly Type[],
): Candidate<C> | undefined {
  const knownTypes = new Set(types.filter(type => type !== unknownType))
  if (knownTypes.size !== 1 || !types.includes(unknownType)) return undefined
  const [type] = knownTypes
  const fitting = candidates.filter(each => each.parameters.every(parameter => canCoerceImplicitly(type, parameter)))
  return fitting.length === 1 ? fitting[0] : undefined
}
