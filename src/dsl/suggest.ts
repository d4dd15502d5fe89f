// "Did you mean": the nearest of the names that would be right, if it is near enough to be a slip.

import { distance } from 'fastest-levenshtein'

export function nearest(wrong: string, names: Iterable<string>): string | undefined {
  const folded = fold(wrong)
  const limit = Math.min(folded.length - 1, Math.floor((folded.length + 1) / 3))
  let best: string | undefined
  let least = limit + 1
  for (const name of names) {
    const candidate = fold(name)
    if (Math.abs(candidate.length - folded.length) > limit) continue
    const far = candidate === folded ? 0 : isSwap(candidate, folded) ? 1 : distance(candidate, folded)
    if (far < least) {
      least = far
      best = name
    }
  }
  return best
}

export function didYouMean(wrong: string, names: readonly string[]): string | undefined {
  const name = nearest(wrong, names)
  return name === undefined ? undefined : `did you mean \`${name}\`?`
}

/** A help line: the slip, or else what there is to choose from. */
export function suggestion(wrong: string, names: readonly string[], otherwise?: string): string | undefined {
  return didYouMean(wrong, names) ?? otherwise ?? (names.length > 0 ? thereAre(names) : undefined)
}

export function thereAre(names: readonly string[]): string {
  return `there ${names.length === 1 ? 'is' : 'are'} ${list(names)}`
}

/** Two neighbours changed places, the commonest slip of all. */
function isSwap(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let at = 0
  while (a[at] === b[at]) at++
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2)
}

/** `a`, `b` and `c`; long lists are cut. */
export function list(names: readonly string[], last = 'and'): string {
  const shown = names.slice(0, 12).map(name => `\`${name}\``)
  if (names.length > shown.length) return `${shown.join(', ')} ${last} ${names.length - shown.length} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`
}

/** Upper case, hyphens, and the SIG of signals are no difference between names that a person confuses. */
function fold(name: string): string {
  return name
    .toLowerCase()
    .replace(/^sig(?=.)/, '')
    .replaceAll('-', '_')
}
