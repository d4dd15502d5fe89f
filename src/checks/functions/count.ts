// count(set): how many elements there are. Of events a counter; of things that are there, those at the instant.

import { broken } from '../expression/context.ts'
import { type FunctionWord, observeSet } from './function-word.ts'

export const count: FunctionWord = {
  definition: { name: 'count', summary: 'how many elements the set has', takes: ['set'], gives: 'number' },
  compile(call, compiler) {
    const set = compiler.set(call.arguments[0], call)
    if (set === undefined) return broken
    const { state } = set
    if (state !== undefined) {
      compiler.context.observers.push({
        kinds: set.kinds,
        windowed: false,
        feed(event) {
          state.table.feed(event)
          return true
        },
      })
      return {
        dimension: 'number',
        evaluate() {
          let found = 0
          for (const element of state.table.elements()) if (state.satisfies(element)) found++
          return found
        },
      }
    }
    let found = 0
    observeSet(compiler, set, () => found++)
    return { dimension: 'number', evaluate: () => found }
  },
}
