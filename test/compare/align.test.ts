import fc from 'fast-check'
import { expect, test } from 'vitest'
import { align } from '../../src/compare/align.ts'

test.each([
  ['', '', 0],
  ['abc', 'abc', 3],
  ['abc', 'acb', 2],
  ['abcd', 'bcda', 3],
  ['xaby', 'zabw', 2],
  ['abc', 'def', 0],
])('%s and %s', (one, other, length) => {
  expect(align([...one], [...other])).toHaveLength(length)
})

test('pairs the same, in order, and as many as there can be', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 9 })
  fc.assert(
    fc.property(letters, letters, (one, other) => {
      const pairs = align(one, other)
      let [i, j] = [-1, -1]
      for (const [here, there] of pairs) {
        expect(one[here]).toBe(other[there])
        expect(here > i && there > j).toBe(true)
        ;[i, j] = [here, there]
      }
      expect(pairs.length).toBe(longest(one, other))
    }),
  )
})

/** By trying all. */
function longest(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return 0
  if (one[0] === other[0]) return 1 + longest(one.slice(1), other.slice(1))
  return Math.max(longest(one.slice(1), other), longest(one, other.slice(1)))
}
