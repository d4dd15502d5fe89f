// Orders across processes that PostgreSQL guarantees: of the lines that a rule names, those that stand elsewhere in the
// one log than in the other.

import { align } from './align.ts'
import type { BrokenOrder } from './comparison.ts'
import type { Entry } from './entry.ts'
import { matches, type Rulebook } from './rule.ts'

/** The entries are the log of one node in one phase. */
export function brokenOrders(
  simulated: readonly Entry[],
  real: readonly Entry[],
  rulebook: Rulebook,
): readonly BrokenOrder[] {
  return rulebook.orders.flatMap(({ name, inOrder }) => {
    const isNamed = (entry: Entry) => inOrder.some(pattern => matches(pattern, entry))
    const [ours, theirs] = [simulated.filter(isNamed), real.filter(isNamed)]
    const keys = [ours, theirs].map(entries => entries.map(entry => rulebook.keyOf(entry)))
    const kept = align(keys[0], keys[1])
    const at = keys[0].findIndex((_key, i) => !kept.some(([paired]) => paired === i) && isLeft(keys, kept, i))
    if (at === -1) return []
    const there = keys[1].findIndex((key, j) => key === keys[0][at] && !kept.some(([, paired]) => paired === j))
    return {
      rule: name,
      text: ours[at].text,
      simulatedAfter: ours[at - 1]?.text ?? '',
      realAfter: theirs[there - 1]?.text ?? '',
    }
  })
}

/** The other side has it too, and it is not paired there either. */
function isLeft(keys: readonly (readonly string[])[], kept: readonly (readonly [number, number])[], at: number) {
  return keys[1].some((key, j) => key === keys[0][at] && !kept.some(([, paired]) => paired === j))
}
