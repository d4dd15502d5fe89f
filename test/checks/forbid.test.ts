import { describe, expect, test } from 'vitest'
import type { Story } from '../report/story.ts'
import { acknowledge, connect, play, verdictOf } from './play.ts'

function declared(settings: string): string {
  return `drill "a test"
node primary { ${settings} }
standby s1 of primary
client teller times 8 on primary $$ select 1 $$
`
}

const commits = (story: Story) => {
  connect(story)
  for (let at = 0; at < 1200; at++) acknowledge(story, 1 + at / 1000)
}

const lose =
  (more: { missing_on?: string; asynchronous?: boolean } = {}) =>
  (story: Story) => {
    for (const xid of [801, 802]) {
      story.tell(9, 'primary', 'commit.lost', { client: 'teller', index: 0, xid, lsn: 1, acknowledged: 2e9, ...more })
    }
  }

describe('forbid lost_commits', () => {
  const check = 'forbid lost_commits\n'

  test('counts what is there, and ghosts', () => {
    const ledger = (story: Story) =>
      story.tell(9, 'primary', 'commit.ghost', { client: 'teller', index: 0, xid: 801, lsn: 1 })
    expect(verdictOf(check, commits, { ledger })).toBe('held: 1,200 acknowledged, 1,200 there, 1 ghost')
  })

  test('fails when a commit is lost that was promised, and shows it', () => {
    const [verdict] = play(check, commits, { ledger: lose() })
    expect(verdict).toMatchObject({
      outcome: 'failed',
      actual: '1,200 acknowledged, 1,198 there',
      title: 'no acknowledged commit is lost',
    })
    expect(verdict.evidence).toHaveLength(2)
  })

  test.each([
    ['', { asynchronous: true }, 'synchronous_commit = off'],
    ['synchronous_commit = off', {}, 'synchronous_commit = off'],
    ['fsync = off', {}, 'fsync = off'],
    ['', { missing_on: 's1' }, 'an empty synchronous_standby_names'],
    ['synchronous_commit = local; synchronous_standby_names = s1', { missing_on: 's1' }, 'synchronous_commit = local'],
  ])('excuses what %s %j does not promise', (settings, more, setting) => {
    const playing = { ledger: lose(more), declared: declared(settings) }
    expect(verdictOf(check, commits, playing)).toBe(
      `held: 1,200 acknowledged, 1,198 there; 2 lost that ${setting} does not promise`,
    )
  })

  test.each([
    ['synchronous_commit = local', {}],
    ['synchronous_commit = off', { asynchronous: false }],
    ["synchronous_standby_names = 's1'", { missing_on: 's1' }],
    ["synchronous_standby_names = 's1'; synchronous_commit = remote_write", { missing_on: 's1' }],
  ])('does not excuse what %s %j promises', (settings, more) => {
    const playing = { ledger: lose(more), declared: declared(settings) }
    expect(verdictOf(check, commits, playing)).toBe('failed: 1,200 acknowledged, 1,198 there')
  })

  test('is not green where nothing was acknowledged, or nobody can look', () => {
    expect(verdictOf(check, connect)).toBe('undecided: nothing to look at: no commit was acknowledged')
    expect(verdictOf(check, commits, { ledgerFailure: 'no node is up' })).toBe('undecided: no node is up')
    expect(verdictOf('forbid lost_commits { optional = on }\n', connect)).toBe(
      'held: no commit was acknowledged; it is optional',
    )
  })

  test('tells of each client, if there are several and something is lost', () => {
    const two = (story: Story) => {
      commits(story)
      story.tell(3, 'primary', 'client.acknowledged', { client: 'clerk', index: 0, xid: 900, lsn: 1, latency: 1000 })
    }
    const ledger = (story: Story) => {
      lose({ asynchronous: true })(story)
      story.tell(9, 'primary', 'commit.ghost', { client: 'clerk', index: 0, xid: 901, lsn: 1 })
    }
    const counts = '1,201 acknowledged, 1,199 there, 1 ghost; 2 lost that synchronous_commit = off does not promise'
    expect(verdictOf(check, two, { ledger })).toBe(
      `held: ${counts}; teller: 1,198 of 1,200 there; clerk: 1 of 1 there, 1 ghost`,
    )
    expect(verdictOf(check, two)).toBe('held: 1,201 acknowledged, 1,201 there')
  })

  test('may look at one client only', () => {
    expect(verdictOf('forbid lost_commits of writer\n', commits, { ledger: lose() })).toBe(
      'undecided: nothing to look at: no commit was acknowledged',
    )
    expect(verdictOf('forbid lost_commits of teller[0]\n', commits, { ledger: lose() })).toBe(
      'failed: 1,200 acknowledged, 1,198 there',
    )
  })
})
