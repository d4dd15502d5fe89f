// What a crash or a failover has cost, as the report shows it.

import { describe, expect, test } from 'vitest'
import { RecoveryMeasures } from '../../src/checks/recovery-measures.ts'
import type { Recovery } from '../../src/model/recovery.ts'
import { Story } from '../report/story.ts'

function measured(tell: (story: Story) => void, { isSettled = true, end = 20 } = {}): Recovery | undefined {
  const story = new Story()
  story.tell(0, '', 'client.connected', { client: 'app', index: 0, backend: 107, again: false })
  tell(story)
  const measures = new RecoveryMeasures()
  for (const event of story.events) measures.feed(event)
  return measures.result(isSettled, end * 1e9)
}

let xid = 800
function commit(story: Story, node: string, ...seconds: readonly number[]): void {
  for (const at of seconds) {
    story.tell(at, node, 'client.acknowledged', { client: 'app', index: 0, xid: xid++, lsn: 1, latency: 1000 })
  }
}

const fault = (story: Story, at: number, node = 'primary') =>
  story.tell(at, node, 'fault.injected', { text: 'a fault', hits: 1 })

/** A crash cycle in which a session was served for a moment longer. */
function crash(story: Story): void {
  commit(story, 'primary', 1, 1.01)
  fault(story, 2)
  story.tell(2.001, 'primary', 'node.refusing', { reason: 'a crash' })
  commit(story, 'primary', 2.002)
  story.tell(3, 'primary', 'node.accepting', { writable: true })
  commit(story, 'primary', 3.5, 3.6, 9)
}

describe('the recovery time', () => {
  test('ends with the next commit after the outage, not with one of its last breath', () => {
    expect(measured(crash)!.time).toEqual({ time: 1.498e9, from: 2.002e9, ended: true })
  })

  test('a failover is over when a client commits on the new primary', () => {
    const tell = (story: Story) => {
      commit(story, 'primary', 1)
      fault(story, 2)
      story.tell(2, 'primary', 'node.down', { reason: 'no power' })
      story.tell(5, 's1', 'timeline.switched', { timeline: 2, from: 1, lsn: 1 })
      story.tell(5, 's1', 'node.accepting', { writable: true })
      commit(story, 's1', 6.25)
    }
    expect(measured(tell)!.time).toEqual({ time: 4.25e9, from: 2e9, ended: true })
  })

  test('has not ended where nobody commits any more', () => {
    const tell = (story: Story) => {
      commit(story, 'primary', 1)
      fault(story, 2)
      story.tell(2, 'primary', 'node.down', { reason: 'no power' })
    }
    expect(measured(tell)!.time).toEqual({ time: 18e9, from: 2e9, ended: false })
  })

  test('of several outages the worst counts, and that of a reader on a standby does not last until the next one', () => {
    const tell = (story: Story) => {
      commit(story, 's1', 1)
      fault(story, 2, 's1')
      story.tell(2, 's1', 'node.refusing', { reason: 'a crash' })
      story.tell(2.5, 's1', 'node.accepting', { writable: false })
      commit(story, 'primary', 2.1, 2.6, 6)
      fault(story, 6.5)
      story.tell(6.5, 'primary', 'node.refusing', { reason: 'a crash' })
      story.tell(7, 'primary', 'node.accepting', { writable: true })
      commit(story, 'primary', 7.25)
    }
    expect(measured(tell)!.time).toEqual({ time: 0.75e9, from: 6.5e9, ended: true })
  })
})

test('a server that is stopped when another has taken over long ago is an outage of its own', () => {
  const tell = (story: Story) => {
    commit(story, 'primary', 1)
    fault(story, 2, '')
    story.tell(3, 's1', 'timeline.switched', { timeline: 2, from: 1, lsn: 1 })
    story.tell(3, 's1', 'node.accepting', { writable: true })
    commit(story, 'primary', 3.1, 4, 4.9)
    story.tell(5, 'primary', 'node.refusing', { reason: 'fast shutdown' })
    story.tell(5, 'primary', 'node.down', { reason: 'it was shut down' })
  }
  const served = (story: Story) => {
    tell(story)
    story.tell(7.5, 's1', 'node.accepting', { writable: true })
    commit(story, 's1', 8)
  }
  expect(measured(served)!.time).toEqual({ time: 3e9, from: 5e9, ended: true })
  // Nobody has asked for more than that.
  expect(measured(tell)!.time!.from).toBeLessThan(5e9)
})

describe('the recovery point', () => {
  test('is the ledger, and how far back the losses go', () => {
    const tell = (story: Story) => {
      crash(story)
      const lost = { client: 'app', index: 0, xid: 801, lsn: 1, acknowledged: 1.01e9 }
      story.tell(19, 'primary', 'commit.lost', lost)
      story.tell(19, 'primary', 'commit.ghost', { client: 'app', index: 0, xid: 899 })
    }
    expect(measured(tell)!.point).toEqual({
      time: 0.99e9,
      ledger: [{ client: 'app', acknowledged: 6, lost: 1, ghosts: 1 }],
    })
  })

  test('is not known where nobody looked', () => {
    expect(measured(crash, { isSettled: false })!.point).toBeUndefined()
  })
})

test('a run in which all went well, or only others were struck, has nothing to measure', () => {
  expect(measured(story => commit(story, 'primary', 1, 2, 3))).toBeUndefined()
  const other = (story: Story) => {
    commit(story, 'primary', 1, 2)
    fault(story, 2, 's1')
    story.tell(2, 's1', 'node.down', { reason: 'no power' })
    commit(story, 'primary', 3)
  }
  expect(measured(other)).toBeUndefined()
})
