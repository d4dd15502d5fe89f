// Vacuum of a btree: entries go, empty pages leave the tree and come back into use; beside others who read and insert,
// and all that again after redo.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Direction, IndexVacuumResult } from '../../../../src/runtime/simulated/access/btree.ts'
import type { Index } from '../../../../src/runtime/simulated/access/relation.ts'
import { makeTid, type Tid } from '../../../../src/runtime/simulated/access/tid.ts'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import { blocksOf, descriptorOf, int4, type Session, SmallServer, text } from './small-server.ts'

/** Of seven a page is full, so that few keys make a high tree. */
function keyOf(number: number): string {
  return String(number).padStart(1000, '0')
}

function tidOf(number: number): Tid {
  return makeTid(number, 1)
}

function newIndex(server: SmallServer): Index {
  const index = server.index(server.table('t', descriptorOf(int4, text)), [1], false)
  server.run(function* (session) {
    yield* session.statement('create index', function* () {
      server.storage.create(session.me, index.locator, session.tx.xid())
      yield* server.btree.build(session.tx, index, () => undefined)
    })
  })
  return index
}

function* insert(session: Session, index: Index, numbers: readonly number[]): Coroutine {
  const { server, tx } = session
  yield* session.statement('insert', function* () {
    for (const number of numbers) yield* server.btree.insert(tx, index, [keyOf(number)], tidOf(number), 'no')
  })
}

function* vacuum(
  { server, me }: Session,
  index: Index,
  numbers: readonly number[],
): Coroutine<IndexVacuumResult | undefined> {
  const gone = new Set(numbers.map(tidOf))
  const work = { me, index, delayPoint: () => me.pause() }
  const result = gone.size === 0 ? undefined : yield* server.btree.bulkDelete(work, undefined, tid => gone.has(tid))
  const cleaned = yield* server.btree.vacuumCleanup(work, result)
  yield* server.wal.flush(me, server.wal.endLsn)
  return cleaned
}

function* numbersOf({ server, me }: Session, index: Index, direction: Direction = 'forward'): Coroutine<number[]> {
  const numbers: number[] = []
  const scan = server.btree.beginScan(index, {}, direction, { wantsKeys: true })
  for (let count = yield* scan.next(me); count > 0; count = yield* scan.next(me)) {
    for (let i = 0; i < count; i++) numbers.push(Number(scan.key(i)[0]))
    yield* me.waitLatch({ until: me.now() + 1000, waitEvent: 'Test' })
  }
  return numbers
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function expectNumbers(server: SmallServer, index: Index, expected: readonly number[]): void {
  server.run(function* (session) {
    expect(yield* numbersOf(session, index)).toEqual(expected)
    expect(yield* numbersOf(session, index, 'backward')).toEqual([...expected].reverse())
  })
}

describe('a vacuum of an index', () => {
  test('takes empty leaves, and what stands above them, out of the tree; also in redo', () => {
    const server = new SmallServer()
    const index = newIndex(server)
    server.run(session => insert(session, index, range(0, 400)))
    const kept = [...range(0, 5), ...range(395, 400)]
    const result = server.run(session => vacuum(session, index, range(5, 395)))!
    expect(result).toMatchObject({ removed: 390, tuples: 10, pages: blocksOf(server, index), free: 0 })
    // The rest is the meta page, and the way to the first leaves and to the last.
    expect(result.deleted).toBeGreaterThan(result.pages - 14)
    expectNumbers(server, index, kept)
    server.crash()
    expectNumbers(server, index, kept)
    server.run(session => insert(session, index, range(100, 300)))
    expectNumbers(server, index, [...range(0, 5), ...range(100, 300), ...range(395, 400)])
  })

  test('gives pages out again as soon as nobody can be on the way to them', () => {
    const server = new SmallServer()
    const index = newIndex(server)
    server.run(session => insert(session, index, range(0, 400)))
    const pages = blocksOf(server, index)
    server.run(session => vacuum(session, index, range(0, 390)))
    const early = server.run(session => vacuum(session, index, []))!
    expect(early).toMatchObject({ newlyDeleted: 0, free: 0, isEstimated: true })
    // A transaction passes.
    server.run(session => insert(session, index, [1000]))
    expect(server.run(session => vacuum(session, index, []))).toMatchObject({
      deleted: early.deleted,
      free: early.deleted,
    })
    server.run(session => insert(session, index, range(1001, 1350)))
    expect(blocksOf(server, index)).toBe(pages)
    server.crash()
    expectNumbers(server, index, [...range(390, 400), ...range(1000, 1350)])
  })

  test('does not lead those astray who are on their way', () => {
    const server = new SmallServer()
    const index = newIndex(server)
    server.run(session => insert(session, index, range(0, 400)))
    const scans: number[][] = []
    const kept = [3, 111, 222, 333, 399]
    const inserted = [50, 51, 52, 150, 250, 350].flatMap(start => range(start * 1000, start * 1000 + 20))
    const look = (direction: Direction) => (session: Session) =>
      session.statement('look', function* () {
        session.tx.pushActiveSnapshot(session.tx.snapshot())
        scans.push(yield* numbersOf(session, index, direction))
        session.tx.popActiveSnapshot()
      })
    server.start(look('forward'))
    server.start(look('backward'))
    server.start(session => insert(session, index, inserted))
    server.run(function* (session) {
      yield* vacuum(
        session,
        index,
        range(0, 400).filter(number => !kept.includes(number)),
      )
    })
    server.pass(1000)
    expect(scans.length).toBe(2)
    for (const scan of scans) expect(scan.filter(number => kept.includes(number)).sort((a, b) => a - b)).toEqual(kept)
    expectNumbers(server, index, [...kept, ...inserted])
  })

  test('leaves what it should, whatever comes and goes', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 150 })
    fc.assert(
      fc.property(fc.array(fc.tuple(numbers, numbers, fc.boolean()), { minLength: 1, maxLength: 5 }), rounds => {
        const server = new SmallServer()
        const index = newIndex(server)
        const model = new Set<number>()
        for (const [added, removed, crashes] of rounds) {
          const missing = added.filter(number => !model.has(number))
          server.run(session => insert(session, index, missing))
          for (const number of missing) model.add(number)
          server.run(session => vacuum(session, index, removed))
          for (const number of removed) model.delete(number)
          if (crashes) server.crash()
          expectNumbers(
            server,
            index,
            [...model].sort((a, b) => a - b),
          )
        }
      }),
      { numRuns: 20, seed: 4 },
    )
  })
})
