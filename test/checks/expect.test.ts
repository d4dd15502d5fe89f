import { describe, expect, test } from 'vitest'
import type { Story } from '../report/story.ts'
import { acknowledge, connect, play, reach, verdictOf, warn } from './play.ts'

const told = (count: number) => (story: Story) => {
  connect(story)
  reach(story, 5, 'crash')
  for (let index = 1; index <= count; index++) warn(story, 5 + index / 1000, index)
}

const seven = `expect "the other seven are told" within 100ms of crash
  that count(teller.errors where message ~ 'crash of another server process') = 7
`

describe('a formula without a quantifier', () => {
  test('is true at the last instant of its window, or not', () => {
    expect(verdictOf(seven, told(7))).toBe('held: 7 within 7 ms (at most 100 ms)')
    expect(verdictOf(seven, told(6))).toBe('failed: 6 within 6 ms (at most 100 ms)')
    expect(verdictOf(seven, told(8))).toBe('failed: 8 within 8 ms (at most 100 ms)')
  })

  test('sees both edges of its window, and nothing outside', () => {
    const around = (story: Story) => {
      connect(story)
      warn(story, 4.999, 1)
      reach(story, 5, 'crash')
      for (let index = 1; index <= 6; index++) warn(story, 5, index)
      warn(story, 5.1, 7)
      warn(story, 5.100000001, 7)
    }
    expect(verdictOf(seven, around)).toBe('held: 7 within 100 ms (at most 100 ms)')
  })

  test('says what was expected, where, and which events decided', () => {
    const [verdict] = play(seven, told(7))
    expect(verdict.title).toBe('the other seven are told')
    expect(verdict.expected).toBe(
      "count(teller.errors where message ~ 'crash of another server process') = 7, within 100ms of crash",
    )
    expect(verdict.at).toBe(5.1e9)
    expect(verdict.evidence).toEqual([5, 6, 7, 8, 9, 10, 11, 12])
  })

  test('at a moment sets see the run from its start', () => {
    const check = 'at crash expect that count(teller.commits) = 3\n'
    const commits = (story: Story) => {
      connect(story)
      for (const at of [1, 2, 3]) acknowledge(story, at)
      reach(story, 5, 'crash')
      acknowledge(story, 5)
    }
    expect(verdictOf(check, commits)).toBe('held: 3')
    expect(verdictOf('at crash + 1s expect that count(teller.commits) = 4\n', commits)).toBe('held: 4')
    expect(verdictOf('at 2s expect that count(teller.commits) = 2\n', commits)).toBe('held: 2')
    expect(verdictOf('at end expect that count(teller[1].commits) = 0\n', commits)).toBe('held: 0')
  })

  test('shows each part where there are several', () => {
    const steps = (story: Story) => {
      story.tell(1, 'primary', 'step.started', { session: 'anna', step: 'a2', sql: 'select 2' })
      story.tell(2, 'primary', 'step.waited', { session: 'anna', step: 'a2', blocker: 'bert' })
      story.tell(3, 'primary', 'step.finished', { session: 'anna', step: 'a2', took: 2e9, rows: 1, sqlstate: '40P01' })
    }
    expect(verdictOf('expect that a2.waited and a2.blocker = bert\n', steps)).toBe(
      'held: a2.waited is true, a2.blocker is bert',
    )
    expect(verdictOf("expect that a2.sqlstate = '40P01'\n", steps)).toBe("held: '40P01'")
    expect(verdictOf('expect that a2.took >= 1s and a2.took < 1100ms\n', steps)).toBe('failed: a2.took is 2 s')
    expect(verdictOf('expect that not a1.waited\n', steps)).toBe(
      'undecided: nothing to look at: step a1 was never played',
    )
  })
})

