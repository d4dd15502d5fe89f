// HOT chains, pruning, and what a vacuum leaves.

import { describe, expect, test } from 'vitest'
import type { Relation } from '../../../../src/runtime/simulated/access/relation.ts'
import type { Datum } from '../../../../src/runtime/simulated/access/tuple-descriptor.ts'
import { lineState } from '../../../../src/runtime/simulated/storage/page.ts'
import { forks } from '../../../../src/runtime/simulated/wal/record.ts'
import { blocksOf, descriptorOf, int4, type Session, SmallServer } from './small-server.ts'

const next = (row: readonly Datum[]) => [row[0], (row[1] as number) + 1]

function serverWithRow(): { server: SmallServer; table: Relation } {
  const server = new SmallServer()
  const table = server.table('t', descriptorOf(int4, int4), [[0]])
  server.run(session => session.insert(table, [1, 0]))
  return { server, table }
}

/** The states of a page's lines. */
function linesOf(server: SmallServer, table: Relation, block = 0): string[] {
  return server.machine.run(function* (me) {
    const buffer = yield* server.heap.services.pin(me, table, block)
    server.buffers.unpin(buffer)
    const names = Object.keys(lineState)
    return Array.from({ length: buffer.page.lineCount }, (_, i) => names[buffer.page.itemState(i + 1)])
  })
}

function vacuum(server: SmallServer, table: Relation) {
  return server.run(session => session.vacuum(table, 'auto')).state
}

describe('updates of a row again and again', () => {
  test('stay on one page and leave the index alone, because pruning makes room', () => {
    const { server, table } = serverWithRow()
    const entries = server.recordsSince(server.wal.insertLsn).length
    expect(entries).toBe(0)
    const from = server.wal.insertLsn
    server.run(function* (session) {
      for (let i = 0; i < 1000; i++) yield* session.update(table, 1, next)
      expect((yield* session.lookup(table, 1))?.row).toEqual([1, 1000])
    })
    expect([blocksOf(server, table), blocksOf(server, table.indexes[0])]).toEqual([1, 2])
    const managers = new Set(server.recordsSince(from).map(record => record.resourceManager))
    expect([...managers].sort((a, b) => a - b)).toEqual([1, 9, 10])
    expect(linesOf(server, table)[0]).toBe('redirect')
  })

  test('grow the table while a snapshot may still see the old versions', () => {
    const { server, table } = serverWithRow()
    const looker = server.start(function* (session: Session) {
      yield* session.begin('repeatable read')
      const first = yield* session.select(table)
      yield* session.me.sleep(10e9, 'test')
      expect(yield* session.select(table)).toEqual(first)
      expect((yield* session.lookup(table, 1))?.row).toEqual([1, 0])
      yield* session.commit()
    })
    server.pass(1)
    server.run(function* (session) {
      for (let i = 0; i < 1000; i++) yield* session.update(table, 1, next)
    })
    expect(blocksOf(server, table)).toBe(5)
    server.pass(20_000)
    expect([looker.done, looker.error]).toEqual([true, undefined])
  })
})

describe('a vacuum', () => {
  test('takes dead rows out of table and index, and makes their lines free', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4, int4), [[0]])
    server.run(function* (session) {
      yield* session.begin()
      for (let i = 0; i < 200; i++) yield* session.insert(table, [i, 0])
      yield* session.commit()
      yield* session.begin()
      for (let i = 0; i < 150; i++) yield* session.delete(table, i)
      yield* session.commit()
    })
    const result = vacuum(server, table)
    expect(result).toMatchObject({ removedTuples: 150, liveTuples: 50, indexScans: 1 })
    expect(result.indexResults).toMatchObject([{ removed: 150, tuples: 50, pages: 2 }])
    expect(linesOf(server, table).filter(state => state === 'normal').length).toBe(50)
    expect(linesOf(server, table).slice(0, 150)).toEqual(new Array(150).fill('unused'))
    expect(server.buffers.blockCount(table.locator, forks.freeSpaceMap)).toBe(3)
    expect(server.buffers.blockCount(table.locator, forks.visibilityMap)).toBe(1)
    server.run(function* (session) {
      expect((yield* session.select(table)).length).toBe(50)
      yield* session.insert(table, [1000, 0])
    })
    expect(linesOf(server, table)[0]).toBe('normal')
  })

  test('gives empty pages at the end back', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4, int4), [[0]])
    server.run(function* (session) {
      const { tx } = session
      yield* session.statement('fill', function* () {
        const rows = Array.from({ length: 2260 }, (_, i) => [i, 0])
        const tids = yield* server.heap.multiInsert(tx, table, rows)
        for (let i = 0; i < tids.length; i++) yield* server.btree.insert(tx, table.indexes[0], [i], tids[i], 'yes')
      })
      yield* session.begin()
      for (let i = 300; i < 2260; i++) yield* session.delete(table, i)
      yield* session.commit()
    })
    expect(blocksOf(server, table)).toBe(10)
    vacuum(server, table)
    expect(blocksOf(server, table)).toBe(2)
    server.crash()
    expect(blocksOf(server, table)).toBe(2)
    expect(server.run(session => session.select(table)).length).toBe(300)
  })

  test('leaves what a snapshot may still see', () => {
    const { server, table } = serverWithRow()
    server.start(function* (session) {
      yield* session.begin('repeatable read')
      yield* session.select(table)
      yield* session.me.sleep(1e9, 'test')
      yield* session.commit()
    })
    server.pass(1)
    server.run(session => session.delete(table, 1))
    expect(vacuum(server, table)).toMatchObject({ removedTuples: 0, recentlyDead: 1 })
    server.pass(2000)
    expect(vacuum(server, table)).toMatchObject({ removedTuples: 1, recentlyDead: 0 })
  })
})
