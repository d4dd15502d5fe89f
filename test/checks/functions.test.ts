import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Story } from '../report/story.ts'
import { connect, play, verdictOf } from './play.ts'

const log = (story: Story, seconds: number, message: string) =>
  story.log(seconds, 'primary postmaster 100', 'LOG', message)

describe('ordered', () => {
  const check = `expect that ordered(
    primary.log where message = 'a',
    primary.log where message ~ '^b',
    primary.log where message = 'c')
`
  const lines = (messages: string) => (story: Story) => {
    connect(story)
    ;[...messages].forEach((message, at) => {
      log(story, 1 + at, message)
    })
  }

  test('finds each after the one before', () => {
    expect(verdictOf(check, lines('xabxc'))).toBe('held: all 3 in order, the last at 5.000 000')
    expect(verdictOf(check, lines('cab'))).toBe(
      "failed: 2 of 3, then no primary.log where message = 'c' after 3.000 000",
    )
    expect(verdictOf(check, lines('xyz'))).toBe("failed: no primary.log where message = 'a'")
  })

  test('one event is not two of them', () => {
    const twice = "expect that ordered(primary.log where message = 'a', primary.log where message = 'a')\n"
    expect(play(twice, lines('a'))[0].outcome).toBe('failed')
    expect(play(twice, lines('aa'))[0].outcome).toBe('held')
  })

  test('agrees with a search of all choices', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[abcx]{0,9}$/), messages => {
        expect(play(check, lines(messages))[0].outcome === 'held').toBe(/a.*b.*c/.test(messages))
      }),
      { numRuns: 60 },
    )
  })
})

describe('leads_to', () => {
  const check = `expect from 1s to 9s that
    leads_to(primary.log where message = 'ask', primary.log where message = 'answer', 500ms)
`
  const lines =
    (...told: readonly [number, string][]) =>
    (story: Story) => {
      connect(story)
      for (const [seconds, message] of told) log(story, seconds, message)
    }

  test('each is followed in time', () => {
    expect(verdictOf(check, lines([2, 'ask'], [2.1, 'ask'], [2.5, 'answer']))).toBe('held: all 2')
    expect(verdictOf(check, lines([2, 'ask'], [2.6, 'answer']))).toBe('failed: 1 of 1 were not, the first at 2.000 000')
    expect(verdictOf(check, lines([2, 'answer'], [2, 'ask']))).toBe('failed: 1 of 1 were not, the first at 2.000 000')
  })

  test('the first set must not be empty', () => {
    expect(verdictOf(check, lines([2, 'answer']))).toBe("failed: there was no primary.log where message = 'ask'")
  })

  test('one whose time has not run out when the window closes is not broken', () => {
    expect(verdictOf(check, lines([2, 'ask'], [2.1, 'answer'], [8.9, 'ask']))).toBe('held: all 2')
    expect(play(check, lines([8.4, 'ask']))[0].outcome).toBe('failed')
  })

  test('always fails when the first one is seen to be broken', () => {
    const always = check.replace('that\n    ', 'that always ').replace('from 1s', 'from 2s')
    const [verdict] = play(always, lines([2, 'ask'], [2.1, 'answer'], [3, 'ask'], [4, 'ask']))
    expect(verdict.outcome).toBe('failed')
  })
})

describe('aggregates', () => {
  const values =
    (...removed: readonly number[]) =>
    (story: Story) => {
      connect(story)
      removed.forEach((count, at) => {
        story.tell(1 + at / 1000, 'primary', 'vacuum.finished', {
          relation: 'stock',
          removed: count,
          remaining: 0,
          pages: 1,
        })
      })
    }
  const vacuums = "primary.events where kind = 'vacuum.finished' and relation = 'stock'"

  test('agree with their definitions', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 }), fc.nat(100), (removed, rank) => {
        const sorted = [...removed].sort((a, b) => a - b)
        const total = removed.reduce((sum, value) => sum + value, 0)
        const nearest = sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)]
        const checks = [
          `count(${vacuums}) = ${removed.length}`,
          `sum(${vacuums}, removed) = ${total}`,
          `min(${vacuums}, removed) = ${sorted[0]}`,
          `max(${vacuums}, removed) = ${sorted.at(-1)}`,
          `avg(${vacuums}, removed) * ${removed.length} - ${total} < 0.001`,
          `percentile(${vacuums}, removed, ${rank}) = ${nearest}`,
        ]
        const verdicts = play(checks.map(check => `expect that ${check}\n`).join(''), values(...removed))
        expect(
          verdicts.map(({ outcome, actual }) => `${outcome} ${actual}`).filter(text => !text.startsWith('held')),
        ).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('of nothing are null, and null is not zero', () => {
    expect(verdictOf(`expect that max(${vacuums}, removed) = 0\n`, values())).toMatch(/^failed: .* is null$/)
    expect(verdictOf(`expect that count(${vacuums}) = 0\n`, values())).toBe('held: 0')
  })
})
