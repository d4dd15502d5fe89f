import { describe, expect, test } from 'vitest'
import type { Story } from '../report/story.ts'
import { acknowledge, connect, play, reach, verdictOf } from './play.ts'

function at(seconds: number, condition: string): string {
  return `at ${seconds}s expect that ${condition}\n`
}

describe('a node', () => {
  const crash = (story: Story) => {
    story.tell(0, 'primary', 'node.starting', { version: '17' })
    story.tell(1, 'primary', 'node.accepting', { writable: true })
    story.tell(0.5, 's1', 'node.starting', { version: '17' })
    story.tell(1, 's1', 'recovery.started', { redo: 0x1000000, timeline: 1 })
    story.tell(1.5, 's1', 'node.accepting', { writable: false })
    story.tell(5, 'primary', 'node.down', { reason: 'power cut' })
    story.tell(6, 's1', 'timeline.switched', { timeline: 2, from: 1, lsn: 0x2000000 })
    story.tell(6.1, 's1', 'node.accepting', { writable: true })
  }

  test.each([
    [2, 'primary.up and primary.accepting and primary.writable and primary.timeline = 1'],
    [6, 'not primary.up and not primary.accepting and not primary.writable'],
    [2, 's1.up and s1.accepting and not s1.writable and s1.in_recovery and s1.timeline = 1'],
    [7, 's1.writable and not s1.in_recovery and s1.timeline = 2'],
  ])('at %d s: %s', (seconds, condition) => {
    expect(play(at(seconds, condition), crash)[0].outcome).toBe('held')
  })

  test('tells how full pg_wal is', () => {
    const fill = (story: Story) => {
      connect(story)
      story.tell(1, 'primary', 'volume.changed', { volume: 'data', used: 1, size: 2 })
      story.tell(1, 'primary', 'volume.changed', { volume: 'pg_wal', used: 1932735283, size: 2 * 1024 ** 3 })
    }
    expect(verdictOf(at(2, 'primary.pg_wal.used > 89% * primary.pg_wal.size'), fill)).toBe(
      'held: primary.pg_wal.used is 1.8 GB, primary.pg_wal.size is 2 GB',
    )
    expect(verdictOf(at(2, 'primary.pg_wal.used > 91% * primary.pg_wal.size'), fill)).toMatch(/^failed/)
    expect(verdictOf(at(2, 'primary.pg_wal.free < 300MB'), fill)).toBe('held: 205 MB')
  })

  test('tells of its slots and its archiver', () => {
    const declared = `drill "a test"
node primary
standby s1 of primary via s1_slot
`
    const events = (story: Story) => {
      story.tell(0, 'primary', 'node.starting', { version: '17' })
      story.tell(1, 'primary', 'slot.changed', { slot: 'other', active: true, wal_status: 'lost' })
      story.tell(1, 'primary', 'slot.changed', { slot: 's1_slot', active: false, wal_status: 'extended' })
      story.tell(2, 'primary', 'archive.queued', { segment: '000000010000000000000001', ready: 3 })
    }
    const playing = { declared }
    const check = "primary.slots.s1_slot.wal_status in ('reserved', 'extended') and not primary.slots.s1_slot.active"
    expect(play(`at 3s ${'expect'} that ${check}\n`, events, playing)[0].outcome).toBe('held')
    expect(verdictOf(at(3, 'primary.archive.ready = 3'), events, playing)).toBe('held: 3')
    expect(verdictOf(at(1, 'primary.archive.ready = 0'), events, playing)).toBe('held: 0')
  })

  test('tells how far a standby is behind, in bytes and in time', () => {
    const stream = (story: Story) => {
      connect(story)
      story.tell(0, 's1', 'node.starting', { version: '17' })
      const heard = { standby: 's1', written: 8192, flushed: 8192, replayed: 8192 }
      story.tell(1, 'primary', 'wal.flushed', { lsn: 8192, bytes: 8192 })
      story.tell(1.5, 'primary', 'replication.acknowledged', heard)
      story.tell(2, 'primary', 'wal.flushed', { lsn: 32768, bytes: 24576 })
    }
    expect(verdictOf(at(3, 's1.lag = 24kB'), stream)).toBe('held: 24 kB')
    expect(verdictOf(at(3, 's1.replay_lag = 500ms'), stream)).toBe('held: 500 ms')
  })

  test('counts its processes and connections at the instant', () => {
    const processes = (story: Story) => {
      connect(story)
      for (const [pid, type] of [
        [101, 'walsender'],
        [102, 'checkpointer'],
        [103, 'walsender'],
      ] as const) {
        story.tell(1, `primary ${type} ${pid}`, 'process.started', { type, parent: 100 })
      }
      story.tell(2, 'primary walsender 101', 'process.exited', { type: 'walsender', code: 0 })
      story.tell(1, 'primary client backend 110', 'connection.opened', { backend: 110, from: 'local' })
      story.tell(1, 'primary client backend 111', 'connection.opened', { backend: 111, from: 'local' })
      story.tell(2, 'primary client backend 110', 'connection.closed', { backend: 110 })
      story.tell(5, 'primary', 'node.down', { reason: 'power cut' })
    }
    const senders = "count(primary.processes where type = 'walsender')"
    expect(verdictOf(at(1, `${senders} = 2`), processes)).toBe('held: 2')
    expect(verdictOf(at(3, `${senders} = 1`), processes)).toBe('held: 1')
    expect(verdictOf(at(6, `${senders} = 0`), processes)).toBe('held: 0')
    expect(verdictOf(at(1, 'primary.connections = 2'), processes)).toBe('held: 2')
    expect(verdictOf(at(3, 'primary.connections = 1'), processes)).toBe('held: 1')
    expect(verdictOf(at(6, 'primary.connections = 0'), processes)).toBe('held: 0')
  })
})

