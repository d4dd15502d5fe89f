// ordered(set, set, …): each set has an element after the one chosen for the set before. Taking the earliest each time
// finds a chain if there is one, so an index is all the memory that it needs.

import { formatMoment } from '../../model/format.ts'
import { broken } from '../expression/context.ts'
import type { CompiledSet } from '../expression/set.ts'
import { eventSetOf, type FunctionWord } from './function-word.ts'

export const ordered: FunctionWord = {
  definition: {
    name: 'ordered',
    summary: 'whether each set has an element after the one chosen for the set before',
    takes: ['sets'],
    gives: 'boolean',
  },
  compile(call, compiler) {
    const sets: CompiledSet[] = []
    for (const at of call.arguments.keys()) {
      const set = eventSetOf(call, at, compiler)
      if (set === undefined) return broken
      sets.push(set)
    }
    let found = 0
    let foundAt = 0
    const evidence: number[] = []
    compiler.context.observers.push({
      kinds: [...new Set(sets.flatMap(set => set.kinds))],
      windowed: true,
      evidence,
      feed(event) {
        if (found === sets.length || !sets[found].contains(event)) return false
        found++
        foundAt = event.time
        evidence.push(event.sequence)
        return true
      },
    })
    return {
      dimension: 'boolean',
      evaluate: () => found === sets.length,
      explain() {
        if (found === sets.length) return `all ${found} in order, the last at ${formatMoment(foundAt)}`
        const missing = `no ${sets[found].text}`
        return found === 0 ? missing : `${found} of ${sets.length}, then ${missing} after ${formatMoment(foundAt)}`
      },
    }
  },
}
