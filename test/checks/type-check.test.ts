import { describe, expect, test } from 'vitest'
import { complaintsOf } from './play.ts'

describe('what is refused before anything is played', () => {
  test.each([
    ['at end expect that teller.rpo = 0', 'wrong-unit: a duration cannot be compared with a number [teller.rpo = 0]'],
    [
      'at end expect that primary.pg_wal.used > 16',
      'wrong-unit: a size cannot be compared with a number [primary.pg_wal.used > 16]',
    ],
    ["expect that primary.up = 'yes'", "wrong-type: a boolean cannot be compared with a text [primary.up = 'yes']"],
    [
      'expect that teller.acknowledged',
      'wrong-type: a condition is needed here, this is a number [teller.acknowledged]',
    ],
    [
      'expect that primary.pg_wal.used + 5s > 1MB',
      'wrong-unit: a duration cannot be added to a size [primary.pg_wal.used + 5s]',
    ],
    ['expect that crash + crash > 1s', 'wrong-unit: a moment cannot be added to a moment [crash + crash]'],
    ["expect that teller.acknowledged ~ '5'", 'wrong-type: ~ needs a text, this is a number [teller.acknowledged]'],
    [
      "expect that count(log where message ~ '(a') = 0",
      "wrong-type: the pattern is not valid: missing closing ): `(a` ['(a']",
    ],
    [
      "expect that count(log where message ~ '(?=a)b') = 0",
      "wrong-type: the pattern is not valid: invalid or unsupported Perl syntax: `(?=` ['(?=a)b']",
    ],
    ['expect that sum(log, message) = 0', 'wrong-type: sum needs numbers, message is none [message]'],
    [
      'expect that max(primary.processes, pid) = 0',
      'wrong-type: primary.processes can only be counted [primary.processes]',
    ],
    [
      'expect that percentile(teller.commits, latency, 101) < 1s',
      'out-of-range: percentile needs a number from 0 to 100 [101]',
    ],
    ['expect that leads_to(log, log, 5)', 'wrong-unit: leads_to needs a duration [5]'],
    [
      'expect that always query(primary, $$select 1$$) = 1',
      'missing: always needs to know how often the query is to be asked [always query(primary, $$select 1$$) = 1]',
    ],
    [
      'expect every 1s from 1s that always primary.up',
      'misplaced: every says how often a query is asked, and there is none to ask again [1s]',
    ],
    [
      'when query(primary, $$select 1$$) = 1 then note "x"',
      'misplaced: query cannot stand in when: no event tells when it changes [query(primary, $$select 1$$) = 1]',
    ],
    [
      'when teller.lost > 0 then note "x"',
      'misplaced: what is lost is known only when commits are counted, and cannot trigger anything [teller.lost > 0]',
    ],
    [
      'expect that count(log where count(log) > 1) = 1',
      'misplaced: count(…) cannot stand inside where, which looks at one element [count(log)]',
    ],
  ])('%s', (check, complaint) => {
    expect(complaintsOf(`${check}\n`)).toEqual([complaint])
  })

  test('what fits draws no complaint', () => {
    const fits = [
      'at end expect that teller.rpo <= 3 * 200ms',
      'expect that primary.pg_wal.used > 90% * primary.pg_wal.size',
      'expect that first(log) < 5s and last(log) - first(log) < 1s',
      'expect that s1.lsn - primary.lsn < 16MB',
      "expect that a2.value = 200 and a2.blocker = bert and a1.value = 'x'",
      "expect that count(events where kind = 'log.line' and node = s1) = 0",
      'expect every 1s that never query(primary, $$select 1$$) > 5 * 450kB',
      'expect that -teller.rto < 0s',
    ]
    expect(complaintsOf(`${fits.join('\n')}\n`)).toEqual([])
  })

  test('what the engine never tells is refused by name', () => {
    const told = new Set(['log.line', 'node.starting', 'node.down'] as const)
    expect(complaintsOf('expect that primary.up and count(primary.log) = 0\n', told)).toEqual([])
    expect(complaintsOf('expect that count(primary.events) = 0\n', told)).toEqual([])
    expect(complaintsOf('expect that primary.pg_wal.used > 1MB\n', told)).toEqual([
      'not-modelled: primary.pg_wal.used cannot be observed here [primary.pg_wal.used]',
    ])
    expect(complaintsOf("expect that count(events where kind = 'vacuum.finished') = 0\n", told)).toEqual([
      'not-modelled: events cannot be observed here [events]',
    ])
  })

  test('everything is told at once, in the order of the text', () => {
    expect(complaintsOf('expect that teller.rpo = 0\nexpect that teller.rto = 1\n')).toHaveLength(2)
  })
})