describe('a client', () => {
  const lose = (story: Story, index: number, acknowledged: number, more: { hole?: boolean; cause?: number } = {}) =>
    story.tell(
      9,
      'primary',
      'commit.lost',
      { client: 'teller', index, xid: 800, lsn: 1, acknowledged: acknowledged * 1e9, hole: more.hole },
      more.cause,
    )
  const cut = (story: Story) => {
    connect(story)
    for (const seconds of [1, 2, 4, 4.5]) acknowledge(story, seconds)
    story.tell(5, 'primary', 'fault.injected', { text: 'power cut', hits: 1, label: 'crash' })
    acknowledge(story, 8.5, 1)
    story.tell(8.6, 's1', 'fault.injected', { text: 'something else', hits: 1 })
  }

  test('RPO is the time from the first lost commit to the fault that took it', () => {
    const ledger = (story: Story) => {
      lose(story, 0, 4)
      lose(story, 0, 4.5)
    }
    expect(verdictOf('at end expect that teller.rpo = 1s\n', cut, { ledger })).toBe('held: 1 s')
    expect(verdictOf('at end expect that teller[1].rpo = 0s\n', cut, { ledger })).toBe('held: 0 s')
    expect(verdictOf('at end expect that teller.rpo = 0s\n', cut)).toBe('held: 0 s')
  })

  test('a server that was stopped at once has lost no less than one that was struck', () => {
    const stopped = (story: Story) => {
      connect(story)
      story.tell(1, 'primary', 'fault.injected', { text: 'cut link', hits: 1 })
      acknowledge(story, 4)
      story.tell(6, 'primary', 'node.down', { reason: 'shut down' })
    }
    const ledger = (story: Story) => lose(story, 0, 4)
    expect(verdictOf('at end expect that teller.rpo = 2s\n', stopped, { ledger })).toBe('held: 2 s')
  })

  test('a loss may name the fault that took it', () => {
    const ledger = (story: Story) =>
      lose(story, 0, 4, { cause: story.events.findIndex(event => event.node === 's1') + 1 })
    expect(verdictOf('at end expect that teller.rpo > 4s\n', cut, { ledger })).toBe('held: 4.6 s')
  })

  test('RTO is the longest stretch without an acknowledgement, the last one included', () => {
    expect(verdictOf('at end expect that teller.rto = 4s\n', cut)).toBe('held: 4 s')
    expect(verdictOf('at end expect that teller[0].rto = 5500ms\n', cut)).toBe('held: 5.5 s')
    expect(verdictOf('at end expect that writer.rto < 1s\n', cut)).toBe('failed: writer.rto is null')
    const finished = (story: Story) => {
      cut(story)
      for (const index of [0, 1]) story.tell(8.5, '', 'client.finished', { client: 'teller', index, transactions: 5 })
    }
    expect(verdictOf('at end expect that teller[0].rto = 4s\n', finished)).toBe('held: 4 s')
  })

  test('lost, holes and ghosts are counted when the runner has looked', () => {
    const ledger = (story: Story) => {
      lose(story, 0, 4, { hole: true })
      lose(story, 1, 4.5)
      story.tell(9, 'primary', 'commit.ghost', { client: 'teller', index: 0, xid: 801, lsn: 1 })
    }
    const check =
      'at end expect that teller.lost = 2 and teller.holes = 1 and teller.ghosts = 1 and teller.acknowledged = 5\n'
    expect(play(check, cut, { ledger })[0].outcome).toBe('held')
    expect(verdictOf('expect that eventually teller.lost > 1\n', cut, { ledger })).toBe('held: at 10.000 000')
    expect(verdictOf('at end expect that teller.lost = 0\n', cut, { ledgerFailure: 'no node is up' })).toBe(
      'undecided: no node is up',
    )
  })

  test('its commits and errors can be searched', () => {
    expect(verdictOf('expect that count(teller.commits where node = primary and index = 1) = 1\n', cut)).toBe('held: 1')
    expect(verdictOf('expect that max(teller.commits, latency) < 2ms\n', cut)).toBe('held: 1 ms')
    expect(verdictOf('expect that percentile(teller.commits, latency, 99) = 1ms\n', cut)).toBe('held: 1 ms')
  })
})

test('a label is a moment', () => {
  const tell = (story: Story) => {
    connect(story)
    reach(story, 5, 'crash')
    reach(story, 7, 'later')
    reach(story, 7.5, 'later', true)
    acknowledge(story, 6)
  }
  expect(play('expect that later - crash = 2s and later.done - later = 500ms\n', tell)[0].outcome).toBe('held')
  expect(verdictOf('expect that first(teller.commits) > crash and first(teller.commits) < later\n', tell)).toBe(
    'held: first(teller.commits) is 6.000 000',
  )
  expect(verdictOf('expect that count(teller.commits where time > crash + 500ms) = 1\n', tell)).toBe('held: 1')
})
