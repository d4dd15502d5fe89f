// Several sessions at the same rows.

import { describe, expect, test } from 'vitest'
import type { Relation } from '../../../../src/runtime/simulated/access/relation.ts'
import type { TupleLockMode, WaitPolicy } from '../../../../src/runtime/simulated/access/results.ts'
import type { Datum } from '../../../../src/runtime/simulated/access/tuple-descriptor.ts'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import { descriptorOf, int4, type Session, SmallServer } from './small-server.ts'

const plus = (amount: number) => (row: readonly Datum[]) => [row[0], (row[1] as number) + amount]

function serverWithRow(): { server: SmallServer; table: Relation } {
  const server = new SmallServer()
  const table = server.table('t', descriptorOf(int4, int4), [[0]])
  server.run(session => session.insert(table, [1, 0]))
  return { server, table }
}

function* sleep({ me }: Session, milliseconds: number): Coroutine {
  yield* me.sleep(milliseconds * 1e6, 'test')
}

function* lockRow(session: Session, table: Relation, key: number, mode: TupleLockMode, policy: WaitPolicy = 'block') {
  const { server, tx } = session
  const found = (yield* session.lookup(table, key))!
  return yield* session.statement('select for', function* () {
    tx.pushActiveSnapshot(tx.snapshot())
    const result = yield* server.heap.lockLatest(tx, table, found.tid, mode, policy, true)
    tx.popActiveSnapshot()
    return result
  })
}

describe('updates of one row', () => {
  test('are not lost: each waits for the one before and goes on from its version', () => {
    const { server, table } = serverWithRow()
    const handles = [1, 10, 100, 1000].map(amount =>
      server.start(function* (session) {
        yield* session.begin()
        yield* session.update(table, 1, plus(amount))
        yield* sleep(session, 5)
        yield* session.commit()
      }),
    )
    server.pass(100)
    expect(handles.map(each => [each.done, each.error])).toEqual(handles.map(() => [true, undefined]))
    server.run(function* (session) {
      expect(yield* session.select(table)).toEqual([[1, 1111]])
    })
  })

  test('go on from the old version if the one before is rolled back', () => {
    const { server, table } = serverWithRow()
    server.start(function* (session) {
      yield* session.begin()
      yield* session.update(table, 1, plus(1))
      yield* sleep(session, 5)
      yield* session.rollback()
    })
    server.pass(1)
    const second = server.start(session => session.update(table, 1, plus(10)))
    server.pass(100)
    expect(second.value).toBe(1)
    server.run(function* (session) {
      expect(yield* session.select(table)).toEqual([[1, 10]])
    })
  })

  test('fail in repeatable read', () => {
    const { server, table } = serverWithRow()
    const second = server.start(function* (session) {
      yield* session.begin('repeatable read')
      expect(yield* session.select(table)).toEqual([[1, 0]])
      yield* sleep(session, 5)
      expect(yield* session.select(table)).toEqual([[1, 0]])
      yield* session.update(table, 1, plus(10))
    })
    server.pass(1)
    server.start(session => session.update(table, 1, plus(1)))
    server.pass(100)
    expect(second.error?.message).toBe('could not serialize access due to concurrent update')
  })

  test('find nothing where the row was deleted meanwhile', () => {
    const { server, table } = serverWithRow()
    server.start(function* (session) {
      yield* session.begin()
      yield* session.delete(table, 1)
      yield* sleep(session, 5)
      yield* session.commit()
    })
    server.pass(1)
    const second = server.start(session => session.update(table, 1, plus(10)))
    server.pass(100)
    expect(second.value).toBe(0)
  })

  test('of two rows crosswise deadlock, with the context that PostgreSQL gives', () => {
    const { server, table } = serverWithRow()
    server.run(session => session.insert(table, [2, 0]))
    const crosswise = [
      [1, 2],
      [2, 1],
    ].map(([first, second]) =>
      server.start(function* (session) {
        yield* session.begin()
        yield* session.update(table, first, plus(1))
        yield* sleep(session, 5)
        yield* session.update(table, second, plus(1))
        yield* session.commit()
      }),
    )
    server.pass(5000)
    const failed = crosswise.filter(each => each.error)
    expect(failed.length).toBe(1)
    expect(failed[0].error).toMatchObject({ sqlstate: '40P01', message: 'deadlock detected' })
    expect(failed[0].error?.context).toMatch(/^while updating tuple \(0,\d\) in relation "t"$/)
    expect(failed[0].error?.detail).toMatch(
      /^Process \d+ waits for ShareLock on transaction \d+; blocked by process \d+\./,
    )
  })
})

