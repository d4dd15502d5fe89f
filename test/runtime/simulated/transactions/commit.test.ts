// The end of a transaction: when others see it, what a crash leaves of it, what a standby makes of its record.

import { describe, expect, test } from 'vitest'
import { readEndOfTransaction } from '../../../../src/runtime/simulated/transactions/commit-record.ts'
import { KnownAssigned } from '../../../../src/runtime/simulated/transactions/known-assigned.ts'
import { precedes } from '../../../../src/runtime/simulated/transactions/transaction-id.ts'
import { descriptorOf, int4, SmallServer } from '../access/small-server.ts'

describe('a commit', () => {
  test('is seen by others only when its record is on the platter', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4))
    const committed = server.start(session => session.insert(table, [1]))
    const seen: [number, boolean][] = []
    for (let look = 0; look < 20 && !committed.done; look++) {
      server.pass(0.05)
      const rows = server.start(session => session.select(table))
      server.pass(0.02)
      if (rows.done) seen.push([rows.value!.length, server.wal.flushedLsn === server.wal.endLsn])
    }
    expect(seen.some(([count]) => count === 0)).toBe(true)
    for (const [count, flushed] of seen) if (count === 1) expect(flushed).toBe(true)
  })

  test('that is asynchronous may be lost, whole, and leaves nothing that says otherwise', () => {
    const server = new SmallServer({ settings: { synchronous_commit: 'off' } })
    const table = server.table('t', descriptorOf(int4))
    server.run(function* (session) {
      yield* session.insert(table, [1])
      yield* server.wal.flush(session.me, server.wal.endLsn)
      yield* session.insert(table, [2])
      expect(yield* session.select(table)).toEqual([[1], [2]])
    })
    server.crash()
    server.run(function* (session) {
      expect(yield* session.select(table)).toEqual([[1]])
      yield* session.insert(table, [3])
      expect(yield* session.select(table)).toEqual([[1], [3]])
    })
  })

  test('tells in its record of subtransactions, files and invalidations', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4))
    const from = server.wal.insertLsn
    server.run(function* (session) {
      const { tx } = session
      yield* session.begin()
      yield* session.savepoint('s')
      yield* session.insert(table, [1])
      yield* session.statement('drop', function* () {
        tx.removeFiles(table.locator, 'commit')
        tx.invalidate({ id: -2, database: 5, value: table.id })
      })
      yield* session.commit()
    })
    const record = server.recordsSince(from).find(each => each.resourceManager === 1)!
    const end = readEndOfTransaction(record.info, record.data)
    expect(end).toMatchObject({
      subxids: [record.xid + 1],
      database: 5,
      files: [table.locator],
      invalidations: [{ id: -2, database: 5, value: table.id }],
    })
  })
})

describe('what a standby knows of running transactions', () => {
  test('grows with every xid that it meets, also those that wrote nothing yet, and shrinks with their ends', () => {
    const known = new KnownAssigned()
    known.start(100)
    known.observe(103)
    expect(known.runningBefore(1000)).toEqual([100, 101, 102, 103])
    expect(known.runningBefore(102)).toEqual([100, 101])
    known.ended(101, [102])
    expect(known.runningBefore(1000)).toEqual([100, 103])
    expect(known.oldest()).toBe(100)
  })

  test('begins with what the primary lists, and loses those that ended without a word', () => {
    const known = new KnownAssigned()
    known.start(100)
    const running = { subxidCount: 0, overflowed: false, nextXid: 110, latestCompleted: 109 }
    known.apply({ ...running, xids: [103, 105], oldestRunning: 103 }, xid => xid === 105)
    expect([known.ready, known.runningBefore(1000)]).toEqual([true, [103]])
    known.observe(111)
    known.apply({ ...running, xids: [110, 111], oldestRunning: 110, nextXid: 112 }, () => false)
    expect(known.runningBefore(1000)).toEqual([110, 111])
  })
})

test('xids have two thousand million before and behind them', () => {
  expect(precedes(3, 4)).toBe(true)
  expect(precedes(4_294_967_290, 10)).toBe(true)
  expect(precedes(10, 4_294_967_290)).toBe(false)
  expect(precedes(2, 4_294_967_290)).toBe(true)
})
