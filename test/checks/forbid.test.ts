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

describe('forbid replica_divergence', () => {
  const check = 'forbid replica_divergence\n'
  const write = (story: Story, node: string, ...commits: readonly (readonly [number, number])[]) => {
    for (const [xid, lsn] of commits) story.tell(1, node, 'transaction.logged', { xid, lsn })
  }
  const replay = (story: Story, node: string, ...commits: readonly (readonly [number, number])[]) => {
    for (const [xid, lsn] of commits) story.tell(2, node, 'transaction.replayed', { xid, lsn })
  }
  const started = (story: Story, node: string, redo: number) =>
    story.tell(2, node, 'recovery.started', { redo, timeline: 1 })
  const ended = (story: Story, node: string, lsn: number) =>
    story.tell(2, node, 'recovery.redo_done', { lsn, timeline: 1 })
  const three = [
    [801, 100],
    [803, 200],
    [802, 300],
  ] as const

  test('holds where a standby goes through the commits in their order, and may be behind', () => {
    const tell = (story: Story) => {
      write(story, 'primary', ...three)
      started(story, 's1', 40)
      replay(story, 's1', [801, 100], [803, 200])
    }
    expect(verdictOf(check, tell)).toBe('held: 2 replayed, each behind the one before it')
  })

  test('begins where recovery begins, again and again', () => {
    const tell = (story: Story) => {
      write(story, 'primary', ...three)
      started(story, 's1', 150)
      replay(story, 's1', [803, 200], [802, 300])
      started(story, 's1', 90)
      replay(story, 's1', ...three)
    }
    expect(verdictOf(check, tell)).toBe('held: 5 replayed, each behind the one before it')
  })

  test('fails where a commit is passed over, and shows it', () => {
    const [verdict] = play(check, story => {
      write(story, 'primary', ...three)
      started(story, 's1', 40)
      replay(story, 's1', [801, 100], [802, 300])
    })
    expect(verdict).toMatchObject({
      outcome: 'failed',
      actual: 's1 has replayed commit 802 at 0/12C; behind what it had comes 803 at 0/C8',
      evidence: [2, 6],
    })
  })

  test('fails where a commit comes that nobody has written', () => {
    const tell = (story: Story) => {
      write(story, 'primary', ...three)
      started(story, 's1', 40)
      replay(story, 's1', ...three, [900, 400])
    }
    expect(verdictOf(check, tell)).toBe('failed: s1 has replayed commit 900 at 0/190; which nobody has written')
  })

  test('knows nothing of what was written before the run began', () => {
    const tell = (story: Story) => {
      replay(story, 's1', [700, 10])
      write(story, 'primary', ...three)
      replay(story, 's1', [701, 20], [801, 100])
    }
    expect(verdictOf(check, tell)).toBe('held: 3 replayed, each behind the one before it')
  })

  test('a promoted standby goes on from where it was, and others follow it or its primary', () => {
    const tell = (story: Story) => {
      write(story, 'primary', ...three)
      for (const node of ['s1', 's2', 's3']) started(story, node, 40)
      replay(story, 's1', [801, 100], [803, 200])
      ended(story, 's1', 220)
      story.tell(2, 's1', 'transaction.logged', { xid: 804, lsn: 320 })
      replay(story, 's2', [801, 100], [803, 200], [804, 320])
      replay(story, 's3', ...three)
    }
    expect(verdictOf(check, tell)).toBe('held: 8 replayed, each behind the one before it')
    const other = (story: Story) => {
      tell(story)
      replay(story, 's3', [804, 320])
    }
    expect(verdictOf(check, other)).toMatch(/^failed: s3 has replayed commit 804/)
  })

  test('fails where a standby has what its primary comes back without', () => {
    const tell = (story: Story) => {
      write(story, 'primary', ...three)
      started(story, 's1', 40)
      replay(story, 's1', ...three)
      started(story, 'primary', 40)
      replay(story, 'primary', [801, 100], [803, 200])
      ended(story, 'primary', 240)
    }
    expect(verdictOf(check, tell)).toBe(
      'failed: s1 has replayed up to 0/12C; primary has come back with the WAL up to 0/F0',
    )
  })

  test('is not green where nothing was replayed', () => {
    const tell = (story: Story) => write(story, 'primary', ...three)
    expect(verdictOf(check, tell)).toBe('undecided: nothing to look at: no commit was replayed')
    expect(verdictOf('forbid replica_divergence { optional = on }\n', tell)).toMatch(/^held/)
  })

  test('may look at one standby only', () => {
    const tell = (story: Story) => {
      write(story, 'primary', ...three)
      for (const node of ['s1', 's2']) started(story, node, 40)
      replay(story, 's1', [801, 100])
      replay(story, 's2', [803, 200])
    }
    expect(verdictOf('forbid replica_divergence of s1\n', tell)).toBe('held: 1 replayed, each behind the one before it')
  })
})
