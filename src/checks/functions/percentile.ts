// percentile(set, field, n): the least value that n per cent of the values do not exceed (the nearest rank).

import { broken } from '../expression/context.ts'
import { eventSetOf, type FunctionWord, numericFieldOf, observeSet } from './function-word.ts'

export const percentile: FunctionWord = {
  definition: {
    name: 'percentile',
    summary: 'the value of a field that n per cent of the elements do not exceed',
    takes: ['set', 'field', 'number'],
    gives: 'any',
  },
  compile(call, compiler) {
    const set = eventSetOf(call, 0, compiler)
    const field = set && numericFieldOf(call, 1, set, compiler)
    if (set === undefined || field === undefined) return broken
    const rank = call.arguments[2].expression
    const fits = rank.kind === 'literal' && (rank.dimension === 'number' || rank.dimension === 'percent')
    if (!fits || (rank.value as number) < 0 || (rank.value as number) > 100) {
      compiler.context.complain('out-of-range', rank.span, 'percentile needs a number from 0 to 100', '99')
      return broken
    }
    const share = rank.value as number
    const values: number[] = []
    /** Values are sorted when they are asked for, not as they come. */
    let sorted = true
    observeSet(compiler, set, event => {
      const value = (event as unknown as Record<string, unknown>)[field.name]
      if (typeof value !== 'number') return
      values.push(value)
      sorted = false
    })
    return {
      dimension: field.dimension,
      evaluate() {
        if (values.length === 0) return null
        if (!sorted) values.sort((a, b) => a - b)
        sorted = true
        return values[Math.max(0, Math.ceil((share * values.length) / 100) - 1)]
      },
    }
  },
}
