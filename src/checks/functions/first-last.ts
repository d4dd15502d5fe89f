// first(set), last(set): the moment of the first and of the newest element; null while there is none.

import { broken } from '../expression/context.ts'
import { eventSetOf, type FunctionWord, observeSet } from './function-word.ts'

function momentOf(name: string, summary: string, keep: 'first' | 'last'): FunctionWord {
  return {
    definition: { name, summary, takes: ['set'], gives: 'moment' },
    compile(call, compiler) {
      const set = eventSetOf(call, 0, compiler)
      if (set === undefined) return broken
      let time: number | null = null
      observeSet(compiler, set, event => {
        if (keep === 'last' || time === null) time = event.time
      })
      return {
        dimension: 'moment',
        evaluate: () => time,
        explain: () => (time === null ? `there was no ${set.text}` : undefined),
      }
    },
  }
}

export const first = momentOf('first', 'the moment of the first element', 'first')
export const last = momentOf('last', 'the moment of the last element', 'last')
