import { expect, test } from 'vitest'
import { LagTracker } from '../../../../src/runtime/simulated/replication/lag-tracker.ts'

const all = (lsn: number) => ({ written: lsn, flushed: lsn, applied: lsn })

test('each position has its own lag', () => {
  const lag = new LagTracker()
  lag.sent(100, 1000)
  lag.sent(200, 2000)
  lag.replied({ written: 200, flushed: 100, applied: 0 }, 200, 5000)
  expect([lag.writeLag, lag.flushLag, lag.replayLag]).toEqual([3000, 4000, 4000])
})

test('a standby that stands still between two samples falls behind', () => {
  const lag = new LagTracker()
  lag.sent(100, 1000)
  lag.sent(200, 2000)
  lag.replied(all(100), 200, 2500)
  lag.replied(all(150), 200, 9000)
  expect(lag.replayLag).toBe(7500)
})

test('a standby that says twice that it has all has no lag', () => {
  const lag = new LagTracker()
  lag.sent(100, 1000)
  lag.replied(all(100), 100, 1500)
  expect(lag.replayLag).toBe(500)
  lag.replied(all(100), 100, 9000)
  expect(lag.replayLag).toBeUndefined()
})

test('more samples than there is room for: the oldest stands for them', () => {
  const lag = new LagTracker()
  for (let lsn = 1; lsn <= 20_000; lsn++) lag.sent(lsn, lsn * 10)
  lag.replied(all(0), 20_000, 300_000)
  expect(lag.replayLag).toBe(300_000 - 10)
  lag.replied(all(20_000), 20_000, 300_000)
  expect(lag.replayLag).toBe(100_000)
})
