// Queues, conflicts, deadlocks, timeouts and messages of heavyweight locks.

import { describe, expect, test } from 'vitest'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import type { LockMode } from '../../../../src/runtime/simulated/locks/lock-mode.ts'
import { advisoryTag, relationTag } from '../../../../src/runtime/simulated/locks/lock-tag.ts'
import { type Session, SmallServer } from '../access/small-server.ts'

const a = relationTag(5, 1000)
const b = relationTag(5, 2000)
const c = relationTag(5, 3000)

/** Takes locks one after the other, each at its time in milliseconds, and then keeps all until the end. */
function taker(server: SmallServer, steps: readonly [number, typeof a, LockMode][], until: number) {
  const taken: number[] = []
  const handle = server.start(function* (session) {
    const { me, proc } = session
    proc.lastStatement = `lock of ${proc.pid}`
    for (const [at, tag, mode] of steps) {
      yield* sleepUntil(session, at)
      yield* server.locks.acquire(proc, tag, mode)
      taken.push(me.now() / 1e6)
    }
    yield* sleepUntil(session, until)
  })
  return { handle, taken }
}

function* sleepUntil({ me }: Session, milliseconds: number): Coroutine {
  if (milliseconds * 1e6 > me.now()) yield* me.sleep(milliseconds * 1e6 - me.now(), 'test')
}

function logOf(server: SmallServer) {
  return server.machine.events.flatMap(event => (event.kind === 'log.line' ? [event] : []))
}

describe('a queue', () => {
  test('is served in order, and nobody overtakes one whom he would exclude', () => {
    const server = new SmallServer()
    taker(server, [[0, a, 1]], 100)
    const exclusive = taker(server, [[10, a, 8]], 200)
    const shared = taker(server, [[20, a, 1]], 300)
    server.pass(400)
    expect(exclusive.taken[0]).toBeCloseTo(100, 0)
    expect(shared.taken[0]).toBeCloseTo(200, 0)
  })

  test('lets one in front who holds what the first waits for', () => {
    const server = new SmallServer()
    const first = taker(
      server,
      [
        [0, a, 3],
        [20, a, 5],
      ],
      100,
    )
    const second = taker(server, [[10, a, 8]], 200)
    server.pass(400)
    expect(first.taken[1]).toBeCloseTo(20, 0)
    expect(second.taken[0]).toBeCloseTo(100, 0)
  })

  test('goes on when one who waits gives up', () => {
    const server = new SmallServer({ settings: { lock_timeout: '50ms' } })
    taker(server, [[0, a, 1]], 500)
    const exclusive = taker(server, [[10, a, 8]], 600)
    const shared = taker(server, [[20, a, 1]], 300)
    server.pass(400)
    expect(exclusive.handle.error).toMatchObject({
      sqlstate: '55P03',
      message: 'canceling statement due to lock timeout',
    })
    expect(shared.taken[0]).toBeCloseTo(60, 0)
  })
})

describe('a deadlock', () => {
  test('of two is found by the first whose timeout comes after the circle closed', () => {
    const server = new SmallServer()
    const first = taker(
      server,
      [
        [0, a, 8],
        [100, b, 8],
      ],
      5000,
    )
    const second = taker(
      server,
      [
        [0, b, 8],
        [600, a, 8],
      ],
      5000,
    )
    server.pass(2000)
    expect(second.handle.error).toBeUndefined()
    expect(second.taken[1]).toBeCloseTo(1100, 0)
    expect(first.handle.error).toMatchObject({ sqlstate: '40P01', message: 'deadlock detected' })
    expect(first.handle.error?.detail).toMatch(
      /^Process (\d+) waits for AccessExclusiveLock on relation 2000 of database 5; blocked by process (\d+)\.\nProcess \2 waits for AccessExclusiveLock on relation 1000 of database 5; blocked by process \1\.$/,
    )
    expect(first.handle.error?.detailLog).toMatch(/\nProcess \d+: lock of \d+\nProcess \d+: lock of \d+$/)
    expect(first.handle.error?.hint).toBe('See server log for query details.')
  })

  test('of three', () => {
    const server = new SmallServer()
    const takers = [
      taker(
        server,
        [
          [0, a, 8],
          [10, b, 8],
        ],
        100,
      ),
      taker(
        server,
        [
          [0, b, 8],
          [20, c, 8],
        ],
        100,
      ),
      taker(
        server,
        [
          [0, c, 8],
          [30, a, 8],
        ],
        100,
      ),
    ]
    server.pass(5000)
    const failed = takers.filter(each => each.handle.error)
    expect(failed.map(each => each.handle.error?.message)).toEqual(['deadlock detected'])
    expect(failed[0].handle.error?.detail?.split('\n').length).toBe(3)
  })

  test('of two who wait for each other at one lock is seen at once', () => {
    const server = new SmallServer()
    const first = taker(
      server,
      [
        [0, a, 1],
        [10, a, 8],
      ],
      100,
    )
    const second = taker(
      server,
      [
        [0, a, 1],
        [20, a, 8],
      ],
      100,
    )
    server.pass(500)
    expect(second.handle.error?.message).toBe('deadlock detected')
    expect(first.taken[1]).toBeCloseTo(20, 0)
  })

  test('is none where another order of the queue lets all go on', () => {
    // The second waits behind the third only because it came later: turned around, all can go on.
    const server = new SmallServer({ settings: { log_lock_waits: 'on' } })
    const holder = taker(
      server,
      [
        [0, a, 1],
        [30, b, 8],
      ],
      100,
    )
    const exclusive = taker(server, [[10, a, 8]], 200)
    const third = taker(
      server,
      [
        [5, b, 8],
        [20, a, 1],
      ],
      300,
    )
    server.pass(3000)
    expect([holder, exclusive, third].map(each => each.handle.error)).toEqual([undefined, undefined, undefined])
    expect(logOf(server).map(line => line.message)).toContainEqual(
      expect.stringMatching(/^process \d+ avoided deadlock for .* by rearranging queue order after 1000\.\d{3} ms$/),
    )
  })
})

