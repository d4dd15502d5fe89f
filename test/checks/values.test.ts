import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../src/checks/pattern.ts'
import type { Story } from '../report/story.ts'
import { connect, play } from './play.ts'

const steps = (story: Story) => {
  connect(story)
  const step = { session: 'anna', step: 'a1' }
  story.tell(1, 'primary', 'step.started', { ...step, sql: 'select 200' })
  story.tell(1, 'primary', 'step.finished', { ...step, took: 2e9, rows: 3, value: '200' })
}

/** Whether the condition is true, false or unknown at the end. */
function truthOf(condition: string): string {
  const checks = `at end expect that ${condition}\nat end expect that not (${condition})\n`
  const [is, isNot] = play(checks, steps).map(({ outcome }) => outcome === 'held')
  return is ? 'true' : isNot ? 'false' : 'unknown'
}

// a1 was played; a1.blocker is null because it did not wait.
describe('conditions are SQL', () => {
  test.each([
    ['a1.waited', 'false'],
    ["a1.blocker = 'bert'", 'unknown'],
    ["a1.blocker = 'bert' or a1.rows = 3", 'true'],
    ["a1.blocker = 'bert' or a1.rows = 4", 'unknown'],
    ["a1.blocker = 'bert' and a1.rows = 3", 'unknown'],
    ["a1.blocker = 'bert' and a1.rows = 4", 'false'],
    ["a1.blocker in ('bert', 'carla')", 'unknown'],
    ['a1.rows in (1, 2, 3)', 'true'],
    ['a1.rows in (1, 2)', 'false'],
    ['a1.rows <> 3', 'false'],
    ['a1.value = 200', 'true'],
    ["a1.value = '200'", 'true'],
    ['a1.value > 19', 'true'],
    ["a1.value = 'abc'", 'false'],
    ['a1.took = 2s and a1.took = 2000ms', 'true'],
    ['a1.took / 2 = 1s and a1.took / 1s = 2', 'true'],
    ['50% * a1.took = 1s', 'true'],
    ['a1.rows + 2 * 3 - 1 = 8', 'true'],
    ['a1.rows / 0 = 1', 'unknown'],
    ['-a1.rows = 0 - 3', 'true'],
    ["a1.sqlstate ~ '^00'", 'true'],
    ["a1.sqlstate !~ '^00'", 'false'],
    ["a1.blocker ~ 'b'", 'unknown'],
  ])('%s is %s', (condition, truth) => {
    expect(truthOf(condition)).toBe(truth)
  })
})

describe('patterns', () => {
  const matches = (pattern: string, text: string, ignoreCase = false) => {
    const compiled = compilePattern(pattern, ignoreCase)
    return typeof compiled === 'function' ? compiled(text) : compiled.problem
  }

  test('match anywhere, as in PostgreSQL', () => {
    expect(matches('terminated by signal 9', 'was terminated by signal 9: Killed')).toBe(true)
    expect(matches('^was .* 9: K', 'was terminated by signal 9: Killed')).toBe(true)
    expect(matches('a.b', 'a\nb')).toBe(true)
    expect(matches('KILLED', 'was Killed')).toBe(false)
    expect(matches('KILLED', 'was Killed', true)).toBe(true)
  })

  test('take no longer for a hostile pattern', () => {
    expect(matches('(a+)+$', `${'a'.repeat(20_000)}b`)).toBe(false)
    expect(matches('(x|x|x)*y', 'x'.repeat(20_000))).toBe(false)
  })

  test('say what is wrong with them', () => {
    expect(matches('(a)\\1', 'aa')).toContain('invalid escape sequence')
    expect(matches('[z-a]', '')).toContain('invalid character class range')
    expect(matches('((((a{100}){100}){100}){100})', '')).toContain('invalid repeat count')
  })
})
