// sum, min, max, avg (set, field): running values of a field. Of no element they are null, as in SQL.

import { broken } from '../expression/context.ts'
import { eventSetOf, type FunctionWord, numericFieldOf, observeSet } from './function-word.ts'

function aggregate(
  name: string,
  summary: string,
  combine: (total: number, value: number) => number,
  result: (total: number, count: number) => number,
): FunctionWord {
  return {
    definition: { name, summary, takes: ['set', 'field'], gives: 'any' },
    compile(call, compiler) {
      const set = eventSetOf(call, 0, compiler)
      const field = set && numericFieldOf(call, 1, set, compiler)
      if (set === undefined || field === undefined) return broken
      let total = 0
      let count = 0
      observeSet(compiler, set, event => {
        const value = (event as unknown as Record<string, unknown>)[field.name]
        if (typeof value !== 'number') return
        total = count === 0 ? value : combine(total, value)
        count++
      })
      return { dimension: field.dimension, evaluate: () => (count === 0 ? null : result(total, count)) }
    },
  }
}

const itself = (total: number) => total

export const sum = aggregate('sum', 'the sum of a field', (total, value) => total + value, itself)
export const min = aggregate('min', 'the least value of a field', Math.min, itself)
export const max = aggregate('max', 'the greatest value of a field', Math.max, itself)
export const avg = aggregate(
  'avg',
  'the mean of a field',
  (total, value) => total + value,
  (total, count) => total / count,
)