test('log_lock_waits tells of the wait and of its end', () => {
  const server = new SmallServer({ settings: { log_lock_waits: 'on' } })
  taker(server, [[0, a, 8]], 1783)
  taker(server, [[0, a, 8]], 0)
  server.pass(3000)
  const [waiting, acquired] = logOf(server)
  expect(waiting.message).toMatch(
    /^process \d+ still waiting for AccessExclusiveLock on relation 1000 of database 5 after 1000\.\d{3} ms$/,
  )
  expect(waiting.detail).toMatch(/^Process holding the lock: \d+\. Wait queue: \d+\.$/)
  expect(acquired.message).toMatch(
    /^process \d+ acquired AccessExclusiveLock on relation 1000 of database 5 after 178\d\.\d{3} ms$/,
  )
  expect(acquired.detail).toBeUndefined()
})

test('advisory locks of a session outlive transactions and count', () => {
  const server = new SmallServer()
  const tag = advisoryTag(5, 0, 42, 1)
  server.run(function* ({ proc }) {
    expect(server.locks.tryAcquire(proc, tag, 7, { session: true })).toBe(true)
    expect(server.locks.tryAcquire(proc, tag, 7, { session: true })).toBe(true)
    server.locks.releaseAll(proc, 'transaction')
    expect(server.locks.list().length).toBe(1)
    expect(server.locks.release(proc, tag, 7, { session: true })).toBe(true)
    expect(server.locks.list().length).toBe(1)
    expect(server.locks.release(proc, tag, 7, { session: true })).toBe(true)
    expect(server.locks.release(proc, tag, 7, { session: true })).toBe(false)
    expect(server.locks.list()).toEqual([])
  })
})

describe('room in shared memory', () => {
  const takeAdvisory = (server: SmallServer, count: number) => {
    const taken = { count: 0, error: undefined as unknown }
    server.start(function* ({ proc }) {
      try {
        for (; taken.count < count; taken.count++) {
          yield* server.locks.acquire(proc, advisoryTag(5, 0, taken.count, 1), 7)
        }
      } catch (error) {
        taken.error = error
      }
    })
    server.pass(10)
    return taken
  }

  test('a real 15 with its defaults has room for 12,784 advisory locks of one session', () => {
    const taken = takeAdvisory(new SmallServer(), 20_000)
    expect(Math.abs(taken.count - 12_784) / 12_784).toBeLessThan(0.03)
    expect(taken.error).toMatchObject({ sqlstate: '53200', message: 'out of shared memory' })
  })

  test('what was given back is room again', () => {
    const server = new SmallServer()
    let rounds = 0
    server.start(function* ({ proc }) {
      for (; rounds < 5; rounds++) {
        for (let key = 0; key < 8000; key++) {
          yield* server.locks.acquire(proc, advisoryTag(5, rounds, key, 1), 7)
        }
        server.locks.releaseAll(proc, 'transaction')
      }
    })
    server.pass(10)
    expect(rounds).toBe(5)
  })

  test('the first 16 weak locks on relations are kept by the backend, until somebody wants a strong one', () => {
    const server = new SmallServer()
    server.start(function* (session) {
      for (let each = 0; each < 20; each++) yield* server.locks.acquire(session.proc, relationTag(5, 1000 + each), 1)
      yield* sleepUntil(session, 100)
    })
    server.pass(5)
    expect(server.locks.list().filter(lock => lock.fastPath)).toHaveLength(16)
    taker(server, [[0, relationTag(5, 1003), 8]], 50)
    server.pass(5)
    expect(server.locks.list().find(lock => lock.tag.relation === 1003)?.fastPath).toBe(false)
  })
})
