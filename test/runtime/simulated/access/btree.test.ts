// Btrees: order, splits, ranges in both directions, builds, duplicates, dead entries; and all that again after redo.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Bounds, Direction } from '../../../../src/runtime/simulated/access/btree.ts'
import type { Index, Relation } from '../../../../src/runtime/simulated/access/relation.ts'
import { makeTid, type Tid } from '../../../../src/runtime/simulated/access/tid.ts'
import type { Datum } from '../../../../src/runtime/simulated/access/tuple-descriptor.ts'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import { blocksOf, descriptorOf, int4, type Session, SmallServer, text } from './small-server.ts'

function newIndex(server: SmallServer, attributes: readonly number[], isUnique = false): Index {
  const table: Relation = server.table('t', descriptorOf(int4, text))
  const index = server.index(table, attributes, isUnique)
  server.run(function* (session) {
    yield* session.statement('create index', function* () {
      server.storage.create(session.me, index.locator, session.tx.xid())
      yield* server.btree.build(session.tx, index, () => undefined)
    })
  })
  return index
}

function* insertAll(session: Session, index: Index, entries: readonly { key: Datum[]; tid: Tid }[]): Coroutine {
  const { server, tx } = session
  yield* session.statement('insert', function* () {
    for (const { key, tid } of entries) yield* server.btree.insert(tx, index, key, tid, 'no')
  })
}

function* scanAll(session: Session, index: Index, bounds: Bounds = {}, direction: Direction = 'forward') {
  const { server, me } = session
  const found: { key: readonly Datum[]; tid: Tid }[] = []
  const scan = server.btree.beginScan(index, bounds, direction, { wantsKeys: true })
  for (let count = yield* scan.next(me); count > 0; count = yield* scan.next(me)) {
    for (let i = 0; i < count; i++) found.push({ key: scan.key(i), tid: scan.tids[i] })
  }
  return found
}

/** The numbers up to `count`, in an order of no meaning. */
function shuffled(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919) % count)
}

describe('an index', () => {
  test('gives keys in order that came in disorder, over many splits, and again after a crash', () => {
    const server = new SmallServer()
    const index = newIndex(server, [0])
    const keys = shuffled(5003)
    server.run(session =>
      insertAll(
        session,
        index,
        keys.map(key => ({ key: [key], tid: makeTid(key, 1) })),
      ),
    )
    const expected = [...keys].sort((a, b) => a - b)
    const check = function* (session: Session): Coroutine {
      expect((yield* scanAll(session, index)).map(({ key }) => key[0])).toEqual(expected)
      const backward = yield* scanAll(session, index, {}, 'backward')
      expect(backward.map(({ key }) => key[0])).toEqual([...expected].reverse())
    }
    server.run(check)
    expect(blocksOf(server, index)).toBeGreaterThan(15)
    server.crash()
    server.run(check)
  })

  test('is as full as the fill factor says where keys come in order', () => {
    const server = new SmallServer()
    const index = newIndex(server, [0])
    const entries = Array.from({ length: 3660 }, (_, i) => ({ key: [i], tid: makeTid(i, 1) }))
    server.run(session => insertAll(session, index, entries))
    // Meta page, root, and ten leaves of 366.
    expect(blocksOf(server, index)).toBe(12)
  })

  test('keeps equal keys in the order of their rows', () => {
    const server = new SmallServer()
    const index = newIndex(server, [0])
    const entries = shuffled(2000).map(i => ({ key: [i % 3], tid: makeTid(i, 1) }))
    server.run(session => insertAll(session, index, entries))
    server.run(function* (session) {
      const bound = { values: [1], inclusive: true }
      const found = yield* scanAll(session, index, { lower: bound, upper: bound })
      const expected = entries.filter(({ key }) => key[0] === 1).map(({ tid }) => tid)
      expect(found.map(({ tid }) => tid)).toEqual(expected.sort((a, b) => a - b))
    })
  })

  test('of texts and numbers finds any range in either direction', () => {
    const value = fc.integer({ min: 0, max: 6 })
    const key = fc.tuple(value, fc.option(fc.constantFrom('a', 'b', 'c', 'x'.repeat(900)), { nil: null }))
    const bound = fc.option(
      fc.record({
        values: fc.oneof(fc.tuple(value), fc.tuple(value, fc.constantFrom('a', 'b', 'c'))),
        inclusive: fc.boolean(),
      }),
      { nil: undefined },
    )
    const direction = fc.constantFrom<Direction>('forward', 'backward')
    const keys = fc.array(key, { maxLength: 120 })
    fc.assert(
      fc.property(keys, bound, bound, direction, (entries, lower, upper, direction) => {
        const server = new SmallServer()
        const index = newIndex(server, [0, 1])
        const all = entries.map((key, i) => ({ key: [...key] as Datum[], tid: makeTid(i, 1) }))
        server.run(session => insertAll(session, index, all))
        const found = server.run(session => scanAll(session, index, { lower, upper }, direction))
        const expected = all
          .sort((a, b) => compareKeys(a.key, b.key) || a.tid - b.tid)
          .filter(({ key }) => isWithin(key, lower, 1) && isWithin(key, upper, -1))
        if (direction === 'backward') expected.reverse()
        expect(found.map(({ tid }) => tid)).toEqual(expected.map(({ tid }) => tid))
      }),
      { numRuns: 60, seed: 3 },
    )
  })
})

