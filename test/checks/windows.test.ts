import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Story } from '../report/story.ts'
import { connect, play, reach, warn } from './play.ts'

// The definition of a check, word by word: the instants of a window are the state that it is entered with and the
// states after each of its events. The monitor, which keeps counters, must come to the same.

interface Case {
  readonly warnings: readonly number[]
  readonly crash: number
  readonly from: number | 'crash'
  readonly length: number
  readonly quantifier: 'always ' | 'never ' | 'eventually ' | ''
  readonly operator: '=' | '<' | '>='
  readonly limit: number
}

const cases = fc.record({
  warnings: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }).map(times => times.sort((a, b) => a - b)),
  crash: fc.integer({ min: 1, max: 9 }),
  from: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant('crash' as const)),
  length: fc.integer({ min: 0, max: 6 }),
  quantifier: fc.constantFrom('always ' as const, 'never ' as const, 'eventually ' as const, '' as const),
  operator: fc.constantFrom('=' as const, '<' as const, '>=' as const),
  limit: fc.integer({ min: 0, max: 4 }),
})

const compare = {
  '=': (a: number, b: number) => a === b,
  '<': (a: number, b: number) => a < b,
  '>=': (a: number, b: number) => a >= b,
}

/** Gives undefined where the run ends before the window closes, and the quantifier has not decided yet. */
function byDefinition({ warnings, crash, from, length, quantifier, operator, limit }: Case): boolean | undefined {
  const open = from === 'crash' ? crash : from
  // Events of the crash's own time come before it in these traces, and so before a window that it opens.
  const inside = warnings.filter(time => (from === 'crash' ? time > open : time >= open) && time <= open + length)
  const truths = Array.from({ length: inside.length + 1 }, (_, count) => compare[operator](count, limit))
  const complete = open + length <= 10
  if (quantifier === 'eventually ') return truths.includes(true) ? true : complete ? false : undefined
  if (quantifier === 'always ') return truths.includes(false) ? false : complete ? true : undefined
  if (quantifier === 'never ') return truths.includes(true) ? false : complete ? true : undefined
  return complete ? truths.at(-1) : undefined
}

test('a monitor decides as the definition does', () => {
  fc.assert(
    fc.property(cases, each => {
      const { warnings, crash, from, length, quantifier, operator, limit } = each
      const origin = from === 'crash' ? 'crash' : `${from}s`
      const check = `expect within ${length}s of ${origin} that ${quantifier}count(teller.errors) ${operator} ${limit}\n`
      const [verdict] = play(check, (story: Story) => {
        connect(story)
        for (const time of warnings) warn(story, time, 1)
        reach(story, crash, 'crash')
      })
      const wanted = byDefinition(each)
      expect(verdict.outcome).toBe(wanted === undefined ? 'undecided' : wanted ? 'held' : 'failed')
    }),
    { numRuns: 300 },
  )
})