describe('quantifiers', () => {
  const back = (story: Story) => {
    connect(story)
    story.tell(0.2, 'primary', 'node.accepting', { writable: true })
    reach(story, 5, 'crash')
    story.tell(5, 'primary', 'node.refusing', { reason: 'recovery' })
    story.tell(5.107, 'primary', 'node.accepting', { writable: true })
  }

  test('eventually is decided at the first instant that is true', () => {
    const [verdict] = play('expect within 5s of 5.05s that eventually primary.accepting\n', back)
    expect(verdict).toMatchObject({ outcome: 'held', actual: 'after 57 ms (at most 5 s)', at: 5.107e9 })
    expect(verdictOf('expect from 5.05s to 5.1s that eventually primary.accepting\n', back)).toBe(
      'failed: never in 50 ms; at the end primary.accepting is false',
    )
  })

  test('the instant at which the window opens counts', () => {
    expect(verdictOf('expect within 1s of crash that eventually primary.accepting\n', back)).toBe(
      'held: after 0 s (at most 1 s)',
    )
    expect(verdictOf('expect from 5.01s to 5.05s that always not primary.accepting\n', back)).toBe(
      'held: throughout 40 ms',
    )
    expect(verdictOf('expect from 4s to 4.5s that never primary.accepting\n', back)).toBe(
      'failed: primary.accepting is true at 4.000 000',
    )
  })

  test('always and never fail at the first instant that is wrong', () => {
    expect(verdictOf('expect from 1s to 6s that always primary.accepting\n', back)).toBe(
      'failed: primary.accepting is false at 5.000 000',
    )
    expect(verdictOf('expect from 5.05s that never primary.accepting\n', back)).toBe(
      'failed: primary.accepting is true at 5.107 000',
    )
    expect(verdictOf('expect from 5.01s to 5.1s that never primary.accepting\n', back)).toBe(
      'held: at no instant of 90 ms',
    )
  })

  test('eventually is content with passing through a value', () => {
    const check = seven.replace('that count', 'that eventually count')
    expect(verdictOf(check, told(8))).toBe('held: after 7 ms (at most 100 ms)')
  })

  test('once decided nothing changes the verdict', () => {
    const [verdict] = play('expect that never count(teller.commits) > 1\n', story => {
      connect(story)
      for (const at of [1, 2, 3]) acknowledge(story, at)
    })
    expect(verdict).toMatchObject({ outcome: 'failed', actual: '2 at 2.000 000', at: 2e9 })
  })
})

describe('undecided is failed', () => {
  test('the label never came', () => {
    expect(verdictOf(seven, connect)).toBe('undecided: nothing to look at: crash was never reached')
    expect(verdictOf('expect from 1s to later that always primary.up\n', connect)).toBe(
      'undecided: nothing to look at: later was never reached',
    )
  })

  test('the run ended before the window closed, unless it was decided already', () => {
    const early = (story: Story) => told(7)(story)
    expect(verdictOf(seven.replace('100ms', '6s'), early)).toBe('undecided: the run ended before the window closed')
    expect(verdictOf(seven.replace('100ms', '6s').replace('that', 'that eventually'), early)).toBe(
      'held: after 7 ms (at most 6 s)',
    )
    expect(verdictOf('expect from 11s that never primary.up\n', early)).toBe(
      'undecided: the run ended before the window opened',
    )
  })

  test('the source never existed', () => {
    const nobody = (story: Story) => reach(story, 5, 'crash')
    expect(verdictOf('expect that never count(writer.errors) > 0\n', nobody)).toBe(
      'undecided: nothing to look at: client writer was never there',
    )
    expect(verdictOf('expect that count(s1.log) = 0\n', connect)).toBe(
      'undecided: nothing to look at: node s1 was never there',
    )
    expect(verdictOf('expect that count(teller[5].errors) = 0\n', connect)).toBe(
      'undecided: nothing to look at: client teller[5] was never there',
    )
    expect(verdictOf('expect that count(writer.errors) = 0\n', connect)).toBe('held: 0')
  })

  test('never needs one instant at which anything was known', () => {
    expect(verdictOf('expect that never primary.lag > 0B\n', connect)).toBe(
      'undecided: nothing to look at: primary.lag is null',
    )
  })

  test('an optional check may find nothing, but may not fail', () => {
    const optional = seven.replace('= 7\n', '= 7 { optional = on }\n')
    expect(verdictOf(optional, connect)).toBe('held: crash was never reached; it is optional')
    expect(verdictOf(optional, told(6))).toBe('failed: 6 within 6 ms (at most 100 ms)')
  })

  test('the window closes before it opens', () => {
    const crossed = (story: Story) => {
      connect(story)
      reach(story, 5, 'crash')
      reach(story, 7, 'later')
    }
    expect(verdictOf('expect from later to crash that always primary.up\n', crossed)).toBe(
      'undecided: crash came before the window opened',
    )
  })
})

