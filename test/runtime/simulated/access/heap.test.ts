// Rows, their versions and who sees them.

import { describe, expect, test } from 'vitest'
import { recordHeaderSize } from '../../../../src/runtime/simulated/wal/record.ts'
import { blocksOf, descriptorOf, int4, SmallServer, text } from './small-server.ts'

describe('a table', () => {
  test('keeps what is inserted, with nulls and texts', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4, text, int4))
    const rows = [
      [1, 'one', 1],
      [2, null, 2],
      [3, 'x'.repeat(300), null],
    ]
    server.run(function* (session) {
      for (const row of rows) yield* session.insert(table, row)
      expect(yield* session.select(table)).toEqual(rows)
    })
  })

  test('has as many rows a page as PostgreSQL', () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4, int4))
    server.run(function* (session) {
      yield* session.begin()
      for (let i = 0; i < 226; i++) yield* session.insert(table, [i, i])
      expect(blocksOf(server, table)).toBe(1)
      yield* session.insert(table, [226, 226])
      expect(blocksOf(server, table)).toBe(2)
      yield* session.commit()
    })
  })

  test("writes records of PostgreSQL's sizes", () => {
    const server = new SmallServer()
    const table = server.table('t', descriptorOf(int4, int4))
    server.run(function* (session) {
      yield* session.insert(table, [1, 1])
    })
    const from = server.wal.insertLsn
    server.run(function* (session) {
      yield* session.insert(table, [2, 2])
      yield* session.update(table, 2, row => [row[0], 3])
      yield* session.delete(table, 1)
    })
    expect(recordHeaderSize).toBe(24)
    const lengths = server.recordsSince(from).map(record => [record.resourceManager, record.info, record.length])
    expect(lengths).toEqual([
      [10, 0x00, 63],
      [1, 0x00, 34],
      [10, 0x40, 71],
      [1, 0x00, 34],
      [10, 0x10, 54],
      [1, 0x00, 34],
    ])
  })
})
