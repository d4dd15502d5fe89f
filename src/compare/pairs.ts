// Pairs what both runs told: entries of one lane in their order, the others by what they say. What is left over is
// judged by the rules.

import { align } from './align.ts'
import type { DetailDifference, Mark } from './comparison.ts'
import type { Entry } from './entry.ts'
import type { Rulebook } from './rule.ts'

/** The same thing on both sides, or what only one side has. */
export interface Pair {
  readonly mark: Mark
  readonly simulated?: Entry
  readonly real?: Entry
  readonly details?: readonly DetailDifference[]
  readonly tolerated?: string
}

/** In no order that means anything. */
export function pairUp(simulated: readonly Entry[], real: readonly Entry[], rulebook: Rulebook): Pair[] {
  const pairs: Pair[] = []
  const laneOf = (entry: Entry) => (rulebook.isFirm(entry) ? entry.lane : undefined)
  const lanes = new Set([...simulated, ...real].map(laneOf))
  for (const lane of lanes) {
    const isOf = (entry: Entry) => laneOf(entry) === lane
    pairs.push(...pairLane(simulated.filter(isOf), real.filter(isOf), lane !== undefined, rulebook))
  }
  return pairs
}

function pairLane(simulated: readonly Entry[], real: readonly Entry[], hasOrder: boolean, rulebook: Rulebook): Pair[] {
  const key = (entry: Entry) => rulebook.keyOf(entry)
  const kept = hasOrder ? align(simulated.map(key), real.map(key)) : []
  const pairs = kept.map(([i, j]) => same(simulated[i], real[j], rulebook))
  const pairedHere = new Set(kept.map(([i]) => i))
  const pairedThere = new Set(kept.map(([, j]) => j))
  const isLeft = (paired: ReadonlySet<number>) => (_entry: Entry, at: number) => !paired.has(at)
  // Backends say the same of different statements: each is held against its like before it is held against another.
  const alike = match(simulated.filter(isLeft(pairedHere)), real.filter(isLeft(pairedThere)), entry =>
    keyWithDetails(entry, rulebook),
  )
  const others = match(alike.simulated, alike.real, key)
  for (const [entry, other] of [...alike.pairs, ...others.pairs]) {
    pairs.push(hasOrder ? { mark: 'moved', simulated: entry, real: other } : same(entry, other, rulebook))
  }
  pairs.push(...others.simulated.map(entry => ({ mark: 'only simulated', simulated: entry }) as const))
  pairs.push(...others.real.map(entry => ({ mark: 'only real', real: entry }) as const))
  return pairs
}

interface Matched {
  readonly pairs: readonly (readonly [simulated: Entry, real: Entry])[]
  /** What is left over. */
  readonly simulated: readonly Entry[]
  readonly real: readonly Entry[]
}

/** Of each key the first with the first, the second with the second. */
function match(simulated: readonly Entry[], real: readonly Entry[], keyOf: (entry: Entry) => string): Matched {
  const waiting = new Map<string, Entry[]>()
  for (const entry of real) addTo(waiting, keyOf(entry), entry)
  const taken = new Map<string, number>()
  const pairs: (readonly [Entry, Entry])[] = []
  const left = simulated.filter(entry => {
    const key = keyOf(entry)
    const next = taken.get(key) ?? 0
    const other = waiting.get(key)?.[next]
    if (other === undefined) return true
    taken.set(key, next + 1)
    pairs.push([entry, other])
    return false
  })
  const leftThere = [...waiting].flatMap(([key, all]) => all.slice(taken.get(key) ?? 0))
  return { pairs, simulated: left, real: leftThere }
}

function keyWithDetails(entry: Entry, rulebook: Rulebook): string {
  const details = Object.entries(entry.details).map(([name, text]) => `${name}: ${text}`)
  return [rulebook.keyOf(entry), ...details.sort()].join(' | ')
}

export function addTo<Key, Value>(groups: Map<Key, Value[]>, key: Key, value: Value): void {
  const group = groups.get(key)
  if (group) group.push(value)
  else groups.set(key, [value])
}

function same(simulated: Entry, real: Entry, rulebook: Rulebook): Pair {
  if (simulated.shape !== real.shape) {
    return { mark: 'same', simulated, real, tolerated: rulebook.allows('alternate', simulated)!.name }
  }
  const details = detailDifferences(simulated, real)
  if (details.length === 0) return { mark: 'same', simulated, real }
  const allowed = details.map(({ name }) => rulebook.allowsDetail(name, simulated))
  const tolerated = allowed.every(rule => rule !== undefined) ? { tolerated: allowed[0]!.name } : {}
  return { mark: 'details', simulated, real, details, ...tolerated }
}

function detailDifferences(simulated: Entry, real: Entry): DetailDifference[] {
  const names = [...new Set([...Object.keys(simulated.details), ...Object.keys(real.details)])]
  return names
    .filter(name => simulated.details[name] !== real.details[name])
    .map(name => ({
      name,
      ...(simulated.details[name] === undefined ? {} : { simulated: simulated.details[name] }),
      ...(real.details[name] === undefined ? {} : { real: real.details[name] }),
    }))
}

/** The rules let what only one side has stand, where it may come and go, or where the other side has it elsewhere. */
export function tolerateLeftOver(
  pairs: readonly Pair[],
  isOnBothSides: (entry: Entry) => boolean,
  rulebook: Rulebook,
): Pair[] {
  return pairs.map(pair => {
    if (pair.mark !== 'only simulated' && pair.mark !== 'only real') return pair
    const entry = (pair.simulated ?? pair.real)!
    const rule =
      rulebook.allows('come and go', entry) ?? (isOnBothSides(entry) ? rulebook.allows('repeat', entry) : undefined)
    return rule ? { ...pair, tolerated: rule.name } : pair
  })
}

/** Of a kind as many may have been missed on a real server as were too brief to be seen, whichever of them are paired. */
export function tolerateMissed(pairs: readonly Pair[], simulated: readonly Entry[], rulebook: Rulebook): Pair[] {
  const missable = new Map<string, string[]>()
  for (const entry of simulated) {
    const rule = rulebook.allowsToMiss(entry)
    if (rule) addTo(missable, rulebook.keyOf(entry), rule.name)
  }
  return pairs.map(pair => {
    if (pair.mark !== 'only simulated' || pair.tolerated !== undefined) return pair
    const tolerated = missable.get(rulebook.keyOf(pair.simulated!))?.pop()
    return tolerated === undefined ? pair : { ...pair, tolerated }
  })
}

/** Whether both sides have an entry of this key. */
export function onBothSides(
  simulated: readonly Entry[],
  real: readonly Entry[],
  rulebook: Rulebook,
): (entry: Entry) => boolean {
  const ours = new Set(simulated.map(entry => rulebook.keyOf(entry)))
  const theirs = new Set(real.map(entry => rulebook.keyOf(entry)))
  return entry => ours.has(rulebook.keyOf(entry)) && theirs.has(rulebook.keyOf(entry))
}