function compareKeys(a: readonly Datum[], b: readonly Datum[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] === b[i]) continue
    if (a[i] === null) return 1
    if (b[i] === null) return -1
    return (a[i] as number) < (b[i] as number) ? -1 : 1
  }
  return 0
}

/** `sign` 1: not before the bound; -1: not behind it. A null is within no bound of its column. */
function isWithin(key: readonly Datum[], bound: Bounds['lower'], sign: number): boolean {
  if (!bound) return true
  if (bound.values.some((_, column) => key[column] === null)) return false
  const order = compareKeys(key, bound.values) * sign
  return order > 0 || (order === 0 && bound.inclusive)
}

describe('a build', () => {
  test('makes an index as large as PostgreSQL does, with every row once', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4, text))
    const index = server.index(table, [0], true)
    server.run(function* (session) {
      const { tx, me } = session
      yield* session.statement('fill', () =>
        server.heap.multiInsert(
          tx,
          table,
          shuffled(10_007).map(key => [key, 'row']),
        ),
      )
      yield* session.statement('create index', function* () {
        server.storage.create(me, index.locator, tx.xid())
        expect(yield* server.btree.build(tx, index, row => [row[0]])).toEqual({ entries: 10_007, rows: 10_007 })
      })
      // 28 leaves of 366, a root, the meta page.
      expect(blocksOf(server, index)).toBe(30)
      const keys = (yield* scanAll(session, index)).map(({ key }) => key[0])
      expect(keys).toEqual(Array.from({ length: 10_007 }, (_, i) => i))
    })
    server.crash()
    server.run(function* (session) {
      expect((yield* scanAll(session, index)).length).toBe(10_007)
    })
  })

  test('of a unique index fails on equal keys', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4, text))
    const index = server.index(table, [0], true)
    const handle = server.start(function* (session) {
      const { tx } = session
      yield* session.insert(table, [4, 'a'])
      yield* session.insert(table, [4, 'b'])
      yield* session.statement('create index', () => server.btree.build(tx, index, row => [row[0]]))
    })
    server.pass(100)
    expect(handle.error).toMatchObject({
      sqlstate: '23505',
      message: 'could not create unique index "t_c0_key"',
      detail: 'Key (c0)=(4) is duplicated.',
    })
  })
})

test('entries of rows that nobody will see make room before a page is split', () => {
  const server = new SmallServer()
  const table = server.table('t', descriptorOf(int4, int4), [[0]])
  const index = table.indexes[0]
  server.run(function* (session) {
    for (let key = 0; key < 400; key++) yield* session.insert(table, [key, 0])
    for (let key = 100; key < 300; key++) yield* session.delete(table, key)
    // Looking for them finds that they are dead.
    for (let key = 100; key < 300; key++) expect(yield* session.lookup(table, key)).toBeUndefined()
    for (let key = 1000; key < 1150; key++) yield* session.insert(table, [key, 0])
    expect(blocksOf(server, index)).toBe(2)
    expect((yield* scanAll(session, index)).length).toBe(350)
  })
})