describe('moments', () => {
  test('a window may look back from a label that nobody could foresee', () => {
    const commits = (story: Story) => {
      connect(story)
      for (const at of [2, 3.5, 4.5, 4.9]) acknowledge(story, at)
      reach(story, 5, 'crash')
      acknowledge(story, 6)
    }
    expect(verdictOf('expect from crash - 1s to crash that count(teller.commits) = 2\n', commits)).toBe('held: 2')
    expect(verdictOf('expect from 1s to crash - 1s that count(teller.commits) = 2\n', commits)).toBe('held: 2')
    expect(verdictOf('at crash - 2s expect that count(teller.commits) = 1\n', commits)).toBe('held: 1')
    expect(verdictOf('at end - 5s expect that count(teller.commits) = 4\n', commits)).toBe('held: 4')
  })

  test('a random moment is where the runner says', () => {
    const known = () => 3
    const commits = (story: Story) => {
      connect(story)
      for (const at of [2, 3, 4]) acknowledge(story, at)
    }
    expect(verdictOf('at random(1s, 5s) expect that count(teller.commits) = 2\n', commits, { known })).toBe('held: 2')
  })

  test('a check that waits for a condition looks once, when it comes', () => {
    const check = 'when count(teller.commits) >= 2 then expect that last(teller.commits) = 3s\n'
    const commits = (story: Story) => {
      connect(story)
      for (const at of [1, 3, 4]) acknowledge(story, at)
    }
    expect(verdictOf(check, commits)).toBe('held: 3.000 000')
    expect(verdictOf(check, connect)).toBe('undecided: nothing to look at: count(teller.commits) >= 2 was never true')
  })
})

describe('queries', () => {
  test('are asked in the database that they name', () => {
    const check = `at end expect that query(primary, $$select 1$$, 'shop') = query(primary, $$select 1$$)\n`
    const asked: (string | undefined)[] = []
    const query = (_sql: string, _seconds: number, database?: string) => {
      asked.push(database)
      return { value: 1 }
    }
    expect(verdictOf(check, connect, { query })).toMatch(/^held/)
    expect(asked).toEqual(['shop', undefined])
  })

  const rows = (sql: string, seconds: number) => ({ value: sql.includes('count') ? String(Math.floor(seconds)) : null })

  test('are asked once, when the window closes', () => {
    const at: number[] = []
    const query = (sql: string, seconds: number) => {
      at.push(seconds)
      return rows(sql, seconds)
    }
    const tell = (story: Story) => {
      connect(story)
      reach(story, 5, 'crash')
    }
    expect(verdictOf('at end expect that query(primary, $$select count(*) from t$$) = 10\n', tell, { query })).toBe(
      'held: 10',
    )
    expect(verdictOf('at crash expect that query(primary, $$select count(*) from t$$) = 5\n', tell, { query })).toBe(
      'held: 5',
    )
    expect(
      verdictOf('expect from crash to crash + 2s that query(primary, $$select count(*)$$) = 6\n', tell, { query }),
    ).toBe('failed: 7')
    expect(at).toEqual([10, 5, 7])
  })

  test('with a quantifier are asked every so often, at both edges too', () => {
    const at: number[] = []
    const query = (sql: string, seconds: number) => {
      at.push(seconds)
      return rows(sql, seconds)
    }
    const check = 'expect every 2s from 1s to 6s that always query(primary, $$select count(*)$$) < 6\n'
    expect(verdictOf(check, connect, { query })).toBe('failed: 6 at 6.000 000')
    expect(at).toEqual([1, 3, 5, 6])
    expect(verdictOf(check.replace('< 6', '< 3'), connect, { query })).toBe('failed: 3 at 3.000 000')
  })

  test('that nobody can answer are null, and the verdict says why', () => {
    const query = () => ({ failure: 'the database system is in recovery mode' })
    expect(verdictOf('at end expect that query(primary, $$select 1$$) = 1\n', connect, { query })).toBe(
      'failed: the database system is in recovery mode',
    )
  })
})