describe('row locks', () => {
  const modes: readonly TupleLockMode[] = ['key share', 'share', 'no key exclusive', 'exclusive']

  /** Whether the second must wait for the first: rows and columns are in the order of `modes`. */
  const excludes = [
    [false, false, false, true],
    [false, false, true, true],
    [false, true, true, true],
    [true, true, true, true],
  ]

  for (const [i, held] of modes.entries()) {
    for (const [j, wanted] of modes.entries()) {
      test(`${held} and ${wanted}: ${excludes[i][j] ? 'one waits' : 'both at once'}`, () => {
        const { server, table } = serverWithRow()
        server.start(function* (session) {
          yield* session.begin()
          yield* lockRow(session, table, 1, held)
          yield* sleep(session, 50)
          yield* session.commit()
        })
        server.pass(5)
        const second = server.start(function* (session) {
          yield* session.begin()
          const result = yield* lockRow(session, table, 1, wanted)
          yield* session.commit()
          return result.status
        })
        server.pass(20)
        expect(second.done).toBe(!excludes[i][j])
        server.pass(100)
        expect(second.value).toBe('ok')
      })
    }
  }

  test('are skipped or fail at once if asked', () => {
    const { server, table } = serverWithRow()
    server.start(function* (session) {
      yield* session.begin()
      yield* lockRow(session, table, 1, 'exclusive')
      yield* sleep(session, 50)
      yield* session.commit()
    })
    server.pass(5)
    const skipping = server.start(session => lockRow(session, table, 1, 'exclusive', 'skip'))
    const failing = server.start(session => lockRow(session, table, 1, 'exclusive', 'error'))
    server.pass(5)
    expect(skipping.value).toEqual({ status: 'would-block' })
    expect(failing.error).toMatchObject({ sqlstate: '55P03', message: 'could not obtain lock on row in relation "t"' })
  })

  test('of many sharers hold an updater back until the last of them ends', () => {
    const { server, table } = serverWithRow()
    for (const duration of [30, 20, 40]) {
      server.start(function* (session) {
        yield* session.begin()
        yield* lockRow(session, table, 1, 'share')
        yield* sleep(session, duration)
        yield* session.commit()
      })
    }
    server.pass(5)
    const updater = server.start(session => session.update(table, 1, plus(1)))
    server.pass(33)
    expect(updater.done).toBe(false)
    server.pass(20)
    expect(updater.value).toBe(1)
    expect(server.transactions.multiXacts.nextMulti).toBeGreaterThan(2)
  })

  test('of key sharers let an update of other columns pass, and hold on to the new version', () => {
    const { server, table } = serverWithRow()
    server.start(function* (session) {
      yield* session.begin()
      yield* lockRow(session, table, 1, 'key share')
      yield* sleep(session, 50)
      yield* session.commit()
    })
    server.pass(5)
    const updater = server.start(session => session.update(table, 1, plus(1)))
    server.pass(5)
    expect(updater.value).toBe(1)
    const deleter = server.start(session => session.delete(table, 1))
    server.pass(5)
    expect(deleter.done).toBe(false)
    server.pass(100)
    expect(deleter.value).toBe(1)
  })
})

describe('a unique key', () => {
  test('that another inserts is waited for: taken if he commits, free if he does not', () => {
    for (const commits of [true, false]) {
      const { server, table } = serverWithRow()
      server.start(function* (session) {
        yield* session.begin()
        yield* session.insert(table, [7, 1])
        yield* sleep(session, 20)
        yield* commits ? session.commit() : session.rollback()
      })
      server.pass(5)
      const second = server.start(session => session.insert(table, [7, 2]))
      server.pass(5)
      expect(second.done).toBe(false)
      server.pass(50)
      expect(second.done).toBe(true)
      if (commits) {
        expect(second.error).toMatchObject({
          sqlstate: '23505',
          message: 'duplicate key value violates unique constraint "t_c0_key"',
          detail: 'Key (c0)=(7) already exists.',
        })
      } else expect(second.error).toBeUndefined()
    }
  })

  test('of a row that another deletes is free only when he commits', () => {
    const { server, table } = serverWithRow()
    server.start(function* (session) {
      yield* session.begin()
      yield* session.delete(table, 1)
      yield* sleep(session, 20)
      yield* session.commit()
    })
    server.pass(5)
    const second = server.start(session => session.insert(table, [1, 5]))
    server.pass(5)
    expect(second.done).toBe(false)
    server.pass(50)
    expect(second.error).toBeUndefined()
    server.run(function* (session) {
      expect(yield* session.select(table)).toEqual([[1, 5]])
    })
  })
})

describe('savepoints', () => {
  test('take back what came after them, locks too', () => {
    const { server, table } = serverWithRow()
    server.run(function* (session) {
      yield* session.begin()
      yield* session.insert(table, [2, 2])
      yield* session.savepoint('s')
      yield* session.insert(table, [3, 3])
      yield* session.update(table, 1, plus(5))
      expect(yield* session.select(table)).toContainEqual([1, 5])
      yield* session.rollbackTo('s')
      expect(yield* session.select(table)).toEqual([
        [1, 0],
        [2, 2],
      ])
      const free = server.run(other => other.update(table, 1, plus(7)))
      expect(free).toBe(1)
      yield* session.update(table, 1, plus(1))
      yield* session.commit()
    })
    server.run(function* (session) {
      expect(yield* session.select(table)).toEqual([
        [2, 2],
        [1, 8],
      ])
    })
  })

  test('that were released are part of the transaction', () => {
    const { server, table } = serverWithRow()
    const from = server.wal.insertLsn
    server.run(function* (session) {
      yield* session.begin()
      yield* session.savepoint('s')
      yield* session.insert(table, [3, 3])
      yield* session.statement('release', function* () {
        session.tx.release('s')
      })
      yield* session.commit()
      expect(yield* session.select(table)).toContainEqual([3, 3])
    })
    const commit = server.recordsSince(from).find(record => record.resourceManager === 1)
    expect(commit?.length).toBe(46)
  })
})
